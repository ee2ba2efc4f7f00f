/** Which proof holds for a copy that the store has taken. Strongest first; see docs/architecture.md, "Proof". */
import type { FullChecksum } from '../domain/copy-decision';
import type { Proof } from '../domain/report-line';
import { TransferError } from '../domain/transfer-error';

export interface ProofFacts {
  readonly key: string;
  readonly sourceEtag: string;
  readonly targetEtag: string;
  readonly sourceChecksums: readonly FullChecksum[];
  /** Of every byte read, given to the store with the object, and so verified by it. Absent where some part's is not known. */
  readonly crc32?: number;
}

/** Rejects with `ProofFailed` when the source's own stored CRC says that other bytes were read. */
export function proofOf({ key, sourceEtag, targetEtag, sourceChecksums, crc32 }: ProofFacts): Proof {
  if (sourceEtag === targetEtag) return 'etag';
  if (crc32 === undefined) return 'parts';
  const own = sourceChecksums.find(({ algorithm }) => algorithm === 'CRC32');
  if (own === undefined) return 'crc';
  if (own.value === base64OfCrc32(crc32)) return 'checksum';
  throw new TransferError('ProofFailed', `The bytes read of ${key} do not have the CRC32 that its store keeps for it`, {
    key,
  });
}

/** As S3 writes it: big-endian, base64. */
export function base64OfCrc32(crc32: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32);
  return bytes.toString('base64');
}
