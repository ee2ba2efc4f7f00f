/** The CRCs of S3, a bit at a time: slow, short, and independent of the code that it checks. */
import { crc32 } from 'node:zlib';
import type { CrcAlgorithm, CrcChecksum } from '../../src/domain/checksum';

const POLYNOMIALS: Readonly<Record<CrcAlgorithm, readonly [bits: number, polynomial: bigint]>> = {
  CRC32: [32, 0xedb88320n],
  CRC32C: [32, 0x82f63b78n],
  CRC64NVME: [64, 0x9a6c9329ac4bc9b5n],
};

export function crcNumber(algorithm: CrcAlgorithm, bytes: Uint8Array): bigint {
  if (algorithm === 'CRC32') return BigInt(crc32(bytes));
  const [bits, polynomial] = POLYNOMIALS[algorithm];
  const ones = (1n << BigInt(bits)) - 1n;
  let crc = ones;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let i = 0; i < 8; i++) crc = crc & 1n ? (crc >> 1n) ^ polynomial : crc >> 1n;
  }
  return crc ^ ones;
}

/** As S3 writes it. */
export function crcOfBytes(bytes: Uint8Array, algorithm: CrcAlgorithm = 'CRC32'): CrcChecksum {
  const [bits] = POLYNOMIALS[algorithm];
  const digits = crcNumber(algorithm, bytes)
    .toString(16)
    .padStart(bits / 4, '0');
  return { algorithm, value: Buffer.from(digits, 'hex').toString('base64') };
}
