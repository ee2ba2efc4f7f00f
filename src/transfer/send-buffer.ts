/** Sends what stands in a buffer of the pool, again where that may help, and gives the buffer back. */
import type { BufferPool } from './buffer-pool';
import { retrying, type RetryOptions } from './retry';

/** Of an attempt before it a request may be at work still: only what the first one has sent is given back. */
export async function sendBuffer<T>(
  bytes: Buffer,
  buffers: BufferPool,
  send: (attempt: number) => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  let attempts = 0;
  const answer = await retrying((attempt) => {
    attempts = attempt;
    return send(attempt);
  }, options);
  if (attempts === 1) buffers.give(bytes);
  return answer;
}
