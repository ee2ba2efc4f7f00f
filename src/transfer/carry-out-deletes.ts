/**
 * Deletes what a search has written down, list by list from the last one back, and writes a line of the report for each object.
 * A list whose lines are not written is begun again: of what is gone by then it is known that this run has deleted it.
 */
import { addKept, type CarryOutRequest, type CarryOutResult } from '../domain/deletes';
import { isTransferError, type TransferError } from '../domain/transfer-error';
import type { KeySpan } from '../domain/key-order';
import { sourceKeyOf, type Transfer } from '../domain/transfer';
import { concurrently } from './concurrently';
import { countsOf, openStores, type Candidate } from './delete-candidates';
import { deleteKey, type DeleteLine } from './delete-key';
import { readList, type DeleteList } from './delete-lists';
import type { Engine } from './engine';
import { readGroup } from './report-groups';
import { groupOf, packSegment } from './report-names';
import { PackedLines, writeScan, writeSegment, type ReportFiles } from './report-store';
import { retrying } from './retry';

type Counts = Pick<CarryOutResult, 'deleted' | 'failed' | 'kept'>;

/** What is left: the list to do next, and what those after it have come to. */
export interface CarryOutCursor extends Counts {
  readonly list: number;
  readonly digest: string;
}

export interface CarryOutOptions {
  /** Ends what is in flight, writes its lines, and returns. */
  readonly stop?: AbortSignal;
  /** Those before this one may have deleted what they have not reported. @default 1 */
  readonly attempt?: number;
  /** What might pass ends it as well: nobody will try again. */
  readonly lastAttempt?: boolean;
  readonly from?: CarryOutCursor | undefined;
  /** The lines of all lists after it are written. */
  readonly onCursor?: (cursor: CarryOutCursor) => void;
}

const DELETES_AT_ONCE = 32;
const NONE: Counts = { deleted: 0, failed: 0, kept: {} };

export async function carryOutDeletes(
  request: CarryOutRequest,
  engine: Pick<Engine, 'openStore'>,
  files: ReportFiles,
  { stop, attempt = 1, lastAttempt = false, from, onCursor = () => undefined }: CarryOutOptions = {},
): Promise<CarryOutResult> {
  const { transfer, run, lane } = request;
  const stores = openStores(transfer, engine);
  let cursor: CarryOutCursor = from ?? { list: request.lists, digest: request.digest, ...NONE };
  while (cursor.list > 0) {
    const { list, digest } = cursor;
    const place = { run: run.id, lane, list, digest };
    const group = { run: run.id, group: groupOf(lane, list) };
    const retried = attempt > 1;
    const known = retried ? await readGroup(files, run.id, group.group) : [];
    const lines = new Map(known.map((line) => [line.key, line as DeleteLine]));
    let deletes: DeleteList | undefined;
    let failure: unknown;
    try {
      deletes = await readList(files, place);
      // A HEAD has no body that could tell a key that is gone from a bucket that is.
      await retrying(() => stores.source.checkBucket());
      await concurrently(deletes.candidates, DELETES_AT_ONCE, async (candidate) => {
        const key = sourceKeyOf(transfer, candidate.key);
        if (stop?.aborted === true || lines.has(key)) return;
        lines.set(key, await deleteKey(candidate, stores, retried));
      });
    } catch (error) {
      failure = error;
    }
    const all = (deletes?.candidates ?? []).flatMap(({ key }) => lines.get(sourceKeyOf(transfer, key)) ?? []);
    if (deletes !== undefined && all.length > 0) {
      await writeScan(files, group, spanOf(deletes.candidates, transfer), new PackedLines());
      // A name for each attempt: one that is thought dead, and writes on, replaces nothing.
      await writeSegment(files, packSegment({ ...group, pack: 'deletes', sequence: 1, segment: 1, attempt }), all);
    }
    const counts = sumOf(cursor, all);
    if (failure !== undefined) return failedWith(failure, counts, lastAttempt);
    if (deletes === undefined || all.length < deletes.candidates.length) return { complete: false, ...counts };
    cursor = { list: list - 1, digest: deletes.before, ...counts };
    onCursor(cursor);
  }
  return { complete: true, deleted: cursor.deleted, failed: cursor.failed, kept: cursor.kept };
}

function spanOf(candidates: readonly Candidate[], transfer: Transfer): KeySpan {
  const [first, last] = [candidates[0], candidates.at(-1)];
  if (first === undefined || last === undefined) return {};
  return { first: sourceKeyOf(transfer, first.key), last: sourceKeyOf(transfer, last.key) };
}

function sumOf({ deleted, failed, kept }: Counts, lines: readonly DeleteLine[]): Counts {
  const of = (outcome: DeleteLine['outcome']) => lines.filter((line) => line.outcome === outcome).length;
  const reasons = lines.flatMap((line) => (line.outcome === 'kept' ? [line.reason] : []));
  return {
    deleted: deleted + of('deleted'),
    failed: failed + of('failed'),
    kept: addKept(kept, countsOf(reasons)),
  };
}

/** What has been done counts, whatever came after. */
function failedWith(error: unknown, counts: Counts, lastAttempt: boolean): CarryOutResult {
  if (!isTransferError(error) || (error.retryable && !lastAttempt)) throw error;
  const { code, message }: TransferError = error;
  return { complete: false, ...counts, failure: { code, message } };
}
