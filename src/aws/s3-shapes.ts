/** Between S3's shapes and the engine's. */
import type { HeadObjectCommandOutput, PutObjectCommandInput } from '@aws-sdk/client-s3';
import type { FullChecksum } from '../domain/copy-decision';
import type { TargetRef, BucketRef } from '../domain/transfer';
import type { ObjectHead, ObjectHeaders } from '../transfer/object-store';

/** S3 puts ETags in quotes; nothing else here does. */
export function bare(etag: string | undefined): string {
  return (etag ?? '').replace(/^"|"$/g, '');
}

/** Only where the answer echoes `EncodingType` is the key encoded; decoding any other would lose `a+b`. */
export function decodeKey(key: string, encodingType: string | undefined): string {
  return encodingType === 'url' ? decodeURIComponent(key.replace(/\+/g, ' ')) : key;
}

type HeadLike = Omit<HeadObjectCommandOutput, '$metadata'>;

export function toHead(answer: HeadLike): ObjectHead {
  return {
    size: answer.ContentLength ?? 0,
    etag: bare(answer.ETag),
    lastModified: answer.LastModified?.getTime() ?? 0,
    customerKey: answer.SSECustomerAlgorithm !== undefined,
    checksums: fullChecksums(answer),
    headers: toHeaders(answer),
    tagCount: (answer as { TagCount?: number }).TagCount ?? 0,
    ...(answer.VersionId === undefined || answer.VersionId === 'null' ? {} : { versionId: answer.VersionId }),
    ...(answer.StorageClass === undefined ? {} : { storageClass: answer.StorageClass }),
    ...(answer.Restore === undefined ? {} : { restore: answer.Restore }),
    ...(answer.ServerSideEncryption === undefined ? {} : { encryption: answer.ServerSideEncryption }),
    ...(answer.PartsCount === undefined ? {} : { partsCount: answer.PartsCount }),
  };
}

/** A composite checksum ends in `-N`, or says so; it is no checksum of the bytes. */
function fullChecksums(answer: HeadLike): FullChecksum[] {
  if (answer.ChecksumType === 'COMPOSITE') return [];
  const values = {
    CRC64NVME: answer.ChecksumCRC64NVME,
    CRC32: answer.ChecksumCRC32,
    CRC32C: answer.ChecksumCRC32C,
    SHA1: answer.ChecksumSHA1,
    SHA256: answer.ChecksumSHA256,
  };
  return Object.entries(values).flatMap(([algorithm, value]) =>
    value === undefined || value.includes('-') ? [] : [{ algorithm, value }],
  );
}

export function toHeaders(
  answer: Pick<
    HeadLike,
    | 'CacheControl'
    | 'ContentDisposition'
    | 'ContentEncoding'
    | 'ContentLanguage'
    | 'ContentType'
    | 'ExpiresString'
    | 'WebsiteRedirectLocation'
    | 'Metadata'
  >,
): ObjectHeaders {
  return {
    ...present('cacheControl', answer.CacheControl),
    ...present('contentDisposition', answer.ContentDisposition),
    ...present('contentEncoding', answer.ContentEncoding),
    ...present('contentLanguage', answer.ContentLanguage),
    ...present('contentType', answer.ContentType),
    ...present('expires', answer.ExpiresString),
    ...present('websiteRedirectLocation', answer.WebsiteRedirectLocation),
    metadata: answer.Metadata ?? {},
  };
}

function present<K extends string>(name: K, value: string | undefined): { [P in K]?: string } {
  return value === undefined || value === '' ? {} : ({ [name]: value } as { [P in K]?: string });
}

type WriteInput = Omit<PutObjectCommandInput, 'Bucket' | 'Key' | 'Body'>;

/** What PutObject and CreateMultipartUpload share. */
export function toWriteInput(
  target: BucketRef | TargetRef,
  headers: ObjectHeaders,
  tags: Readonly<Record<string, string>> | undefined,
): WriteInput {
  const { storageClass, kmsKeyId } = target as TargetRef;
  const expires = headers.expires === undefined ? NaN : Date.parse(headers.expires);
  return {
    CacheControl: headers.cacheControl,
    ContentDisposition: headers.contentDisposition,
    ContentEncoding: headers.contentEncoding,
    ContentLanguage: headers.contentLanguage,
    ContentType: headers.contentType,
    Expires: Number.isNaN(expires) ? undefined : new Date(expires),
    WebsiteRedirectLocation: headers.websiteRedirectLocation,
    Metadata: { ...headers.metadata },
    StorageClass: storageClass as WriteInput['StorageClass'],
    ...(kmsKeyId === undefined
      ? {}
      : { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKeyId, BucketKeyEnabled: true }),
    ...(tags === undefined ? {} : { Tagging: new URLSearchParams({ ...tags }).toString() }),
  };
}

/** `bytes 0-99/1234`: first byte and whole size. */
export function parseContentRange(value: string | undefined): { first: number; size: number } | undefined {
  const match = /^bytes (\d+)-\d+\/(\d+)$/.exec(value ?? '');
  return match === null ? undefined : { first: Number(match[1]), size: Number(match[2]) };
}

/** As S3 writes a CRC-32: big-endian, base64. */
export function crc32FromBase64(value: string | undefined): number | undefined {
  if (value === undefined || value.includes('-')) return undefined;
  const bytes = Buffer.from(value, 'base64');
  return bytes.length === 4 ? bytes.readUInt32BE() : undefined;
}
