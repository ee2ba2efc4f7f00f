/** The CRCs that S3 knows: CRC32 by Node's own zlib, the others by the SDK's code, which is slower; see docs/decisions/0011-the-sources-own-checksum.md. */
import { crc32 } from 'node:zlib';
import { Crc32c, Crc64Nvme } from '@aws-sdk/checksums/crc';
import type { CrcAlgorithm } from '../domain/checksum';
import type { Checksummer } from '../transfer/checksummer';

export function checksummer(algorithm: CrcAlgorithm): Checksummer {
  if (algorithm === 'CRC32') return nativeCrc32();
  const sum = algorithm === 'CRC32C' ? new Crc32c() : new Crc64Nvme();
  return {
    algorithm,
    update: (bytes) => sum.update(bytes),
    digest: async () => Buffer.from(await sum.digest()).toString('base64'),
  };
}

function nativeCrc32(): Checksummer {
  let sum = 0;
  return {
    algorithm: 'CRC32',
    update: (bytes) => {
      sum = crc32(bytes, sum);
    },
    digest: () => {
      const value = Buffer.alloc(4);
      value.writeUInt32BE(sum);
      return Promise.resolve(value.toString('base64'));
    },
  };
}
