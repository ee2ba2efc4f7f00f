/** CRC-32C and CRC-64/NVME of made-up objects: of one period by table, of the whole by joining, whatever its size. */
import { PERIOD, type MadeBytes } from './made-bytes';

/** Both are reflected, begin with all bits set, and invert their result. */
const CRCS = {
  CRC32C: { width: 32, polynomial: 0x82f63b78n },
  CRC64NVME: { width: 64, polynomial: 0x9a6c9329ac4bc9b5n },
} as const;

export type OtherCrc = keyof typeof CRCS;

export function isOtherCrc(algorithm: string): algorithm is OtherCrc {
  return Object.hasOwn(CRCS, algorithm);
}

/** Of the whole object, as S3 writes it: big-endian, base64. */
export function otherCrcOf(algorithm: OtherCrc, bytes: MadeBytes): string {
  const { size } = bytes;
  const beginning = (length: number) => sum(algorithm, bytes.slices(0, length));
  const rest = size % PERIOD;
  let crc = beginning(rest);
  let power = size < PERIOD ? 0n : beginning(PERIOD);
  let length = PERIOD;
  let behind = rest;
  // From the end to the front: what repeats is put before what is there.
  for (let left = Math.floor(size / PERIOD); left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) {
      crc = join(algorithm, power, crc, behind);
      behind += length;
    }
    power = join(algorithm, power, power, length);
    length *= 2;
  }
  const digits = crc.toString(16).padStart(CRCS[algorithm].width / 4, '0');
  return Buffer.from(digits, 'hex').toString('base64');
}

function join(algorithm: OtherCrc, crcA: bigint, crcB: bigint, lengthB: number): bigint {
  return product(algorithm, crcA, powerOfX(algorithm, lengthB)) ^ crcB;
}

/** x to the power of the bits of so many bytes, modulo the polynomial. */
function powerOfX(algorithm: OtherCrc, byteLength: number): bigint {
  const top = BigInt(CRCS[algorithm].width - 1);
  let result = 1n << top;
  let power = 1n << (top - 8n);
  for (let rest = byteLength; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = product(algorithm, result, power);
    power = product(algorithm, power, power);
  }
  return result;
}

/** Of two polynomials modulo the CRC's own; the highest bit stands for x to the power of 0. */
function product(algorithm: OtherCrc, a: bigint, b: bigint): bigint {
  const { width, polynomial } = CRCS[algorithm];
  let sum = 0n;
  let shifted = b;
  for (let bit = 1n << BigInt(width - 1); bit > 0n; bit >>= 1n) {
    if (a & bit) sum ^= shifted;
    shifted = shifted & 1n ? (shifted >> 1n) ^ polynomial : shifted >> 1n;
  }
  return sum;
}

interface Table {
  readonly high: Uint32Array;
  readonly low: Uint32Array;
}

const tables = new Map<OtherCrc, Table>();

function tableOf(algorithm: OtherCrc): Table {
  const known = tables.get(algorithm);
  if (known) return known;
  const table: Table = { high: new Uint32Array(256), low: new Uint32Array(256) };
  for (let byte = 0; byte < 256; byte += 1) {
    let crc = BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1n ? (crc >> 1n) ^ CRCS[algorithm].polynomial : crc >> 1n;
    table.high[byte] = Number(crc >> 32n);
    table.low[byte] = Number(crc & 0xffffffffn);
  }
  tables.set(algorithm, table);
  return table;
}

/** In two halves of 32 bits, the upper of which stays 0 for a CRC of 32. */
function sum(algorithm: OtherCrc, pieces: Iterable<Buffer>): bigint {
  const { high: highs, low: lows } = tableOf(algorithm);
  const ones = CRCS[algorithm].width === 64 ? -1 : 0;
  let high = ones;
  let low = -1;
  for (const piece of pieces) {
    for (const byte of piece) {
      const index = (low ^ byte) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ (lows[index] ?? 0);
      high = (high >>> 8) ^ (highs[index] ?? 0);
    }
  }
  return (BigInt((high ^ ones) >>> 0) << 32n) | BigInt(~low >>> 0);
}
