/** Reads one pinned range of the source into memory, and lets nothing through that is not exactly those bytes. */
import { crc32 } from 'node:zlib';
import { TransferError } from '../domain/transfer-error';
import type { ObjectHeaders, ObjectStore, RangeRequest, RequestOptions } from './object-store';

export interface ReadResult {
  readonly bytes: Buffer;
  readonly crc32: number;
  readonly headers: ObjectHeaders;
}

/**
 * `objectSize`: what the whole object must measure. Rejects with `SourceChanged` when the answer is of another object,
 * and with `TornRead`, which may be tried again, when it is not the bytes that were asked for.
 */
export async function readRange(
  store: ObjectStore,
  request: RangeRequest & { readonly objectSize: number },
  options: RequestOptions = {},
): Promise<ReadResult> {
  const { key, offset, length, etag, objectSize } = request;
  const where = { bucket: store.bucket, key, operation: 'GetObject' };
  const answer = await store.read(request, options);
  const torn = (what: string) => new TransferError('TornRead', `The answer to a read of ${key} ${what}`, where);
  const wrong = wrongAnswer();
  if (wrong !== undefined) {
    await leave(answer.body);
    throw wrong;
  }
  const bytes = Buffer.allocUnsafeSlow(length);
  let filled = 0;
  let sum = 0;
  for await (const piece of answer.body) {
    if (filled + piece.byteLength > length) throw torn(`is longer than the ${length} bytes asked for`);
    bytes.set(piece, filled);
    sum = crc32(piece, sum);
    filled += piece.byteLength;
  }
  if (filled !== length) throw torn(`ended after ${filled} of ${length} bytes`);
  return { bytes, crc32: sum, headers: answer.headers };

  function wrongAnswer(): TransferError | undefined {
    const { range } = answer;
    if (answer.etag !== etag) {
      return new TransferError('SourceChanged', `${key} was replaced while it was read`, where);
    }
    if (range === undefined ? offset !== 0 || length !== objectSize : range.first !== offset) {
      return torn(`begins elsewhere than at byte ${offset}`);
    }
    if (range === undefined || range.size === objectSize) return undefined;
    return new TransferError('SourceChanged', `${key} now measures ${range.size} bytes, not ${objectSize}`, where);
  }
}

/** Frees the connection of a body that nobody will read: one piece has to be asked for before a stream can be left. */
async function leave(body: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const _piece of body) break;
  } catch {
    // What is wrong with the answer is known already.
  }
}
