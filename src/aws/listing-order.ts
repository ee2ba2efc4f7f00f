/** Whether a bucket's listing is known to come in UTF-8 byte order. */
import type { BucketRef } from '../domain/transfer';

/** Only AWS's general-purpose buckets are known to list in UTF-8 byte order; directory buckets end in `--x-s3`. */
export function isOrdered(ref: BucketRef): boolean {
  if (ref.listing !== 'auto') return ref.listing === 'ordered';
  return isAmazon(ref) && !ref.bucket.endsWith('--x-s3');
}

export function isAmazon({ endpoint }: BucketRef): boolean {
  return endpoint === undefined || /^https?:\/\/[^/]*\.amazonaws\.com(\.cn)?(:\d+)?\/?$/.test(endpoint);
}
