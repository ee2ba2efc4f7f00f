/** Ends uploads that no one will complete: S3 bills their parts until then. */
import { endsEveryObject, isTransferError, TransferError } from '../domain/transfer-error';
import type { ObjectStore, OpenUpload } from './object-store';
import { retrying } from './retry';

/** The store's clock and ours may differ. */
const CLOCK_SKEW_MS = 60_000;
const MAX_ABORTS = 10;

/** Aborts the upload until the store no longer knows it: parts in flight at the abort may outlive it, says AbortMultipartUpload's page. */
export async function abortUpload(store: ObjectStore, upload: { key: string; uploadId: string }): Promise<void> {
  for (let attempt = 1; attempt <= MAX_ABORTS; attempt++) {
    await retrying(() => store.abortUpload(upload));
    if (!(await retrying(() => exists(store, upload)))) return;
  }
  throw new TransferError('Unavailable', `The upload of ${upload.key} is still there after ${MAX_ABORTS} aborts`, {
    bucket: store.bucket,
    key: upload.key,
  });
}

/** The open uploads of exactly this key that began at `since` (ms) or later. */
export async function uploadsSince(store: ObjectStore, key: string, since: number): Promise<readonly OpenUpload[]> {
  const uploads = await retrying(() => store.listUploads({ key }));
  return uploads.filter(({ initiated }) => initiated >= since - CLOCK_SKEW_MS);
}

/** Aborts the uploads of exactly this key that began at `since` (ms) or later. */
export async function abortUploadsSince(store: ObjectStore, key: string, since: number): Promise<number> {
  const lost = await uploadsSince(store, key, since);
  for (const { uploadId } of lost) await abortUpload(store, { key, uploadId });
  return lost.length;
}

/**
 * As `abortUploadsSince`, beside other work that must not fail for it: a role that may not list uploads, or a store that
 * does not, leaves them to the bucket's lifecycle rule. What may pass, and refused credentials, are rejected.
 */
export async function tidyUploadsSince(store: ObjectStore, key: string, since: number): Promise<void> {
  try {
    await abortUploadsSince(store, key, since);
  } catch (error) {
    if (!isTransferError(error) || error.retryable || endsEveryObject(error.code)) throw error;
  }
}

async function exists(store: ObjectStore, upload: { key: string; uploadId: string }): Promise<boolean> {
  try {
    for await (const _part of store.listParts(upload)) break;
    return true;
  } catch (error) {
    if (isTransferError(error, 'NoSuchUpload')) return false;
    throw error;
  }
}
