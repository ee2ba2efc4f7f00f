/** HeadObject and GetObject, whole, by range or by part. */
import type { ServerResponse } from 'node:http';
import { throttled } from '../proxy/streams';
import { S3Error } from './answers';
import { checksumHeaders } from './checksums';
import { bareEtag } from './etags';
import { header, type Exchange } from './exchange';
import { partRange, partsCount, type PartRange, type StoredObject } from './stored-object';

export function headObject(exchange: Exchange): void {
  const { response } = exchange;
  const { status, headers } = answerOf(exchange);
  response.writeHead(status, headers);
  response.end();
}

export async function getObject(exchange: Exchange): Promise<void> {
  const { response } = exchange;
  const { status, headers, object, range } = answerOf(exchange);
  if (object.bytes === undefined && range.length > 0) {
    throw new S3Error(501, 'NotImplemented', 'The bytes of what was written here are not kept');
  }
  response.writeHead(status, headers);
  if (object.bytes !== undefined) await sendBody(exchange, object.bytes.slices(range.offset, range.length));
  response.end();
}

interface Answer {
  readonly status: 200 | 206;
  readonly headers: Record<string, string | number>;
  readonly object: StoredObject;
  readonly range: PartRange;
}

function answerOf(exchange: Exchange): Answer {
  const { bucket, key } = exchange;
  const object = bucket.get(key);
  assertConditions(exchange, object);
  const wanted = wantedPart(exchange, object) ?? wantedRange(exchange, object);
  const range = wanted ?? { offset: 0, length: object.size };
  // An empty stretch has no first and last byte to tell.
  const partial = wanted !== undefined && range.length > 0;
  const contentRange = `bytes ${range.offset}-${range.offset + range.length - 1}/${object.size}`;
  return {
    status: partial ? 206 : 200,
    object,
    range,
    headers: {
      'content-type': 'binary/octet-stream',
      ...object.headers,
      'content-length': range.length,
      ...(partial ? { 'content-range': contentRange } : {}),
      etag: `"${object.etag}"`,
      'last-modified': new Date(object.lastModified).toUTCString(),
      'accept-ranges': 'bytes',
      ...(exchange.partNumber !== undefined && object.layout
        ? { 'x-amz-mp-parts-count': partsCount(object.layout) }
        : {}),
      ...(header(exchange, 'x-amz-checksum-mode') === 'ENABLED' && !partial ? checksumHeaders(object.checksum) : {}),
    },
  };
}

function assertConditions(exchange: Exchange, { etag }: StoredObject): void {
  const ifMatch = header(exchange, 'if-match');
  if (ifMatch === undefined || ifMatch === '*' || bareEtag(ifMatch) === etag) return;
  throw new S3Error(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold');
}

function wantedPart({ partNumber }: Exchange, { layout, size }: StoredObject): PartRange | undefined {
  if (partNumber === undefined) return undefined;
  const range = partRange(layout ?? [[size, 1]], partNumber);
  if (range === undefined) throw new S3Error(416, 'InvalidPartNumber', 'The requested partnumber is not satisfiable');
  return range;
}

function wantedRange(exchange: Exchange, { size }: StoredObject): PartRange | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header(exchange, 'range') ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const offset = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  if (offset < end) return { offset, length: end - offset };
  if (first !== '' && last !== '' && Number(last) < offset) return undefined;
  throw new S3Error(416, 'InvalidRange', 'The requested range is not satisfiable');
}

/** Waits for the client after each piece, so that no more than one is ever under way. */
async function sendBody(
  { response, counters, bytesPerSecond, line }: Exchange,
  slices: Iterable<Buffer>,
): Promise<void> {
  const parts = line === undefined ? slices : inPieces(slices);
  const pieces = bytesPerSecond === undefined ? parts : throttled(asynchronous(parts), bytesPerSecond);
  for await (const piece of pieces) {
    await line?.take(piece.length);
    if (response.destroyed) return;
    counters.sent(piece.length);
    if (!response.write(piece)) await drained(response);
  }
}

const PIECE = 64 * 1024;

/** Those who share a line take turns on it, rather than that one keeps it for long. */
function* inPieces(slices: Iterable<Buffer>): Generator<Buffer> {
  for (const slice of slices) {
    for (let at = 0; at < slice.length; at += PIECE) yield slice.subarray(at, at + PIECE);
  }
}

// eslint-disable-next-line @typescript-eslint/require-await
async function* asynchronous<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      response.removeListener('drain', go).removeListener('close', go);
      resolve();
    };
    if (response.destroyed) resolve();
    else response.once('drain', go).once('close', go);
  });
}
