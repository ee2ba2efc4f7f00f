/** The CRC-32 of two byte strings laid end to end, from the CRC-32 of each: the GF(2) method of zlib's crc32_combine. */

const POLYNOMIAL = 0xedb88320;
type Matrix = readonly number[];

/** `lengthB`: bytes of the second string. A run of equal lengths costs one matrix product a call: the operator is kept. */
export class Crc32Combiner {
  private operator: { readonly length: number; readonly matrix: Matrix } | undefined;

  combine(crcA: number, crcB: number, lengthB: number): number {
    if (lengthB === 0) return crcA;
    if (this.operator?.length !== lengthB) this.operator = { length: lengthB, matrix: zeroBytesOperator(lengthB) };
    return (times(this.operator.matrix, crcA) ^ crcB) >>> 0;
  }
}

/** What appending `length` zero bytes does to a CRC. */
function zeroBytesOperator(length: number): Matrix {
  const oneBit: Matrix = [POLYNOMIAL, ...Array.from({ length: 31 }, (_, i) => 2 ** i)];
  let power = square(square(square(oneBit)));
  let operator: Matrix = Array.from({ length: 32 }, (_, i) => 2 ** i);
  for (let rest = length; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) operator = operator.map((column) => times(power, column));
    power = square(power);
  }
  return operator;
}

function times(matrix: Matrix, vector: number): number {
  let sum = 0;
  for (let i = 0, rest = vector >>> 0; rest !== 0; i++, rest >>>= 1) {
    if (rest & 1) sum ^= matrix[i] ?? 0;
  }
  return sum >>> 0;
}

function square(matrix: Matrix): Matrix {
  return matrix.map((column) => times(matrix, column));
}
