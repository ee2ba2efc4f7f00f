/** What every request to one bucket has in common. */
import type { BucketRef, TargetRef } from '../domain/transfer';
import type { ErrorLocation } from '../domain/transfer-error';
import type { RequestOptions } from '../transfer/object-store';
import type { WireAnswer } from './wire-handler';
import type { S3Caller } from './s3-client';

/** An answer that takes longer is not coming. Requests with bodies are watched by the engine instead. */
const SMALL_REQUEST_MS = 60_000;
/** Completing a large upload may take S3 minutes: docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html */
export const COMPLETE_MS = 900_000;

/** As the SDK takes it. */
export interface HttpOptions {
  readonly abortSignal?: AbortSignal;
  /** For the wire: see wire-handler.ts. */
  readonly wire?: WireAnswer;
}

export interface S3Bucket {
  readonly ref: BucketRef | TargetRef;
  readonly caller: S3Caller;
  /** `Bucket`, with its expected owner and who pays. */
  readonly base: {
    readonly Bucket: string;
    readonly ExpectedBucketOwner?: string;
    readonly RequestPayer?: 'requester';
  };
}

export function s3Bucket(ref: BucketRef | TargetRef, caller: S3Caller): S3Bucket {
  return {
    ref,
    caller,
    base: {
      Bucket: ref.bucket,
      ...(ref.expectedBucketOwner === undefined ? {} : { ExpectedBucketOwner: ref.expectedBucketOwner }),
      ...(ref.requesterPays ? { RequestPayer: 'requester' } : {}),
    },
  };
}

/** For a request without a body of ours: its own deadline beside the caller's signal. */
export function deadline({ abortSignal }: RequestOptions = {}, ms = SMALL_REQUEST_MS): HttpOptions {
  const own = AbortSignal.timeout(ms);
  return { abortSignal: abortSignal === undefined ? own : AbortSignal.any([own, abortSignal]) };
}

/** For a request that comes with each object or page. One with bytes of an object is watched by the engine; others want a `deadline`. */
export function overWire({ abortSignal }: HttpOptions = {}, wire: WireAnswer = {}): HttpOptions {
  return { wire, ...(abortSignal === undefined ? {} : { abortSignal }) };
}

export function at(operation: string, key?: string): ErrorLocation {
  return { operation, ...(key === undefined ? {} : { key }) };
}
