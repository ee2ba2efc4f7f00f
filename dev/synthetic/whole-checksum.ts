/** The full-object checksum of made-up bytes. */
import type { Algorithm, Checksum, ObjectChecksum } from './checksums';
import { base64OfCrc32 } from './crc';
import type { MadeBytes } from './made-bytes';
import { isOtherCrc, otherCrcOf } from './other-crcs';

/** Undefined: none is wanted, or it is one that cannot be worked out without reading every byte. */
export function wholeChecksum(wanted: Algorithm | Checksum | undefined, bytes: MadeBytes): ObjectChecksum | undefined {
  if (wanted === undefined) return undefined;
  const type = 'FULL_OBJECT';
  if (typeof wanted === 'object') return { ...wanted, type };
  if (isOtherCrc(wanted)) return { algorithm: wanted, value: otherCrcOf(wanted, bytes), type };
  if (wanted !== 'CRC32') return undefined;
  return { algorithm: wanted, value: base64OfCrc32(bytes.crc32(0, bytes.size)), type };
}
