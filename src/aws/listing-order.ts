/** Whether a bucket's listing is known to come in UTF-8 byte order. */
import type { BucketRef } from '../domain/transfer';

/** Only AWS's general-purpose buckets are known to list in UTF-8 byte order; directory buckets end in `--x-s3`. */
export function isOrdered({ listing, endpoint, bucket }: BucketRef): boolean {
  if (listing !== 'auto') return listing === 'ordered';
  const amazon = endpoint === undefined || /^https?:\/\/[^/]*\.amazonaws\.com(\.cn)?(:\d+)?\/?$/.test(endpoint);
  return amazon && !bucket.endsWith('--x-s3');
}
