/** Turns the parts of an upload into the object, with the store's own verification of the whole; an answer that was lost is found out. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CrcChecksum } from '../domain/checksum';
import type { CopyTask } from '../domain/copy-task';
import { countParts } from '../domain/part-plan';
import { isTransferError, TransferError } from '../domain/transfer-error';
import { combineParts } from './checksummer';
import type { ObjectHead, ObjectStore, StoredPart } from './object-store';
import { isOwnCopy } from './own-copy';
import { retrying } from './retry';
import { storedParts } from './stored-parts';
import { conditionOf } from './write-condition';

export type Completed =
  | { readonly kind: 'completed'; readonly checksum?: CrcChecksum }
  | { readonly kind: 'incomplete'; readonly parts: number; readonly missing: number };

const MAX_ATTEMPTS = 5;

/** `moved`: of the whole, from the one who moved the bytes. */
export async function completeUpload(
  target: ObjectStore,
  task: CopyTask,
  uploadId: string,
  moved: CrcChecksum | undefined,
): Promise<Completed> {
  const upload = { key: task.targetKey, uploadId };
  let parts: StoredPart[] = [];
  let checksum = moved;
  for (let attempt = 1; ; attempt++) {
    try {
      parts = [...(await storedParts(target, upload, task.plan)).values()];
      const count = countParts(task.plan.layout);
      if (parts.length < count) return { kind: 'incomplete', parts: count, missing: count - parts.length };
      checksum = wholeOf(task, parts, moved);
      const known = checksum === undefined ? {} : { checksum };
      await target.completeUpload({ ...upload, parts, size: task.plan.size, ...conditionOf(task), ...known });
      return { kind: 'completed', ...known };
    } catch (error) {
      if (isTransferError(error, 'NoSuchUpload', 'PreconditionFailed')) {
        const head = await retrying(() => target.head({ key: task.targetKey }));
        if (head !== undefined && isThisCopy(head, task, parts)) {
          return { kind: 'completed', ...(checksum === undefined ? {} : { checksum }) };
        }
        if (error.code === 'NoSuchUpload') throw error;
        throw new TransferError('TargetChanged', `${task.targetKey} was written by someone else while it was copied`, {
          bucket: target.bucket,
          key: task.targetKey,
        });
      }
      const again = isTransferError(error, 'InvalidPart') || (isTransferError(error) && error.retryable);
      if (!again || attempt >= MAX_ATTEMPTS) throw error;
      await sleep(Math.random() * 500 * 2 ** attempt);
    }
  }
}

/**
 * What the store is to verify: the checksum that the source's store keeps, if it keeps one, since then equal bytes stand
 * on both sides; else that of the bytes read. Rejects with `ProofFailed` where the two differ.
 */
function wholeOf(task: CopyTask, parts: readonly StoredPart[], moved?: CrcChecksum): CrcChecksum | undefined {
  const { algorithm, value } = task.checksum;
  const ours =
    moved ??
    combineParts(
      algorithm,
      parts.map(({ size, checksum }) => ({ length: size, checksum: checksum?.value })),
    );
  if (value === undefined) return ours;
  if (ours !== undefined && ours.value !== value) {
    const { key } = task.pinned;
    throw new TransferError(
      'ProofFailed',
      `The bytes read of ${key} do not have the ${algorithm} that its store keeps for it`,
      { key },
    );
  }
  return { algorithm, value };
}

/** By our record; or where that did not fit beside the client's metadata, by what the store computes of the bytes. */
function isThisCopy(head: ObjectHead, task: CopyTask, parts: readonly StoredPart[]): boolean {
  const { pinned, checksum, run } = task;
  if (isOwnCopy(head, run, pinned)) return true;
  if (head.size !== pinned.size) return false;
  const known = head.checksums.find(({ algorithm }) => algorithm === checksum.algorithm)?.value;
  if (checksum.value !== undefined && known === checksum.value) return true;
  return head.etag === pinned.etag || (parts.length > 0 && head.etag === etagOf(parts));
}

/** S3's rule for plaintext and SSE-S3, undocumented and stable: the md5 of the parts' md5s, and their count. */
function etagOf(parts: readonly StoredPart[]): string {
  const hash = createHash('md5');
  for (const { etag } of parts) hash.update(Buffer.from(etag, 'hex'));
  return `${hash.digest('hex')}-${parts.length}`;
}
