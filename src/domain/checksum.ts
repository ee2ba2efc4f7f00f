/** Checksums as S3 keeps them beside an object: docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html */

/** Those that S3 can verify over a whole multipart object. */
export const CRC_ALGORITHMS = ['CRC64NVME', 'CRC32C', 'CRC32'] as const;

export type CrcAlgorithm = (typeof CRC_ALGORITHMS)[number];

/** A checksum over the whole object's bytes, base64 as S3 prints it (big-endian). Of any algorithm: a source may have one that we do not know. */
export interface FullChecksum {
  readonly algorithm: CrcAlgorithm | (string & {});
  readonly value: string;
}

/** A checksum that we can compute, and S3 verify. */
export interface CrcChecksum {
  readonly algorithm: CrcAlgorithm;
  readonly value: string;
}

/** Undefined: none of them is a CRC, so that none can be given on with a copy. */
export function crcOf(checksums: readonly FullChecksum[]): CrcChecksum | undefined {
  for (const algorithm of CRC_ALGORITHMS) {
    const found = checksums.find((checksum) => checksum.algorithm === algorithm);
    if (found !== undefined) return { algorithm, value: found.value };
  }
  return undefined;
}
