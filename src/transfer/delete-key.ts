/** Deletes one object that a search has found, if all that spoke for it holds still; never throws for what concerns it alone. */
import type { DeletedLine, FailedLine, KeptLine } from '../domain/report-line';
import { isTransferError } from '../domain/transfer-error';
import { sourceKeyOf } from '../domain/transfer';
import { concernsOneObject, failedLine } from './decide-key';
import type { Candidate } from './delete-candidates';
import type { JoinedStores } from './join-listings';
import { judgeDelete, type DeleteVerdict } from './judge-delete';
import { retrying } from './retry';

export type DeleteLine = DeletedLine | KeptLine | FailedLine;

type Kept = Extract<DeleteVerdict, { kind: 'keep' }>;

/** `retried`: an attempt before may have deleted it and not said so. */
export async function deleteKey(candidate: Candidate, stores: JoinedStores, retried: boolean): Promise<DeleteLine> {
  const { key: targetKey, etag: targetEtag, size, sourceEtag } = candidate;
  const facts = { key: sourceKeyOf(stores.transfer, targetKey), size, sourceEtag, targetKey, targetEtag };
  const verdict = await judgeDelete(candidate, stores);
  try {
    const kept = verdict.kind === 'keep' ? verdict : await deleted(candidate, stores);
    if (kept === undefined || (retried && kept.reason === 'gone')) return { outcome: 'deleted', ...facts };
    const { reason, cause } = kept;
    return { outcome: 'kept', reason, ...facts, ...(cause === undefined ? {} : { message: cause.message }) };
  } catch (error) {
    if (!(await concernsOneObject(error, stores))) throw error;
    return failedLine({ key: facts.key, size, etag: sourceEtag }, error);
  }
}

/** Undefined: it is gone now. Some stores say of what is gone that the condition does not hold, as after a lost answer. */
async function deleted({ key, etag }: Candidate, { target }: JoinedStores): Promise<Kept | undefined> {
  try {
    await retrying(() => target.delete({ key, etag }));
  } catch (error) {
    if (!isTransferError(error, 'PreconditionFailed')) throw error;
    const there = await retrying(() => target.head({ key }));
    if (there?.etag === etag) throw error;
    if (there !== undefined) return { kind: 'keep', reason: 'changed' };
  }
  return undefined;
}
