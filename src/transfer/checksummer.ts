/** Sums up bytes as they pass, and joins the sums of parts to that of the whole. Values are base64 of the big-endian CRC, as S3 writes them. */
import type { CrcAlgorithm, CrcChecksum } from '../domain/checksum';
import { CrcCombiner, EMPTY_CRC } from '../domain/crc';

export interface Checksummer {
  readonly algorithm: CrcAlgorithm;
  update(bytes: Uint8Array): void;
  /** Of all bytes so far; to be asked for once. */
  digest(): Promise<string>;
}

const DIGEST_BYTES: Readonly<Record<CrcAlgorithm, number>> = { CRC32: 4, CRC32C: 4, CRC64NVME: 8 };

export function encodeCrc(algorithm: CrcAlgorithm, crc: bigint): string {
  const digits = crc.toString(16).padStart(DIGEST_BYTES[algorithm] * 2, '0');
  return Buffer.from(digits, 'hex').toString('base64');
}

/** Undefined: not a CRC of this algorithm over all the bytes (a composite one ends in `-N`). */
export function decodeCrc(algorithm: CrcAlgorithm, value: string): bigint | undefined {
  if (value.includes('-')) return undefined;
  const bytes = Buffer.from(value, 'base64');
  return bytes.length === DIGEST_BYTES[algorithm] ? BigInt(`0x${bytes.toString('hex')}`) : undefined;
}

export interface SummedPart {
  readonly length: number;
  /** Absent: nobody knows it. */
  readonly checksum?: string | undefined;
}

/** In the order of the parts. Undefined where the sum of any part is not known. */
export function combineParts(algorithm: CrcAlgorithm, parts: Iterable<SummedPart>): CrcChecksum | undefined {
  const combiner = new CrcCombiner(algorithm);
  let whole = EMPTY_CRC;
  for (const { checksum, length } of parts) {
    const crc = checksum === undefined ? undefined : decodeCrc(algorithm, checksum);
    if (crc === undefined) return undefined;
    whole = combiner.combine(whole, crc, length);
  }
  return { algorithm, value: encodeCrc(algorithm, whole) };
}
