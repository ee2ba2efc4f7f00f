/** The parts of an object: mirrored where the source's own layout may be had again, else uniform. */
import fc from 'fast-check';
import type { PartLayout } from '../../src/domain/copy-decision';
import {
  countParts,
  MAX_OBJECT_BYTES,
  MAX_PARTS,
  MIN_PART_BYTES,
  partsOf,
  planParts,
  uniformPartSize,
  type PartPlan,
} from '../../src/domain/part-plan';
import { GiB, MiB } from '../../src/domain/sizes';

const LARGEST = Math.floor(MAX_OBJECT_BYTES);
const sizeOf = (layout: PartLayout) => layout.reduce((sum, [length, times]) => sum + length * times, 0);

function expectCover(plan: PartPlan): void {
  let number = 0;
  let end = 0;
  for (const part of partsOf(plan)) {
    number += 1;
    if (part.number !== number || part.offset !== end) expect(part).toEqual({ ...part, number, offset: end });
    end += part.length;
  }
  expect(end).toBe(plan.size);
  expect(countParts(plan.layout)).toBe(number);
  expect(number).toBeGreaterThanOrEqual(1);
  expect(number).toBeLessThanOrEqual(MAX_PARTS);
}

describe('planParts mirrors the source', () => {
  test.each<[string, PartLayout]>([
    [
      'uniform parts with a shorter last',
      [
        [8 * MiB, 3],
        [17, 1],
      ],
    ],
    ['uniform parts with an equal last', [[8 * MiB, 4]]],
    [
      'parts of odd sizes',
      [
        [5 * MiB + 1, 1],
        [7 * MiB, 2],
        [6 * MiB + 3, 1],
        [9 * MiB, 1],
      ],
    ],
    [
      'a last part larger than the others',
      [
        [5 * MiB, 2],
        [6 * MiB, 1],
      ],
    ],
    ['one small part', [[17, 1]]],
    ['one empty part', [[0, 1]]],
    [
      'an empty last part',
      [
        [5 * MiB, 2],
        [0, 1],
      ],
    ],
    [
      'parts that are too large for memory',
      [
        [5 * GiB, 2],
        [1, 1],
      ],
    ],
    [
      'parts of exactly 64 MiB',
      [
        [64 * MiB, 2],
        [1, 1],
      ],
    ],
    ['64 runs', Array.from({ length: 64 }, (_, i) => [5 * MiB + i, 1] as const)],
    [
      '10,000 parts',
      [
        [5 * MiB, 9_999],
        [1, 1],
      ],
    ],
  ])('of %s', (_name, layout) => {
    const plan = planParts({ size: sizeOf(layout), layout });
    expect(plan).toEqual({ kind: 'multipart', size: sizeOf(layout), layout, mirrored: true });
    expectCover(plan);
  });
});

describe('planParts does not mirror', () => {
  test.each<[string, PartLayout, number?]>([
    [
      'a part below 5 MiB before the last',
      [
        [5 * MiB, 1],
        [5 * MiB - 1, 1],
        [100 * MiB, 1],
      ],
    ],
    [
      'two small parts in the last run',
      [
        [8 * MiB, 20],
        [17, 2],
      ],
    ],
    ['65 runs', Array.from({ length: 65 }, (_, i) => [5 * MiB + i, 1] as const)],
    ['a part above 5 GiB', [[5 * GiB + 1, 2]]],
    ['10,001 parts', [[5 * MiB, 10_001]]],
    ['parts that add up to less than the object', [[8 * MiB, 20]], 160 * MiB + 1],
    ['parts that add up to more than the object', [[8 * MiB, 20]], 160 * MiB - 1],
    ['no parts at all', [], 100 * MiB],
  ])('%s', (_name, layout, size = sizeOf(layout)) => {
    const plan = planParts({ size, layout });
    expect(plan).toMatchObject({ kind: 'multipart', size, mirrored: false });
    expect(plan.layout[0]?.[0]).toBe(uniformPartSize(size));
    expectCover(plan);
  });

  test('a small object whose layout cannot be had: it becomes one PUT that is no mirror', () => {
    expect(planParts({ size: 20, layout: [[10, 2]] })).toEqual({
      kind: 'put',
      size: 20,
      layout: [[20, 1]],
      mirrored: false,
    });
  });
});

describe('planParts without a layout', () => {
  test.each<[string, number, PartPlan['kind'], number]>([
    ['0 bytes', 0, 'put', 1],
    ['1 byte', 1, 'put', 1],
    ['5 MiB - 1', 5 * MiB - 1, 'put', 1],
    ['64 MiB', 64 * MiB, 'put', 1],
    ['64 MiB + 1', 64 * MiB + 1, 'multipart', 5],
    ['5 GiB + 1', 5 * GiB + 1, 'multipart', 321],
    ['156 GiB', 156 * GiB, 'multipart', 9_984],
    ['10,000 parts of 16 MiB', 160_000 * MiB, 'multipart', 10_000],
    ['one byte more than 10,000 parts of 16 MiB', 160_000 * MiB + 1, 'multipart', 9_412],
    ['48.8 TiB', LARGEST, 'multipart', 10_000],
    ['a byte less', LARGEST - 1, 'multipart', 10_000],
  ])('cuts %s', (_name, size, kind, count) => {
    const plan = planParts({ size });
    expect(plan).toMatchObject({ kind, size, mirrored: kind === 'put' });
    expect(countParts(plan.layout)).toBe(count);
    expectCover(plan);
  });

  test.each<[string, number, PartLayout]>([
    ['an empty object: one empty part', 0, [[0, 1]]],
    ['one byte: one part', 1, [[1, 1]]],
    ['16 MiB: one part', 16 * MiB, [[16 * MiB, 1]]],
    [
      '16 MiB + 1: two parts',
      16 * MiB + 1,
      [
        [16 * MiB, 1],
        [1, 1],
      ],
    ],
    ['64 MiB: four equal parts', 64 * MiB, [[16 * MiB, 4]]],
  ])('cuts for an upload that must exist before the first byte: %s', (_name, size, layout) => {
    const plan = planParts({ size }, true);
    expect(plan).toEqual({ kind: 'multipart', size, layout, mirrored: false });
    expectCover(plan);
  });
});

test('parts cover any object exactly, at most 10,000 of them, none too small or too large for S3', () => {
  const anySize = fc.oneof(
    fc.integer({ min: 0, max: 200 * MiB }),
    fc.integer({ min: 0, max: 200 * GiB }),
    fc.integer({ min: 0, max: LARGEST }),
  );
  const anyLayout = fc.array(
    fc.tuple(fc.oneof(fc.integer({ min: 0, max: 70 * MiB }), fc.constant(8 * MiB)), fc.integer({ min: 1, max: 40 })),
    { minLength: 1, maxLength: 6 },
  );
  const anySource = fc.oneof(
    anySize.map((size) => ({ size })),
    anyLayout.map((layout) => ({ size: sizeOf(layout), layout })),
  );
  fc.assert(
    fc.property(anySource, fc.boolean(), (source, multipartOnly) => {
      const plan = planParts(source, multipartOnly);
      expectCover(plan);
      if (multipartOnly) expect(plan.kind).toBe('multipart');
      const parts = plan.layout.flatMap(([length, times]) => (times === 1 ? [length] : [length, length]));
      for (const length of parts.slice(0, -1)) expect(length).toBeGreaterThanOrEqual(MIN_PART_BYTES);
      for (const length of parts) expect(length).toBeLessThanOrEqual(5 * GiB);
    }),
    { numRuns: 300 },
  );
});
