/** A copy may replace only what it was decided against: a writer who was thought dead then cannot undo a newer copy. */
import type { CopyTask } from '../domain/copy-task';
import type { WriteCondition } from './object-store';

export function conditionOf({ replaces, targetKey, pinned }: Pick<CopyTask, 'replaces' | 'targetKey' | 'pinned'>): {
  readonly condition?: WriteCondition;
} {
  // An empty folder key has nothing that could be undone; and a store of folders has it as soon as something stands below it.
  if (targetKey.endsWith('/') && pinned.size === 0) return {};
  return { condition: replaces === undefined ? { absent: true } : { etag: replaces } };
}
