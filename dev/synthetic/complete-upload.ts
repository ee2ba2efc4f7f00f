/** CompleteMultipartUpload: everything that can be known of the whole is checked against what arrived, part by part. */
import { element, S3Error, sendXml } from './answers';
import { type Upload, type UploadedPart } from './buckets';
import { checksumElement, compositeCrc32, givenChecksum, type Checksum, type ObjectChecksum } from './checksums';
import { base64OfCrc32, joinCrc32 } from './crc';
import { bareEtag, etagOfParts } from './etags';
import { header, type Exchange } from './exchange';
import { receiveText } from './receive';
import { layoutOf } from './stored-object';
import { wholeChecksum } from './whole-checksum';
import { WrittenObject } from './written-object';

const MIN_PART = 5 * 1024 ** 2;

export async function completeUpload(exchange: Exchange): Promise<void> {
  const { request, response, bucket, key, uploadId, mirror, counters } = exchange;
  const text = await receiveText(request);
  const upload = bucket.getUpload(uploadId, key);
  const parts = chosenParts(text, upload);
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const expected = header(exchange, 'x-amz-mp-object-size');
  if (expected !== undefined && Number(expected) !== size) {
    const message = `The provided 'x-amz-mp-object-size' header value ${expected} does not match what was computed: ${size}`;
    throw new S3Error(400, 'InvalidRequest', message);
  }
  const given = givenChecksum(request.headers);
  assertAsCreated(upload, given, header(exchange, 'x-amz-checksum-type'));
  const known = checksumOfParts(upload, given, parts);
  assertSame(given, known);
  const bytes = mirror.verify({ bucket: bucket.name, key }, parts);
  const made = bytes && upload.type === 'FULL_OBJECT' ? wholeChecksum(upload.algorithm, bytes) : undefined;
  assertSame(given, made);
  const checksum = upload.algorithm && (known ?? made ?? (given && { ...given, type: upload.type }));
  const etag = etagOfParts(parts.map((part) => part.etag));
  bucket.uploads.delete(upload.id);
  // S3 dates an object by the begin of its upload.
  const { initiated: lastModified, headers } = upload;
  const layout = layoutOf(parts.map((part) => part.size));
  const object = new WrittenObject({ key, size, etag, lastModified, headers, layout, checksum, bytes });
  bucket.put(object);
  counters.wrote({ bucket: bucket.name, key: object.key });
  sendXml(response, 'CompleteMultipartUploadResult', [
    element('Bucket', bucket.name),
    element('Key', key),
    element('ETag', `"${etag}"`),
    ...(checksum
      ? [element(checksumElement(checksum.algorithm), checksum.value), element('ChecksumType', checksum.type)]
      : []),
  ]);
}

/** As they arrived, in the order of the list. */
function chosenParts(text: string, upload: Upload): UploadedPart[] {
  const listed = Array.from(text.matchAll(/<Part>(.*?)<\/Part>/gs), ([, inner = '']) => inner);
  if (listed.length === 0) {
    throw new S3Error(400, 'MalformedXML', 'The XML you provided was not well-formed or did not list a part');
  }
  const parts: UploadedPart[] = [];
  for (const inner of listed) {
    const number = Number(field(inner, 'PartNumber'));
    if (number <= (parts.at(-1)?.number ?? 0)) {
      throw new S3Error(400, 'InvalidPartOrder', 'The list of parts was not in ascending order');
    }
    const part = upload.parts.get(number);
    const crc32 = field(inner, 'ChecksumCRC32');
    const same =
      part?.etag === bareEtag(field(inner, 'ETag') ?? '') &&
      (crc32 === undefined || crc32 === base64OfCrc32(part.crc32));
    if (!same) throw new S3Error(400, 'InvalidPart', `Part ${number} could not be found, or it was another`);
    parts.push(part);
  }
  const small = parts.slice(0, -1).find(({ size }) => size < MIN_PART);
  if (small) throw new S3Error(400, 'EntityTooSmall', `Part ${small.number} is smaller than the minimum allowed size`);
  return parts;
}

function field(xml: string, name: string): string | undefined {
  const value = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return value?.replaceAll('&quot;', '"').replaceAll('&#34;', '"');
}

function assertAsCreated(
  { algorithm, type }: Upload,
  given: Checksum | undefined,
  givenType: string | undefined,
): void {
  if (!given || !algorithm) return;
  if (given.algorithm === algorithm && (givenType ?? type) === type) return;
  throw new S3Error(400, 'InvalidRequest', `The upload was created with the checksum ${algorithm}, ${type}`);
}

function assertSame(given: Checksum | undefined, known: Checksum | undefined): void {
  if (!given || !known || given.algorithm !== known.algorithm || given.value === known.value) return;
  throw new S3Error(400, 'BadDigest', `The ${given.algorithm} you specified did not match what we received.`);
}

/** Only a CRC-32 is known of every part. A checksum that was not announced with the upload counts as one of the whole. */
function checksumOfParts(
  upload: Upload,
  given: Checksum | undefined,
  parts: readonly UploadedPart[],
): ObjectChecksum | undefined {
  const algorithm = upload.algorithm ?? given?.algorithm;
  if (algorithm !== 'CRC32') return undefined;
  const type = upload.algorithm ? upload.type : 'FULL_OBJECT';
  if (type === 'COMPOSITE') return { algorithm, type, value: compositeCrc32(parts.map((part) => part.crc32)) };
  const whole = parts.reduce((crc, part) => joinCrc32(crc, part.crc32, part.size), 0);
  return { algorithm, type, value: base64OfCrc32(whole) };
}
