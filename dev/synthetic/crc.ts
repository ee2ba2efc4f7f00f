/** The one place here that joins checksums: how the engine's own combiner is used, with the operators of many lengths kept. */
import { CrcCombiner } from '../../src/domain/crc';

const KEPT = 256;
const combiners = new Map<number, CrcCombiner>();

/** The CRC-32 of two byte strings laid end to end, from the CRC-32 of each. */
export function joinCrc32(crcA: number, crcB: number, lengthB: number): number {
  let combiner = combiners.get(lengthB);
  if (combiner === undefined) {
    if (combiners.size >= KEPT) combiners.clear();
    combiner = new CrcCombiner('CRC32');
    combiners.set(lengthB, combiner);
  }
  return Number(combiner.combine(BigInt(crcA), BigInt(crcB), lengthB));
}

/** What stands behind a beginning: the CRC-32 of the last `lengthB` bytes, from that of the whole and that of the rest. */
export function cutCrc32(crcWhole: number, crcBeginning: number, lengthB: number): number {
  return (crcWhole ^ joinCrc32(crcBeginning, 0, lengthB)) >>> 0;
}

/** As S3 writes it: big-endian, base64. */
export function base64OfCrc32(crc32: number): string {
  return crc32Bytes(crc32).toString('base64');
}

export function crc32Bytes(crc32: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(crc32);
  return bytes;
}
