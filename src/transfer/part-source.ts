/** Where the bytes of a part come from: the pinned source, a stretch at a time, each read again by itself until it is right. */
import type { PinnedSource } from '../domain/copy-task';
import { MiB } from '../domain/sizes';
import type { BufferPool } from './buffer-pool';
import type { Checksummer } from './checksummer';
import type { ObjectStore } from './object-store';
import { readRange, type ReadResult } from './read-range';
import { retrying } from './retry';
import { watched } from './stall-watch';

export interface Stretch {
  readonly offset: number;
  readonly length: number;
}

export interface ReadStretchOptions {
  readonly sum: () => Checksummer;
  readonly stop?: AbortSignal | undefined;
  readonly buffers?: BufferPool;
}

/** One stretch, whole and checked. Rejects as `readRange` does, once the retries are used up. */
export function readStretch(
  store: ObjectStore,
  { key, etag, versionId, size }: PinnedSource,
  { offset, length }: Stretch,
  { sum, stop, buffers }: ReadStretchOptions,
): Promise<ReadResult> {
  const version = versionId === undefined ? {} : { versionId };
  const request = { key, etag, ...version, offset, length, whole: size === 0 };
  const what = `The read of bytes ${offset} to ${offset + length - 1} of ${key}`;
  return retrying(
    (attempt) =>
      watched({ bytes: length, what, attempt }, (watch) =>
        readRange(store, request, { objectSize: size, sum, watch, buffers }),
      ),
    { stop },
  );
}

/** A stream reads ahead so much: what one part that is too large for memory may hold of it. */
const PIECE_BYTES = 8 * MiB;
const PIECES_AHEAD = 4;
export const STREAM_BYTES = PIECE_BYTES * PIECES_AHEAD;

/** The pieces of one part in their order, with `PIECES_AHEAD` of them in memory at most: one with the reader, the others on their way. */
export async function* readPieces(
  store: ObjectStore,
  source: PinnedSource,
  { offset, length }: Stretch,
  options: ReadStretchOptions,
): AsyncGenerator<Buffer> {
  const end = offset + length;
  const ahead: Promise<ReadResult>[] = [];
  let next = offset;
  const begin = () => {
    const piece = { offset: next, length: Math.min(PIECE_BYTES, end - next) };
    const read = readStretch(store, source, piece, options);
    // Its error is thrown when its turn comes; until then nobody listens.
    read.catch(() => undefined);
    ahead.push(read);
    next += piece.length;
  };
  try {
    while (next < end && ahead.length < PIECES_AHEAD - 1) begin();
    for (let first = ahead.shift(); first !== undefined; first = ahead.shift()) {
      const { bytes } = await first;
      if (next < end) begin();
      yield bytes;
    }
  } finally {
    await Promise.allSettled(ahead);
  }
}
