/** PutObject, DeleteObject and GetObjectTagging: objects in one piece. */
import { element, S3Error, sendEmpty, sendXml } from './answers';
import { now } from './buckets';
import { checksumHeaders, type ObjectChecksum } from './checksums';
import { base64OfCrc32 } from './crc';
import { etagOfBytes } from './etags';
import { header, type Exchange } from './exchange';
import { receive, type Received } from './receive';
import { WrittenObject } from './written-object';

const KEPT = [
  ...['cache-control', 'content-disposition', 'content-language', 'content-type', 'expires'],
  ...['x-amz-website-redirect-location', 'x-amz-storage-class'],
];

export async function putObject(exchange: Exchange): Promise<void> {
  const { response, bucket, key, mirror, counters } = exchange;
  const received = await receive(exchange);
  const { length, crc32 } = received;
  const bytes = mirror.verify({ bucket: bucket.name, key }, [{ size: length, crc32 }]);
  const etag = etagOfBytes(crc32, length);
  const checksum = checksumOf(received, exchange);
  const headers = keptHeaders(exchange);
  const object = new WrittenObject({ key, size: length, etag, lastModified: now(), headers, checksum, bytes });
  bucket.put(object);
  counters.wrote({ bucket: bucket.name, key: object.key });
  sendEmpty(response, 200, { etag: `"${etag}"`, ...checksumHeaders(checksum) });
}

function checksumOf({ checksum, crc32 }: Received, { request }: Exchange): ObjectChecksum | undefined {
  if (checksum) return { ...checksum, type: 'FULL_OBJECT' };
  const wanted = request.headers['x-amz-sdk-checksum-algorithm'] === 'CRC32';
  return wanted ? { algorithm: 'CRC32', value: base64OfCrc32(crc32), type: 'FULL_OBJECT' } : undefined;
}

/** Those that S3 keeps beside an object. The framing of the upload is not one of them. */
export function keptHeaders({ request: { headers } }: Exchange): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string' && (KEPT.includes(name) || name.startsWith('x-amz-meta-'))) kept[name] = value;
  }
  const encoding = (headers['content-encoding'] ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '' && each !== 'aws-chunked');
  if (encoding.length > 0) kept['content-encoding'] = encoding.join(',');
  return kept;
}

/** With `If-Match` as AWS does it: 404 for what is gone, 412 for another ETag. */
export function deleteObject(exchange: Exchange): void {
  const { bucket, key, response } = exchange;
  const condition = header(exchange, 'if-match');
  if (condition !== undefined && !matches(bucket.get(key).etag, condition)) {
    throw new S3Error(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold');
  }
  bucket.delete(key);
  sendEmpty(response, 204);
}

function matches(etag: string, condition: string): boolean {
  return condition === '*' || condition.replaceAll('"', '') === etag;
}

/** No object here has tags: those that came with it are not kept. */
export function getTagging({ bucket, key, response }: Exchange): void {
  bucket.get(key);
  sendXml(response, 'Tagging', [element('TagSet', '')]);
}
