/** The CRC of two byte strings laid end to end, from the CRC of each: the GF(2) method of zlib's crc32_combine, for every CRC of S3's. */
import type { CrcAlgorithm } from './checksum';

interface CrcShape {
  readonly bits: number;
  /** Bit-reversed, as all three are computed. */
  readonly polynomial: bigint;
}

const SHAPES: Readonly<Record<CrcAlgorithm, CrcShape>> = {
  CRC32: { bits: 32, polynomial: 0xedb88320n },
  CRC32C: { bits: 32, polynomial: 0x82f63b78n },
  CRC64NVME: { bits: 64, polynomial: 0x9a6c9329ac4bc9b5n },
};

/** Column `i` is what bit `i` becomes. */
type Matrix = readonly bigint[];

/** The CRC of no bytes at all, for each of the algorithms. */
export const EMPTY_CRC = 0n;

export class CrcCombiner {
  /** What appending so many zero bytes does to a CRC: equal parts share one, so that each costs one product. */
  private readonly operators = new Map<number, Matrix>();
  private readonly shape: CrcShape;

  constructor(algorithm: CrcAlgorithm) {
    this.shape = SHAPES[algorithm];
  }

  /** `lengthB`: bytes of the second string. */
  combine(crcA: bigint, crcB: bigint, lengthB: number): bigint {
    if (lengthB === 0) return crcA;
    let operator = this.operators.get(lengthB);
    if (operator === undefined) {
      operator = zeroBytesOperator(this.shape, lengthB);
      this.operators.set(lengthB, operator);
    }
    return times(operator, crcA) ^ crcB;
  }
}

function zeroBytesOperator({ bits, polynomial }: CrcShape, length: number): Matrix {
  const identity = Array.from({ length: bits }, (_, i) => 1n << BigInt(i));
  const oneBit = [polynomial, ...identity.slice(0, -1)];
  let power: Matrix = square(square(square(oneBit)));
  let operator: Matrix = identity;
  for (let rest = length; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) operator = operator.map((column) => times(power, column));
    power = square(power);
  }
  return operator;
}

function times(matrix: Matrix, vector: bigint): bigint {
  let sum = 0n;
  let rest = vector;
  for (const column of matrix) {
    if (rest === 0n) break;
    if (rest & 1n) sum ^= column;
    rest >>= 1n;
  }
  return sum;
}

function square(matrix: Matrix): Matrix {
  return matrix.map((column) => times(matrix, column));
}
