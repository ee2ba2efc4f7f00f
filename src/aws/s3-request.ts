/** What every request to one bucket has in common. */
import type { BucketRef, TargetRef } from '../domain/transfer';
import { TransferError, type ErrorLocation } from '../domain/transfer-error';
import type { RequestOptions } from '../transfer/object-store';
import type { WireAnswer } from './wire-handler';
import { bare } from './s3-shapes';
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
  // Before Node 22 a joined signal does not keep the ones that it is made of: without a listener they are collected, and never end anything.
  own.addEventListener('abort', ignore);
  return { abortSignal: abortSignal === undefined ? own : AbortSignal.any([own, abortSignal]) };
}

/** For a request that comes with each object or page. One with bytes of an object is watched by the engine; others want a `deadline`. */
export function overWire({ abortSignal }: HttpOptions = {}, wire: WireAnswer = {}): HttpOptions {
  return { wire, ...(abortSignal === undefined ? {} : { abortSignal }) };
}

const ignore = () => undefined;

/** Without its quotes. An answer of success that shows none is not S3's, and says nothing: it is asked for again. */
export function shownEtag(
  { ETag = '' }: { readonly ETag?: string | undefined },
  bucket: string,
  where: ErrorLocation,
): string {
  const etag = bare(ETag);
  if (etag !== '') return etag;
  const what = where.operation ?? 'a request';
  throw new TransferError('Unavailable', `${bucket} answered ${what} without an ETag`, { bucket, ...where });
}

interface Listing {
  readonly IsTruncated?: boolean | undefined;
  readonly NextContinuationToken?: string | undefined;
}

/** How to ask for what follows; undefined: it is the listing's end. What says neither need not be a listing, and is asked for again. */
export function nextToken(
  { IsTruncated, NextContinuationToken }: Listing,
  bucket: string,
  last: string,
): string | undefined {
  if (IsTruncated === false) return undefined;
  if (IsTruncated === true && NextContinuationToken) return NextContinuationToken;
  const what = IsTruncated
    ? `lists on after ${last}, and does not say how to ask for it`
    : 'answered ListObjectsV2 with what is no whole listing';
  throw new TransferError('Unavailable', `${bucket} ${what}`, { bucket, ...at('ListObjectsV2') });
}

export function at(operation: string, key?: string): ErrorLocation {
  return { operation, ...(key === undefined ? {} : { key }) };
}
