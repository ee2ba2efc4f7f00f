/** Reads one pinned range of the source into memory, and lets nothing through that is not exactly those bytes. */
import { TransferError } from '../domain/transfer-error';
import type { BufferPool } from './buffer-pool';
import type { Checksummer } from './checksummer';
import type { ObjectStore, RangeBody, RangeRequest } from './object-store';
import type { StallWatch } from './stall-watch';

export interface ReadOptions {
  /** What the whole object must measure. */
  readonly objectSize: number;
  /** Sums the bytes as they come; chosen when the answer's head is there. */
  readonly sum: (answer: RangeBody) => Checksummer;
  readonly watch?: StallWatch;
  /** Where the memory comes from. @default a new buffer */
  readonly buffers?: BufferPool | undefined;
}

export interface ReadResult {
  readonly bytes: Buffer;
  readonly sum: Checksummer;
  readonly answer: RangeBody;
}

/**
 * Rejects with `SourceChanged` when the answer is of another object, and with `TornRead`, which may be tried again, when
 * it is not the bytes that were asked for.
 */
export async function readRange(
  store: ObjectStore,
  request: RangeRequest,
  { objectSize, sum, watch, buffers }: ReadOptions,
): Promise<ReadResult> {
  const { key, offset, length, etag } = request;
  const where = { bucket: store.bucket, key, operation: 'GetObject' };
  const answer = await store.read(request, watch?.request);
  const torn = (what: string) => new TransferError('TornRead', `The answer to a read of ${key} ${what}`, where);
  const wrong = wrongAnswer();
  if (wrong !== undefined) {
    answer.body.leave();
    throw wrong;
  }
  const { checksummer, bytes } = ready();
  let filled = 0;
  await answer.body.pour((piece) => {
    if (filled + piece.byteLength > length) throw torn(`is longer than the ${length} bytes asked for`);
    bytes.set(piece, filled);
    checksummer.update(piece);
    filled += piece.byteLength;
    watch?.moved(piece.byteLength);
  });
  if (filled !== length) throw torn(`ended after ${filled} of ${length} bytes`);
  return { bytes, sum: checksummer, answer };

  /** What waits for the bytes; where there is no memory for it, nobody waits. */
  function ready() {
    try {
      return { checksummer: sum(answer), bytes: buffers?.take(length) ?? Buffer.allocUnsafeSlow(length) };
    } catch (error) {
      answer.body.leave();
      throw error;
    }
  }

  function wrongAnswer(): TransferError | undefined {
    const { range } = answer;
    if (answer.etag !== etag) {
      return new TransferError('SourceChanged', `${key} was replaced while it was read`, where);
    }
    if (range === undefined) {
      return offset === 0 && length === objectSize
        ? undefined
        : torn('is the whole object, and not the range asked for');
    }
    if (range.size !== objectSize) {
      return new TransferError('SourceChanged', `${key} now measures ${range.size} bytes, not ${objectSize}`, where);
    }
    if (range.first === offset && range.last === offset + length - 1) return undefined;
    return torn(`holds bytes ${range.first} to ${range.last}, not ${offset} to ${offset + length - 1}`);
  }
}
