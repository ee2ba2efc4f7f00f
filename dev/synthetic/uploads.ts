/** Uploads in parts, but for their end: CreateMultipartUpload, UploadPart, ListParts, AbortMultipartUpload, ListMultipartUploads. */
import { compareKeys } from '../../src/domain/key-order';
import { element, encodeKey, S3Error, sendEmpty, sendXml } from './answers';
import { now, type Upload, type UploadedPart } from './buckets';
import { checksumElement, checksumHeader, parseAlgorithm, type Checksum, type ChecksumType } from './checksums';
import { base64OfCrc32 } from './crc';
import { etagOfBytes } from './etags';
import { header, numberParameter, type Exchange } from './exchange';
import { keptHeaders } from './put-object';
import { receive, type Received } from './receive';

const PAGE = 1_000;
const MAX_PARTS = 10_000;

export function createUpload(exchange: Exchange): void {
  const { bucket, key, response } = exchange;
  const algorithm = parseAlgorithm(header(exchange, 'x-amz-checksum-algorithm'));
  const type: ChecksumType =
    algorithm === 'CRC64NVME' || header(exchange, 'x-amz-checksum-type') === 'FULL_OBJECT'
      ? 'FULL_OBJECT'
      : 'COMPOSITE';
  const upload = bucket.openUpload({
    key,
    headers: keptHeaders(exchange),
    type,
    ...(algorithm === undefined ? {} : { algorithm }),
  });
  if (algorithm !== undefined) {
    response.setHeader('x-amz-checksum-algorithm', algorithm);
    response.setHeader('x-amz-checksum-type', type);
  }
  sendXml(response, 'InitiateMultipartUploadResult', [
    element('Bucket', bucket.name),
    element('Key', key),
    element('UploadId', upload.id),
  ]);
}

export async function uploadPart(exchange: Exchange): Promise<void> {
  const { response, bucket, key, uploadId, partNumber: number = 0 } = exchange;
  const upload = bucket.getUpload(uploadId, key);
  if (!Number.isInteger(number) || number < 1 || number > MAX_PARTS) {
    throw new S3Error(400, 'InvalidArgument', 'Part number must be an integer between 1 and 10000, inclusive');
  }
  const received = await receive(exchange);
  // It may have been completed or aborted in the meantime.
  bucket.getUpload(uploadId, key);
  const checksum = checksumOf(upload, received);
  const { length: size, crc32 } = received;
  const etag = etagOfBytes(crc32, size);
  upload.parts.set(number, { number, size, crc32, etag, lastModified: now(), ...(checksum ? { checksum } : {}) });
  sendEmpty(response, 200, {
    etag: `"${etag}"`,
    ...(checksum ? { [checksumHeader(checksum.algorithm)]: checksum.value } : {}),
  });
}

/** The part's checksum must be of the upload's algorithm. Without one, S3 works it out; here that goes for CRC-32 alone. */
function checksumOf({ algorithm }: Upload, { checksum, crc32 }: Received): Checksum | undefined {
  if (checksum && algorithm && checksum.algorithm !== algorithm) {
    const types = `expected checksum Type: ${algorithm.toLowerCase()}, actual checksum Type: ${checksum.algorithm.toLowerCase()}`;
    throw new S3Error(400, 'InvalidRequest', `Checksum Type mismatch occurred, ${types}`);
  }
  if (checksum) return checksum;
  return algorithm === 'CRC32' ? { algorithm, value: base64OfCrc32(crc32) } : undefined;
}

export function listParts(exchange: Exchange): void {
  const { bucket, key, uploadId, response } = exchange;
  const upload = bucket.getUpload(uploadId, key);
  const marker = numberParameter(exchange, 'part-number-marker', 0);
  const maxParts = Math.min(PAGE, numberParameter(exchange, 'max-parts', PAGE));
  const rest = partsInOrder(upload).filter(({ number }) => number > marker);
  const page = rest.slice(0, maxParts);
  sendXml(response, 'ListPartsResult', [
    element('Bucket', bucket.name),
    element('Key', key),
    element('UploadId', upload.id),
    element('PartNumberMarker', marker),
    element('NextPartNumberMarker', page.at(-1)?.number ?? marker),
    element('MaxParts', maxParts),
    element('IsTruncated', rest.length > page.length),
    element('ChecksumAlgorithm', upload.algorithm),
    element('ChecksumType', upload.algorithm && upload.type),
    ...page.map(({ number, size, etag, lastModified, checksum }) =>
      element('Part', [
        element('PartNumber', number),
        element('LastModified', new Date(lastModified).toISOString()),
        element('ETag', `"${etag}"`),
        element('Size', size),
        ...(checksum ? [element(checksumElement(checksum.algorithm), checksum.value)] : []),
      ]),
    ),
  ]);
}

function partsInOrder({ parts }: Upload): UploadedPart[] {
  return [...parts.values()].sort((a, b) => a.number - b.number);
}

export function abortUpload({ bucket, key, uploadId, response }: Exchange): void {
  bucket.uploads.delete(bucket.getUpload(uploadId, key).id);
  sendEmpty(response, 204);
}

export function listUploads(exchange: Exchange): void {
  const { bucket, query, response } = exchange;
  const prefix = query.get('prefix') ?? '';
  const encoding = query.get('encoding-type');
  const shown = (key: string) => (encoding === 'url' ? encodeKey(key) : key);
  const maxUploads = Math.min(PAGE, numberParameter(exchange, 'max-uploads', PAGE));
  const order = (a: Place, b: Place) => compareKeys(a.key, b.key) || compareKeys(a.id, b.id);
  const marker = placeOf(query.get('key-marker'), query.get('upload-id-marker'));
  const rest = [...bucket.uploads.values()]
    .filter((upload) => upload.key.startsWith(prefix) && (marker === undefined || order(upload, marker) > 0))
    .sort(order);
  const page = rest.slice(0, maxUploads);
  const last = page.at(-1);
  const more = last !== undefined && rest.length > page.length;
  sendXml(response, 'ListMultipartUploadsResult', [
    element('Bucket', bucket.name),
    element('Prefix', shown(prefix)),
    element('EncodingType', encoding),
    element('MaxUploads', maxUploads),
    element('IsTruncated', more),
    element('NextKeyMarker', more ? shown(last.key) : undefined),
    element('NextUploadIdMarker', more ? last.id : undefined),
    ...page.map(({ key, id, initiated }) =>
      element('Upload', [
        element('Key', shown(key)),
        element('UploadId', id),
        element('Initiated', new Date(initiated).toISOString()),
      ]),
    ),
  ]);
}

interface Place {
  readonly key: string;
  readonly id: string;
}

/** A key alone stands after all uploads of that key. */
function placeOf(key: string | undefined, id: string | undefined): Place | undefined {
  return key === undefined ? undefined : { key, id: id === undefined || id === '' ? '\u{10ffff}' : id };
}
