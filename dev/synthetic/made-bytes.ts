/**
 * Bytes that are made up and kept nowhere: a pseudo-random block, repeated without end, of which each object is a stretch
 * that begins somewhere else. Any range costs no more memory than the block, and its CRC-32 no more than two blocks' time, or
 * its own where it is shorter.
 */
import { createCipheriv, createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { cutCrc32, joinCrc32 } from './crc';

export interface MadeBytes {
  readonly size: number;
  /** Views of one block that is never written to. */
  slices(offset: number, length: number): Generator<Buffer>;
  crc32(offset: number, length: number): number;
}

/** A prime above 1 MiB: no two parts of one object begin at the same place of the block, so none can stand for another. */
export const PERIOD = 1_048_583;
const WINDOW = 1024 ** 2;

/** `phase`: where in the block it begins, below `PERIOD`. */
export function madeBytes(size: number, phase: number): MadeBytes {
  return new Stretch(size, phase);
}

/** Two numbers, as there may be a million of them. */
class Stretch implements MadeBytes {
  constructor(
    readonly size: number,
    private readonly phase: number,
  ) {}

  *slices(offset: number, length: number): Generator<Buffer> {
    const end = this.phase + offset + length;
    for (let at = this.phase + offset; at < end; at += WINDOW) {
      const start = at % PERIOD;
      yield block().subarray(start, start + Math.min(WINDOW, end - at));
    }
  }

  crc32(offset: number, length: number): number {
    const start = this.phase + offset;
    if (length <= WINDOW) {
      const within = start % PERIOD;
      return crc32(block().subarray(within, within + length));
    }
    const before = crcOfBeginning(start);
    return cutCrc32(crcOfBeginning(start + length), before, length);
  }
}

/** Where an object of this name begins in the block. */
export function phaseOf(seed: string): number {
  return createHash('sha256').update(seed).digest().readUIntBE(0, 6) % PERIOD;
}

let made: Buffer | undefined;

/** One period, and its beginning once more: so that a window which begins anywhere in it lies in one piece. */
function block(): Buffer {
  if (made === undefined) {
    const cipher = createCipheriv('aes-128-ctr', Buffer.from('synthetic bytes.'), Buffer.alloc(16));
    const period = cipher.update(Buffer.alloc(PERIOD));
    made = Buffer.concat([period, period.subarray(0, WINDOW)]);
  }
  return made;
}

/** Ranges come one after another: where one begins, the last one has ended. */
let latest = { length: 0, crc: 0 };

/** CRC-32 of the first bytes of the endless repetition. */
function crcOfBeginning(length: number): number {
  if (latest.length === length) return latest.crc;
  const crc = crc32(block().subarray(0, length % PERIOD), crcOfPeriods(Math.floor(length / PERIOD)));
  latest = { length, crc };
  return crc;
}

/** CRC-32 of 1, 2, 4, … periods. */
const doublings: number[] = [];

function crcOfPeriods(count: number): number {
  let crc = 0;
  for (let power = 0, rest = count; rest > 0; power += 1, rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) crc = joinCrc32(crc, crcOfDoubling(power), PERIOD * 2 ** power);
  }
  return crc;
}

function crcOfDoubling(power: number): number {
  const known = doublings[power];
  if (known !== undefined) return known;
  const half = power === 0 ? 0 : crcOfDoubling(power - 1);
  const crc = power === 0 ? crc32(block().subarray(0, PERIOD)) : joinCrc32(half, half, PERIOD * 2 ** (power - 1));
  doublings[power] = crc;
  return crc;
}
