/** Which proof holds for a copy that the store has taken. Strongest first; see docs/architecture.md, "Proof". */
import { crcOf, type CrcChecksum, type FullChecksum } from '../domain/checksum';
import type { Proof } from '../domain/report-line';
import { TransferError } from '../domain/transfer-error';

export interface ProofFacts {
  readonly key: string;
  readonly sourceEtag: string;
  readonly targetEtag: string;
  /** What the source's store keeps for the object. */
  readonly sourceChecksums: readonly FullChecksum[];
  /** What the target's store shows for the copy. */
  readonly targetChecksums: readonly FullChecksum[];
  /** Of every byte read, given to the store with the object, and so verified by it. Absent where some part's is not known. */
  readonly checksum?: CrcChecksum | undefined;
}

/** Rejects with `ProofFailed` when a checksum that the source's store keeps says that other bytes were read or stored. */
export function proofOf(facts: ProofFacts): Proof {
  const { key, sourceEtag, targetEtag, sourceChecksums, targetChecksums, checksum } = facts;
  if (sourceEtag === targetEtag) return 'etag';
  const kept = crcOf(sourceChecksums);
  const ours = checksum ?? crcOf(targetChecksums);
  if (kept !== undefined && ours?.algorithm === kept.algorithm) {
    if (ours.value === kept.value) return 'checksum';
    throw new TransferError(
      'ProofFailed',
      `The bytes copied of ${key} do not have the ${kept.algorithm} that its store keeps for it`,
      {
        key,
      },
    );
  }
  return checksum === undefined ? 'parts' : 'crc';
}
