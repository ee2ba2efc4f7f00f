/**
 * The checksum headers of S3. A CRC-32 is checked, as every byte is summed by it. Any other is stored and
 * told again as it came, unless the bytes are known to be made-up ones.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { crc32 } from 'node:zlib';
import { S3Error } from './answers';
import { base64OfCrc32, crc32Bytes } from './crc';

export const ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';

/** A value in base64, as S3 prints it. */
export interface Checksum {
  readonly algorithm: Algorithm;
  readonly value: string;
}

export interface ObjectChecksum extends Checksum {
  readonly type: ChecksumType;
}

export function checksumHeader(algorithm: Algorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/** As an element of an XML answer is called: `ChecksumCRC32`. */
export function checksumElement(algorithm: Algorithm): string {
  return `Checksum${algorithm}`;
}

/** The one that a request gives in its head or in its trailers. */
export function givenChecksum(
  headers: IncomingHttpHeaders | Readonly<Record<string, string | undefined>>,
): Checksum | undefined {
  for (const algorithm of ALGORITHMS) {
    const value = headers[checksumHeader(algorithm)];
    if (typeof value === 'string') return { algorithm, value };
  }
  return undefined;
}

/** Throws BadDigest when it is a CRC-32 of other bytes. */
export function assertChecksum({ algorithm, value }: Checksum, crc: number): void {
  if (algorithm !== 'CRC32' || value === base64OfCrc32(crc)) return;
  throw new S3Error(400, 'BadDigest', `The CRC32 you specified did not match the calculated checksum.`);
}

export function parseAlgorithm(name: string | undefined): Algorithm | undefined {
  if (name === undefined) return undefined;
  const found = ALGORITHMS.find((algorithm) => algorithm === name.toUpperCase());
  if (found === undefined) throw new S3Error(400, 'InvalidRequest', 'Checksum algorithm provided is unsupported.');
  return found;
}

/** The checksum of checksums that an upload of the type COMPOSITE gets. */
export function compositeCrc32(crcs: readonly number[]): string {
  return `${base64OfCrc32(crc32(Buffer.concat(crcs.map(crc32Bytes))))}-${crcs.length}`;
}

/** For an answer about an object. */
export function checksumHeaders(checksum: ObjectChecksum | undefined): Record<string, string> {
  if (checksum === undefined) return {};
  return { [checksumHeader(checksum.algorithm)]: checksum.value, 'x-amz-checksum-type': checksum.type };
}
