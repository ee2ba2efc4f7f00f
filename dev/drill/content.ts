/** The bytes of an object as a function of seed and key: an AES keystream, so any piece of it can be made by itself. */
import { createCipheriv, createHash } from 'node:crypto';
import { Readable } from 'node:stream';

const BLOCK = 16;
const PIECE = 1024 * 1024;

/** Gives the content from `offset` on, as many bytes a call as asked for. `offset` is a multiple of 16. */
export function contentFrom(seed: number, key: string, offset = 0): (length: number) => Buffer {
  if (offset % BLOCK !== 0) throw new RangeError(`Expected \`offset\` to be a multiple of ${BLOCK}, got \`${offset}\``);
  const secret = createHash('sha256').update(`${seed} ${key}`).digest();
  const counter = Buffer.alloc(BLOCK);
  counter.writeBigUInt64BE(BigInt(offset / BLOCK), 8);
  const cipher = createCipheriv('aes-256-ctr', secret, counter);
  return (length) => cipher.update(Buffer.alloc(length));
}

/** The first `size` bytes of it, never more than a piece at a time in memory. */
export function contentStream(seed: number, key: string, size: number): Readable {
  const next = contentFrom(seed, key);
  function* pieces() {
    for (let left = size; left > 0; left -= PIECE) yield next(Math.min(PIECE, left));
  }
  return Readable.from(pieces(), { objectMode: false });
}

/** Where a stream parts from what it should hold: the position of its first wrong or missing byte; undefined: nowhere. */
export async function firstDifference(
  stream: AsyncIterable<Uint8Array>,
  expected: { readonly seed: number; readonly key: string; readonly size: number },
): Promise<number | undefined> {
  const next = contentFrom(expected.seed, expected.key);
  let position = 0;
  for await (const chunk of stream) {
    if (position + chunk.length > expected.size) return expected.size;
    const wanted = next(chunk.length);
    if (wanted.compare(chunk) !== 0) return position + chunk.findIndex((byte, index) => byte !== wanted[index]);
    position += chunk.length;
  }
  return position === expected.size ? undefined : position;
}
