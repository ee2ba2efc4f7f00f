/** What the store holds of each object of a job: its parts and their bytes. */
import type { CopyTask, PartsProgress } from '../domain/copy-task';
import { isTransferError } from '../domain/transfer-error';
import type { Engine } from './engine';
import { storedParts } from './stored-parts';

/** As an attempt tells it. */
export interface StoredTold extends PartsProgress {
  /** Of each object of a job that several share, by its source key: bytes. */
  readonly each?: Readonly<Record<string, number>>;
}

/** Where the store does not answer for one, as it was `last`. */
export async function countStored(
  tasks: readonly CopyTask[],
  engine: Engine,
  last: readonly PartsProgress[],
): Promise<readonly PartsProgress[]> {
  return Promise.all(
    tasks.map((task, i) =>
      countOf(task, engine).catch((error: unknown) => {
        if (isTransferError(error)) return last[i] ?? NOTHING;
        throw error;
      }),
    ),
  );
}

async function countOf({ target, targetKey, uploadId, plan }: CopyTask, engine: Engine): Promise<PartsProgress> {
  const upload = { key: targetKey, uploadId: uploadId ?? '' };
  const sizes = [...(await storedParts(engine.openStore(target), upload, plan)).values()].map(({ size }) => size);
  return { parts: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

const NOTHING: PartsProgress = { parts: 0, bytes: 0 };

/** As an earlier attempt has told it: of several it tells their bytes alone. */
export function storedAsTold(
  tasks: readonly CopyTask[],
  told: Partial<StoredTold> | undefined,
): readonly PartsProgress[] {
  const { parts = 0, bytes = 0, each } = told ?? {};
  if (tasks.length === 1) return [{ parts, bytes }];
  return tasks.map(({ pinned: { key } }) => ({ parts: 0, bytes: each?.[key] ?? 0 }));
}
