/** What every request to one bucket has in common. */
import type { BucketRef, TargetRef } from '../domain/transfer';
import { TransferError, type ErrorLocation } from '../domain/transfer-error';
import type { WireAnswer } from './wire-handler';
import { bare } from './s3-shapes';
import type { S3Caller } from './s3-client';

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

/** For a request that comes with each object or page. One with bytes of an object is watched by the engine; others are sent `withDeadline`. */
export function overWire({ abortSignal }: HttpOptions = {}, wire: WireAnswer = {}): HttpOptions {
  return { wire, ...(abortSignal === undefined ? {} : { abortSignal }) };
}

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
