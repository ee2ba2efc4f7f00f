/** Looks at one object of the target that the source's listing lacks: only what Ferry wrote goes, and only if the source says 404. */
import { readRecord } from '../domain/object-record';
import type { KeepReason } from '../domain/deletes';
import { isTransferError, type TransferError } from '../domain/transfer-error';
import { sourceKeyOf } from '../domain/transfer';
import { concernsOneObject } from './decide-key';
import type { JoinedStores } from './join-listings';
import { sourceHash } from './key-hash';
import type { ObjectHead } from './object-store';
import { retrying } from './retry';

/** An object of the target as it was listed. */
export interface TargetObject {
  readonly key: string;
  readonly etag: string;
}

export type DeleteVerdict =
  | { readonly kind: 'delete'; readonly sourceEtag: string }
  | { readonly kind: 'keep'; readonly reason: KeepReason; readonly cause?: TransferError };

/** Rejects with what concerns every object alike. */
export async function judgeDelete(object: TargetObject, stores: JoinedStores): Promise<DeleteVerdict> {
  try {
    return await verdictOn(object, stores);
  } catch (error) {
    if (!isTransferError(error) || !(await concernsOneObject(error, stores))) throw error;
    return { kind: 'keep', reason: 'unknown', cause: error };
  }
}

async function verdictOn({ key, etag }: TargetObject, stores: JoinedStores): Promise<DeleteVerdict> {
  const { transfer, source, target } = stores;
  const head = await retrying(() => target.head({ key }));
  if (head === undefined) return { kind: 'keep', reason: 'gone' };
  if (head.etag !== etag) return { kind: 'keep', reason: 'changed' };
  const sourceKey = sourceKeyOf(transfer, key);
  const record = recordOf(head, sourceHash(transfer.source.bucket, sourceKey));
  if (record === undefined) return { kind: 'keep', reason: 'notOurs' };
  // Undefined is a 404 and nothing else: see `ObjectStore`.
  const there = await retrying(() => source.head({ key: sourceKey }));
  return there === undefined ? { kind: 'delete', ...record } : { kind: 'keep', reason: 'inSource' };
}

/** Ours, and of this source: as far as the record tells, since 0.1.0 did not write of which source it is. */
function recordOf({ headers }: ObjectHead, hash: string): { readonly sourceEtag: string } | undefined {
  const record = readRecord(headers.metadata);
  if (record === undefined || (record.source !== undefined && record.source !== hash)) return undefined;
  return { sourceEtag: record.sourceEtag };
}
