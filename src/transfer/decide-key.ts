/** Decides one listed key, so that a key which cannot be decided fails alone. */
import type { FailedLine, SkippedLine } from '../domain/report-line';
import { decideCopy, type CopyReason } from '../domain/copy-decision';
import type { Transfer } from '../domain/transfer';
import { endsEveryObject, isTransferError } from '../domain/transfer-error';
import { look, type FinalDecision, type KnownTarget } from './look';
import type { ListedObject, ObjectStore } from './object-store';
import { assertNotTooLarge, assertReadable, checkedTargetKey, isArchived } from './open-transfer';
import type { JoinedKey } from './join-listings';
import type { LedgerEntry } from './ledger';
import { retrying } from './retry';

export interface DecideContext {
  readonly transfer: Transfer;
  readonly force: boolean;
  readonly source: ObjectStore;
  readonly target: ObjectStore;
}

export type KeyDecision =
  | { readonly kind: 'copy'; readonly reason: CopyReason; readonly targetKey: string; readonly found?: KnownTarget }
  | { readonly kind: 'settled'; readonly line: SkippedLine | FailedLine; readonly found?: KnownTarget };

/** From the two listings and the ledger alone, without waiting for anything; undefined: they do not suffice. */
export function decideListed(
  object: ListedObject,
  context: DecideContext,
  targetListed: JoinedKey['target'],
  ledger?: LedgerEntry,
): KeyDecision | undefined {
  if (targetListed === undefined || isArchived(object)) return undefined;
  const { transfer, force: forced, target } = context;
  const found = targetListed ?? undefined;
  const decision = decideCopy({
    ...{ forced, source: object },
    ...(found === undefined ? {} : { target: found }),
    ...(ledger === undefined ? {} : { ledger }),
  });
  if (decision.kind === 'look') return undefined;
  try {
    const targetKey = checkedTargetKey(transfer, object.key, target);
    const decided = decidedBy(decision, { object, context, targetKey, found });
    if (decided.kind === 'copy') assertNotTooLarge(object.key, object.size);
    return decided;
  } catch (error) {
    if (!isTransferError(error)) throw error;
    return { kind: 'settled', line: failedLine(object, error) };
  }
}

interface Decided {
  readonly object: ListedObject;
  readonly context: DecideContext;
  readonly targetKey: string;
  readonly found: KnownTarget | undefined;
}

function decidedBy(decision: FinalDecision, { object, context, targetKey, found }: Decided): KeyDecision {
  const there = found === undefined ? {} : { found };
  const never = context.transfer.overwrite === 'never' && found !== undefined;
  if (decision.kind === 'copy' && !never) return { kind: 'copy', reason: decision.reason, targetKey, ...there };
  const { key, size, etag: sourceEtag } = object;
  const reason = decision.kind === 'skip' ? decision.reason : 'neverOverwrite';
  const targetEtag = found === undefined ? {} : { targetEtag: found.etag };
  return { kind: 'settled', line: { outcome: 'skipped', reason, key, size, sourceEtag, ...targetEtag }, ...there };
}

/** `targetListed`: as a walk of both sides has met it. `ledger`: what the last run knew of the key. */
export async function decideKey(
  object: ListedObject,
  context: DecideContext,
  targetListed?: JoinedKey['target'],
  ledger?: LedgerEntry,
): Promise<KeyDecision> {
  const { transfer, force, source, target } = context;
  const { key, size } = object;
  const atOnce = decideListed(object, context, targetListed, ledger);
  if (atOnce !== undefined) return atOnce;
  try {
    const targetKey = checkedTargetKey(transfer, key, target);
    const { decision, target: found } = await retrying(() =>
      look({ source, target, sourceKey: key, targetKey, listed: object, forced: force, targetListed, ledger }),
    );
    const decided = decidedBy(decision, { object, context, targetKey, found });
    if (decided.kind === 'copy') {
      await assertRestored(source, object);
      assertNotTooLarge(key, size);
    }
    return decided;
  } catch (error) {
    if (!(await concernsOneObject(error, context))) throw error;
    return { kind: 'settled', line: failedLine(object, error) };
  }
}

/** A listing shows the storage class, but not that an archived object has been restored. */
async function assertRestored(source: ObjectStore, object: ListedObject): Promise<void> {
  if (!isArchived(object)) return;
  assertReadable(object.key, (await retrying(() => source.head({ key: object.key }))) ?? object);
}

export function failedLine(object: Pick<ListedObject, 'key' | 'size' | 'etag'>, error: unknown): FailedLine {
  const { key, size, etag: sourceEtag } = object;
  const code = isTransferError(error) ? error.code : 'Unknown';
  const message = error instanceof Error ? error.message : String(error);
  return { outcome: 'failed', key, size, sourceEtag, code, message };
}

/**
 * Refused credentials and missing buckets are no object's fault: every other object would fail the same way. Where the
 * retries of one object are used up, an answer of both buckets tells a bad object from an outage.
 */
export async function concernsOneObject(
  error: unknown,
  { source, target }: Pick<DecideContext, 'source' | 'target'>,
): Promise<boolean> {
  // A store that is asked to do less than it is asked for says nothing of the object.
  if (!isTransferError(error) || endsEveryObject(error.code) || error.code === 'Throttled') return false;
  if (!error.retryable) return true;
  const canary = Promise.all([source.checkBucket(), target.checkBucket()]);
  return canary.then(
    () => true,
    () => false,
  );
}
