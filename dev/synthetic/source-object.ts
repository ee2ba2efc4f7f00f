/** An object that is there from the start: its bytes are made up, and what S3 would tell of them is worked out when first asked for. */
import type { PartLayout } from '../../src/domain/copy-decision';
import type { Checksum } from './checksums';
import { etagOfBytes, etagOfParts } from './etags';
import { madeBytes } from './made-bytes';
import type { OtherCrc } from './other-crcs';
import { partRanges, type StoredObject } from './stored-object';
import { wholeChecksum } from './whole-checksum';

export interface SyntheticObject {
  readonly bucket: string;
  readonly key: string;
  readonly size: number;
  /** As if it had been uploaded in these parts. @default in one piece, of whatever size */
  readonly partSizes?: PartLayout;
  /** The full-object checksum that its store keeps: a CRC is worked out, any other is given. @default none */
  readonly checksum?: 'CRC32' | OtherCrc | Checksum;
  /** @default what a copy in the same parts gets */
  readonly etag?: string;
  /** Content headers, and user metadata as `x-amz-meta-…`. */
  readonly headers?: Readonly<Record<string, string>>;
}

export function sourceObject(spec: SyntheticObject, phase: number, lastModified: number): StoredObject {
  const { key, size, partSizes, headers = {} } = spec;
  assertSizes(spec);
  const bytes = madeBytes(size, phase);
  const etag = once(() => {
    if (spec.etag !== undefined) return spec.etag;
    if (partSizes === undefined) return etagOfBytes(bytes.crc32(0, size), size);
    const parts = Array.from(partRanges(partSizes), ({ offset, length }) =>
      etagOfBytes(bytes.crc32(offset, length), length),
    );
    return etagOfParts(parts);
  });
  const checksum = once(() => wholeChecksum(spec.checksum, bytes));
  const facts = { key, size, lastModified, headers, bytes, ...(partSizes === undefined ? {} : { layout: partSizes }) };
  return {
    ...facts,
    get etag() {
      return etag();
    },
    get checksum() {
      return checksum();
    },
  };
}

function assertSizes({ bucket, key, size, partSizes }: SyntheticObject): void {
  if (!Number.isSafeInteger(size) || size < 0) {
    throw new RangeError(`Expected \`size\` of ${bucket}/${key} to be a number of bytes, got \`${size}\``);
  }
  const total = partSizes?.reduce((sum, [length, count]) => sum + length * count, 0) ?? size;
  if (total !== size)
    throw new RangeError(`Expected \`partSizes\` of ${bucket}/${key} to sum up to ${size}, got ${total}`);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
