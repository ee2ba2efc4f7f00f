/** Carries a body from one stream to another: as it is, slowed down, or only its beginning. */
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';

const PIECES_A_SECOND = 20;

/** Waits for the slower side, counts what passes, and ends the sink; `bent` is what stands in for the source. */
export function carry(
  source: Readable,
  sink: Writable,
  count: (bytes: number) => void,
  bent?: AsyncIterable<Buffer>,
): void {
  if (!bent) {
    source.on('data', (chunk: Buffer) => count(chunk.length));
    source.pipe(sink);
    return;
  }
  // A broken stream is dealt with by who made the streams.
  pipeline(counted(bent, count), sink).catch(() => undefined);
}

/** The same bytes at no more than this rate, in small pieces rather than in bursts. */
export async function* throttled(source: AsyncIterable<Buffer>, bytesPerSecond: number): AsyncGenerator<Buffer> {
  const size = Math.max(1, Math.ceil(bytesPerSecond / PIECES_A_SECOND));
  const start = Date.now();
  let sent = 0;
  for await (const chunk of source) {
    for (let offset = 0; offset < chunk.length; offset += size) {
      const piece = chunk.subarray(offset, offset + size);
      sent += piece.length;
      const due = start + (sent / bytesPerSecond) * 1000;
      if (due > Date.now()) await delay(due - Date.now());
      yield piece;
    }
  }
}

/**
 * The first bytes. If there would be more, `hangUp` is called once the sink has sent those, and the body neither goes on
 * nor ends: an end would make what was cut look whole.
 */
export async function* beginning(
  source: AsyncIterable<Buffer>,
  bytes: number,
  sink: Writable,
  hangUp: () => void,
): AsyncGenerator<Buffer> {
  let left = bytes;
  for await (const chunk of source) {
    if (chunk.length <= left) {
      left -= chunk.length;
      yield chunk;
      continue;
    }
    if (left > 0) yield chunk.subarray(0, left);
    do await delay(1);
    while (sink.writableLength > 0 && !sink.destroyed);
    hangUp();
    throw new Error('The body was cut on purpose');
  }
}

async function* counted(source: AsyncIterable<Buffer>, count: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    count(chunk.length);
    yield chunk;
  }
}
