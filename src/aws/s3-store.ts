/** The `ObjectStore` over S3's API by the AWS SDK: what reads are in s3-reads.ts, what writes in s3-writes.ts. */
import type { BucketRef, TargetRef } from '../domain/transfer';
import type { ObjectStore } from '../transfer/object-store';
import { isAmazon, isOrdered } from './listing-order';
import type { S3Caller } from './s3-client';
import { s3Reads } from './s3-reads';
import { s3Bucket } from './s3-request';
import { s3Uploads } from './s3-uploads';
import { s3Delete, s3Put } from './s3-writes';

export function s3Store(ref: BucketRef | TargetRef, caller: S3Caller): ObjectStore {
  const bucket = s3Bucket(ref, caller);
  return {
    bucket: ref.bucket,
    ordered: isOrdered(ref),
    keepsDots: isAmazon(ref),
    ...s3Reads(bucket),
    ...s3Put(bucket),
    ...s3Delete(bucket),
    ...s3Uploads(bucket),
  };
}
