/** What a bucket knows of an object: everything but its bytes. */
import type { PartLayout } from '../../src/domain/copy-decision';
import type { ObjectChecksum } from './checksums';
import type { MadeBytes } from './made-bytes';

export interface StoredObject {
  readonly key: string;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** Milliseconds since 1970; whole seconds, as S3 tells no more. */
  readonly lastModified: number;
  /** Content headers, user metadata and tags, as they came. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of an object written in parts. */
  readonly layout?: PartLayout | undefined;
  readonly checksum?: ObjectChecksum | undefined;
  /** Absent: somebody sent them, and they are gone. */
  readonly bytes?: MadeBytes | undefined;
}

export interface PartRange {
  readonly offset: number;
  readonly length: number;
}

/** Undefined: there is no such part. */
export function partRange(layout: PartLayout, number: number): PartRange | undefined {
  let before = 0;
  let offset = 0;
  for (const [length, count] of layout) {
    if (number <= before + count) {
      return number < 1 ? undefined : { offset: offset + (number - before - 1) * length, length };
    }
    before += count;
    offset += count * length;
  }
  return undefined;
}

export function* partRanges(layout: PartLayout): Generator<PartRange> {
  let offset = 0;
  for (const [length, count] of layout) {
    for (let i = 0; i < count; i += 1, offset += length) yield { offset, length };
  }
}

export function layoutOf(sizes: readonly number[]): PartLayout {
  const runs: [number, number][] = [];
  for (const size of sizes) {
    const last = runs.at(-1);
    if (last?.[0] === size) last[1] += 1;
    else runs.push([size, 1]);
  }
  return runs;
}

export function partsCount(layout: PartLayout): number {
  return layout.reduce((sum, [, count]) => sum + count, 0);
}
