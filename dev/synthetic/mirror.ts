/** Compares what clients write with what they ought to have read: by the CRC-32 of each piece, without a byte of either. */
import { S3Error } from './answers';
import type { Buckets } from './buckets';
import type { MadeBytes } from './made-bytes';
import type { Counters } from './stats';

export interface ObjectName {
  readonly bucket: string;
  readonly key: string;
}

/** The source that a written key ought to be a copy of; undefined: anything may be written there. */
export type MirrorOf = (target: ObjectName) => ObjectName | undefined;

export interface Piece {
  readonly size: number;
  readonly crc32: number;
  /** Absent for a PutObject. */
  readonly number?: number;
}

export interface Mirror {
  /** The bytes that stand under the written key from now on, where they can be made up. Throws BadDigest when they are others. */
  verify(target: ObjectName, pieces: readonly Piece[]): MadeBytes | undefined;
}

export function createMirror(buckets: Buckets, mirrorOf: MirrorOf, counters: Counters): Mirror {
  return {
    verify(target, pieces) {
      const source = mirrorOf(target);
      if (source === undefined) return undefined;
      const refuse = (reason: string, partNumber?: number): never => {
        counters.mismatch({ ...target, ...(partNumber === undefined ? {} : { partNumber }), reason });
        throw new S3Error(400, 'BadDigest', `These are not the bytes of ${source.bucket}/${source.key}: ${reason}`);
      };
      const bytes = buckets.get(source.bucket).find(source.key)?.bytes ?? refuse('there is no such source');
      let offset = 0;
      for (const { size, crc32, number } of pieces) {
        const what = number === undefined ? 'the object' : `part ${number}`;
        if (offset + size > bytes.size) refuse(`${what} reaches beyond the ${bytes.size} bytes of the source`, number);
        if (bytes.crc32(offset, size) !== crc32) refuse(`${what} differs from the ${size} bytes at ${offset}`, number);
        offset += size;
      }
      if (offset !== bytes.size) refuse(`${offset} of ${bytes.size} bytes were written`);
      counters.verified();
      return bytes;
    },
  };
}
