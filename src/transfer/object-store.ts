/** What the engine asks of one bucket with one set of credentials; `aws/` answers it with S3. Every method rejects with `TransferError`. */
import type { FullChecksum } from '../domain/copy-decision';

export interface RequestOptions {
  readonly abortSignal?: AbortSignal;
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
  /** 0 only for an empty object, which is read without a range. */
  readonly length: number;
  /** The read is pinned: another ETag is `SourceChanged`. */
  readonly etag: string;
  readonly versionId?: string;
}

export interface RangeBody {
  readonly etag: string;
  /** First byte and whole size as `Content-Range` tells them; absent when the answer was the whole object. */
  readonly range?: { readonly first: number; readonly size: number };
  readonly headers: ObjectHeaders;
  /** Ends early only by throwing. To be read to its end, or left by `break`. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface PutRequest {
  readonly key: string;
  readonly body: Buffer;
  readonly crc32: number;
  readonly headers: ObjectHeaders;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface StoredPart {
  readonly number: number;
  readonly size: number;
  readonly etag: string;
  readonly crc32?: number;
}

export interface OpenUpload {
  readonly uploadId: string;
  readonly initiated: number;
}

export interface ObjectStore {
  readonly bucket: string;
  /** Keys come in UTF-8 byte order. */
  readonly ordered: boolean;
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
  put(request: PutRequest, options?: RequestOptions): Promise<{ etag: string }>;
  tags(request: { key: string; versionId?: string }, options?: RequestOptions): Promise<Record<string, string>>;
  createUpload(
    request: { key: string; headers: ObjectHeaders; tags?: Readonly<Record<string, string>> },
    options?: RequestOptions,
  ): Promise<{ uploadId: string }>;
  uploadPart(
    request: { key: string; uploadId: string; number: number; body: Buffer; crc32: number },
    options?: RequestOptions,
  ): Promise<{ etag: string }>;
  /** In the order of their numbers. Rejects with `NoSuchUpload`. */
  listParts(request: { key: string; uploadId: string }, options?: RequestOptions): AsyncIterable<StoredPart>;
  /** `crc32`: of the whole object, for the store to verify. Rejects with `NoSuchUpload`, `InvalidPart` or `ProofFailed`. */
  completeUpload(
    request: { key: string; uploadId: string; parts: readonly StoredPart[]; size: number; crc32?: number },
    options?: RequestOptions,
  ): Promise<{ etag: string }>;
  /** An upload that is gone already is no error. */
  abortUpload(request: { key: string; uploadId: string }, options?: RequestOptions): Promise<void>;
  /** The open uploads of exactly this key. */
  listUploads(request: { key: string }, options?: RequestOptions): Promise<readonly OpenUpload[]>;
}
