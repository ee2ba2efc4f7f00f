/** Walks all of target and source for what is to be deleted, and writes it down; goes on at its cursor. Deletes nothing. */
import { addKept, type DeleteRound, type DeletesFound } from '../domain/deletes';
import { deleteCandidates, openStores, type Candidate } from './delete-candidates';
import { digestOf, NO_DIGEST, writeList } from './delete-lists';
import type { Engine } from './engine';
import type { ReportFiles } from './report-store';

/** All up to `startAfter`, a key of the target, is in the lists. */
export interface FindCursor extends DeletesFound {
  readonly startAfter?: string;
}

export interface FindOptions {
  readonly signal?: AbortSignal;
  readonly from?: FindCursor | undefined;
  /** The lists that a cursor relies on are written. */
  readonly onCursor?: (cursor: FindCursor) => void;
  /** Of one list; they are held in memory. @default 10_000 */
  readonly listObjects?: number;
  /** At the latest after so many keys of the target the cursor moves. @default 100_000 */
  readonly cursorKeys?: number;
  /** See `deleteCandidates`. */
  readonly chunkKeys?: number;
}

const NOTHING: DeletesFound = { count: 0, digest: NO_DIGEST, lists: 0, kept: {} };

export async function findDeletes(
  { transfer, run, lane }: DeleteRound,
  engine: Pick<Engine, 'openStore'>,
  files: ReportFiles,
  options: FindOptions = {},
): Promise<DeletesFound> {
  const { from, onCursor = () => undefined, listObjects = 10_000, cursorKeys = 100_000, ...walk } = options;
  const { startAfter, ...before }: FindCursor = from ?? NOTHING;
  let found: DeletesFound = before;
  let pending: Candidate[] = [];
  let walked = 0;
  const writeDown = async () => {
    if (pending.length === 0) return;
    const digest = digestOf(pending, found.digest);
    const list = found.lists + 1;
    await writeList(files, { run: run.id, lane, list, digest }, { before: found.digest, candidates: pending });
    found = { ...found, digest, lists: list, count: found.count + pending.length };
    pending = [];
  };
  const where = { ...walk, ...(startAfter === undefined ? {} : { startAfter }) };
  for await (const chunk of deleteCandidates(openStores(transfer, engine), where)) {
    pending.push(...chunk.candidates);
    found = { ...found, kept: addKept(found.kept, chunk.kept) };
    walked += chunk.walked;
    if (pending.length < listObjects && walked < cursorKeys) continue;
    await writeDown();
    walked = 0;
    onCursor({ ...found, startAfter: chunk.last });
  }
  await writeDown();
  return found;
}
