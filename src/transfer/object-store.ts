/** What the engine asks of one bucket with one set of credentials; `aws/` answers it with S3. Every method rejects with `TransferError`. */
import type { CrcAlgorithm, CrcChecksum, FullChecksum } from '../domain/checksum';

export interface RequestOptions {
  readonly abortSignal?: AbortSignal;
  /** Told of the time that the request waits before it is sent, which is no time of its own. */
  readonly exempt?: <T>(waiting: Promise<T>) => Promise<T>;
}

export interface ListedObject {
  readonly key: string;
  readonly size: number;
  /** Without its quotes, here and everywhere. */
  readonly etag: string;
  /** Milliseconds since 1970. */
  readonly lastModified: number;
  readonly storageClass?: string;
}

export interface ListPage {
  readonly objects: readonly ListedObject[];
  /** Absent on the last page. */
  readonly continuationToken?: string;
}

/** The headers that travel with an object. */
export interface ObjectHeaders {
  readonly cacheControl?: string;
  readonly contentDisposition?: string;
  readonly contentEncoding?: string;
  readonly contentLanguage?: string;
  readonly contentType?: string;
  readonly expires?: string;
  readonly websiteRedirectLocation?: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface ObjectHead {
  readonly size: number;
  readonly etag: string;
  readonly versionId?: string;
  readonly lastModified: number;
  readonly storageClass?: string;
  /** `ongoing-request="false"…`: an archived object that can be read for now. */
  readonly restore?: string;
  /** An archive tier of INTELLIGENT_TIERING. */
  readonly archiveStatus?: string;
  readonly encryption?: string;
  readonly customerKey: boolean;
  /** Full-object checksums only; a composite one says nothing of the bytes without its layout. */
  readonly checksums: readonly FullChecksum[];
  /** Only in answer to `partNumber`. */
  readonly partsCount?: number;
  readonly headers: ObjectHeaders;
  readonly tagCount: number;
}

export interface RangeRequest {
  readonly key: string;
  readonly offset: number;
  readonly length: number;
  /** The object in one answer, which then shows its full-object checksums too. An empty object can be read in no other way. */
  readonly whole: boolean;
  /** The read is pinned: another ETag is `SourceChanged`. */
  readonly etag: string;
  readonly versionId?: string;
}

export interface RangeBody {
  readonly etag: string;
  /** First and last byte and whole size as `Content-Range` tells them; absent when the answer was the whole object. */
  readonly range?: { readonly first: number; readonly last: number; readonly size: number };
  readonly headers: ObjectHeaders;
  /** Only in answer to `whole`. */
  readonly checksums: readonly FullChecksum[];
  readonly body: IncomingBytes;
}

/** Bytes that are on their way. One of the two is to be called, once. */
export interface IncomingBytes {
  /**
   * Hands each piece to `take`, in order, and resolves after the last: it ends early only by rejecting. A piece is
   * `take`'s only until it returns, as its memory is used again. What `take` throws ends the body, and is thrown.
   */
  pour(take: (piece: Uint8Array) => void): Promise<void>;
  /** Nobody wants them. */
  leave(): void;
}

/** The bytes of one request, with the checksum by which the store verifies them on receipt. */
export interface RequestBody {
  readonly length: number;
  /** Read once, in order; an error in it breaks the request off. */
  readonly pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  /** Without a value it follows the last byte, as a trailer. */
  readonly checksum: { readonly algorithm: CrcAlgorithm; readonly value?: string };
}

/**
 * What must stand under the key for a write to happen, so that a writer who was thought dead cannot undo a newer copy.
 * docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export type WriteCondition = { readonly absent: true } | { readonly etag: string };

export interface PutRequest {
  readonly key: string;
  readonly body: RequestBody;
  readonly headers: ObjectHeaders;
  readonly tags?: Readonly<Record<string, string>>;
  readonly condition?: WriteCondition;
}

export interface StoredPart {
  readonly number: number;
  readonly size: number;
  readonly etag: string;
  /** In the algorithm of the upload; where the store shows it. */
  readonly checksum?: CrcChecksum;
}

export interface UploadRef {
  readonly key: string;
  readonly uploadId: string;
}

export interface CompleteRequest extends UploadRef {
  readonly parts: readonly StoredPart[];
  readonly size: number;
  /** Of the whole object, for the store to verify. */
  readonly checksum?: CrcChecksum;
  readonly condition?: WriteCondition;
}

export interface OpenUpload {
  readonly uploadId: string;
  readonly initiated: number;
}

export interface ObjectStore {
  readonly bucket: string;
  /** Keys come in UTF-8 byte order. */
  readonly ordered: boolean;
  /** A key with a segment `.` or `..` is kept as it is. AWS does; many others fold it into another key. */
  readonly keepsDots: boolean;
  /** Rejects with `NoSuchBucket`, `CredentialsRefused` or `AccessDenied`. */
  checkBucket(options?: RequestOptions): Promise<void>;
  list(
    request: { prefix: string; startAfter?: string; continuationToken?: string; maxKeys?: number },
    options?: RequestOptions,
  ): Promise<ListPage>;
  /** Undefined: there is no such object. */
  head(request: { key: string; partNumber?: number }, options?: RequestOptions): Promise<ObjectHead | undefined>;
  /** Rejects with `SourceChanged` or `SourceGone`, or `Archived`. */
  read(request: RangeRequest, options?: RequestOptions): Promise<RangeBody>;
  /** Rejects with `PreconditionFailed` where the condition does not hold, `TornRead` where the checksum is not that of the bytes. */
  put(request: PutRequest, options?: RequestOptions): Promise<{ etag: string }>;
  tags(request: { key: string; versionId?: string }, options?: RequestOptions): Promise<Record<string, string>>;
  createUpload(
    request: {
      key: string;
      headers: ObjectHeaders;
      tags?: Readonly<Record<string, string>>;
      /** Of the parts, and of the whole. */
      algorithm: CrcAlgorithm;
    },
    options?: RequestOptions,
  ): Promise<{ uploadId: string }>;
  uploadPart(
    request: UploadRef & { number: number; body: RequestBody },
    options?: RequestOptions,
  ): Promise<{ etag: string }>;
  /** In the order of their numbers. Rejects with `NoSuchUpload`. */
  listParts(request: UploadRef, options?: RequestOptions): AsyncIterable<StoredPart>;
  /** Rejects with `NoSuchUpload`, `InvalidPart`, `PreconditionFailed`, or `ProofFailed` where the checksum is another. */
  completeUpload(request: CompleteRequest, options?: RequestOptions): Promise<{ etag: string }>;
  /** An upload that is gone already is no error. */
  abortUpload(request: UploadRef, options?: RequestOptions): Promise<void>;
  /** Only while `etag` stands there: rejects with `PreconditionFailed` where another does. An object that is gone already is no error. */
  delete(request: { key: string; etag: string }, options?: RequestOptions): Promise<void>;
  /** The open uploads of exactly this key. */
  listUploads(request: { key: string }, options?: RequestOptions): Promise<readonly OpenUpload[]>;
}
