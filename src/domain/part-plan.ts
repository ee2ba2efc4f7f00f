/** The parts of one object, as a rule and not as a list: a pure function of its size and of the source's own layout. */
import type { PartLayout } from './copy-decision';
import { GiB, MiB } from './sizes';

/** docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const MAX_PARTS = 10_000;
export const MIN_PART_BYTES = 5 * MiB;
export const MAX_PART_BYTES = 5 * GiB;
/** 10,000 parts of 5 GiB. */
export const MAX_OBJECT_BYTES = MAX_PARTS * MAX_PART_BYTES;

/** Up to here an object that the source holds in one piece is written in one piece, so that the ETags come out equal. */
export const MAX_SINGLE_PUT_BYTES = 64 * MiB;
const MIN_UNIFORM_PART_BYTES = 16 * MiB;
const MAX_LAYOUT_RUNS = 64;

export interface PartPlan {
  /** `put`: one PutObject. `multipart`: the parts of `layout`. */
  readonly kind: 'put' | 'multipart';
  readonly size: number;
  readonly layout: PartLayout;
  /** The parts are the source's own, so the ETags ought to come out equal. */
  readonly mirrored: boolean;
}

export interface Part {
  /** From 1. */
  readonly number: number;
  readonly offset: number;
  readonly length: number;
}

/** `size`: at most MAX_OBJECT_BYTES. `layout`: the source's, where it is a multipart object. `multipartOnly`: the upload must exist before the first byte (the Batch route). */
export function planParts(source: { size: number; layout?: PartLayout }, multipartOnly = false): PartPlan {
  const { size, layout } = source;
  if (layout !== undefined && canMirror(layout, size)) return { kind: 'multipart', size, layout, mirrored: true };
  if (size <= MAX_SINGLE_PUT_BYTES && !multipartOnly) {
    return { kind: 'put', size, layout: [[size, 1]], mirrored: layout === undefined };
  }
  return { kind: 'multipart', size, layout: uniformLayout(size, uniformPartSize(size)), mirrored: false };
}

/** max(16 MiB, size / 10,000), rounded up to a whole MiB. */
export function uniformPartSize(size: number): number {
  return Math.max(MIN_UNIFORM_PART_BYTES, Math.ceil(size / MAX_PARTS / MiB) * MiB);
}

/** An empty object is one empty part. */
export function uniformLayout(size: number, partSize: number): PartLayout {
  const whole = Math.floor(size / partSize);
  const rest = size - whole * partSize;
  const runs: [number, number][] = [];
  if (whole > 0) runs.push([partSize, whole]);
  if (rest > 0 || whole === 0) runs.push([rest, 1]);
  return runs;
}

function canMirror(layout: PartLayout, size: number): boolean {
  if (layout.length === 0 || layout.length > MAX_LAYOUT_RUNS) return false;
  const count = countParts(layout);
  const total = layout.reduce((sum, [length, times]) => sum + length * times, 0);
  if (total !== size || count > MAX_PARTS) return false;
  let seen = 0;
  return layout.every(([length, times]) => {
    seen += times;
    const onlyLast = seen === count && times === 1;
    return length <= MAX_PART_BYTES && (length >= MIN_PART_BYTES || onlyLast);
  });
}

export function countParts(layout: PartLayout): number {
  return layout.reduce((sum, [, count]) => sum + count, 0);
}

export function* partsOf({ layout }: PartPlan): Generator<Part> {
  let number = 1;
  let offset = 0;
  for (const [length, count] of layout) {
    for (let i = 0; i < count; i++) {
      yield { number, offset, length };
      number += 1;
      offset += length;
    }
  }
}
