/** Between S3's shapes and the engine's. */
import type { HeadObjectCommandOutput, PutObjectCommandInput } from '@aws-sdk/client-s3';
import { CRC_ALGORITHMS, type CrcAlgorithm, type CrcChecksum, type FullChecksum } from '../domain/checksum';
import type { TargetRef, BucketRef } from '../domain/transfer';
import type { ObjectHead, ObjectHeaders } from '../transfer/object-store';

/** S3 puts ETags in quotes; nothing else here does. */
export function bare(etag: string | undefined): string {
  return (etag ?? '').replace(/^"|"$/g, '');
}

/** Only where the answer echoes `EncodingType` is the key encoded; decoding any other would lose `a+b`. */
export function decodeKey(key: string, encodingType: string | undefined): string {
  if (encodingType !== 'url' || !/[%+]/.test(key)) return key;
  return decodeURIComponent(key.replace(/\+/g, ' '));
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
    ...(answer.ArchiveStatus === undefined ? {} : { archiveStatus: answer.ArchiveStatus }),
    ...(answer.Restore === undefined ? {} : { restore: answer.Restore }),
    ...(answer.ServerSideEncryption === undefined ? {} : { encryption: answer.ServerSideEncryption }),
    ...(answer.PartsCount === undefined ? {} : { partsCount: answer.PartsCount }),
  };
}

type ShownChecksums = Pick<
  HeadLike,
  'ChecksumType' | 'ChecksumCRC64NVME' | 'ChecksumCRC32' | 'ChecksumCRC32C' | 'ChecksumSHA1' | 'ChecksumSHA256'
>;

/** A composite checksum ends in `-N`, or says so; it is no checksum of the bytes. */
export function fullChecksums(answer: ShownChecksums): FullChecksum[] {
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

/** What PutObject and CreateMultipartUpload share. `Expires` is not in it: any text is legal there, and the SDK takes dates alone. */
export function toWriteInput(
  target: BucketRef | TargetRef,
  headers: ObjectHeaders,
  tags: Readonly<Record<string, string>> | undefined,
): WriteInput {
  const { storageClass, kmsKeyId } = target as TargetRef;
  return {
    CacheControl: headers.cacheControl,
    ContentDisposition: headers.contentDisposition,
    ContentEncoding: headers.contentEncoding,
    ContentLanguage: headers.contentLanguage,
    ContentType: headers.contentType,
    WebsiteRedirectLocation: headers.websiteRedirectLocation,
    Metadata: { ...headers.metadata },
    StorageClass: storageClass as WriteInput['StorageClass'],
    ...(kmsKeyId === undefined
      ? {}
      : { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKeyId, BucketKeyEnabled: true }),
    ...(tags === undefined ? {} : { Tagging: new URLSearchParams({ ...tags }).toString() }),
  };
}

/** `bytes 0-99/1234`: first and last byte and whole size. */
export function parseContentRange(
  value: string | undefined,
): { first: number; last: number; size: number } | undefined {
  const match = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(value ?? '');
  return match === null ? undefined : { first: Number(match[1]), last: Number(match[2]), size: Number(match[3]) };
}

type CrcField = 'ChecksumCRC32' | 'ChecksumCRC32C' | 'ChecksumCRC64NVME';
const CRC_FIELDS: Readonly<Record<CrcAlgorithm, CrcField>> = {
  CRC32: 'ChecksumCRC32',
  CRC32C: 'ChecksumCRC32C',
  CRC64NVME: 'ChecksumCRC64NVME',
};

/** The parameter that a checksum of this algorithm is given in. */
export function checksumField({ algorithm, value }: CrcChecksum): { readonly [F in CrcField]?: string } {
  return { [CRC_FIELDS[algorithm]]: value };
}

/** That of a part, as ListParts shows it. */
export function shownCrc(part: { readonly [F in CrcField]?: string | undefined }): CrcChecksum | undefined {
  for (const algorithm of CRC_ALGORITHMS) {
    const value = part[CRC_FIELDS[algorithm]];
    if (value !== undefined && !value.includes('-')) return { algorithm, value };
  }
  return undefined;
}
