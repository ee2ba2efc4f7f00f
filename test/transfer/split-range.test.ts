/** Pieces of a key range: together they are the range, whatever the keys; and of usual shapes they are of about one weight. */
import fc from 'fast-check';
import { Field } from '../../dev/synthetic/field';
import { compareKeys } from '../../src/domain/key-order';
import type { KeyRange } from '../../src/domain/work';
import type { ListedObject, ObjectStore } from '../../src/transfer/object-store';
import { splitRange } from '../../src/transfer/split-range';
import { walkKeys } from '../../src/transfer/walk-keys';
import { MemoryStore } from '../support/memory-store';
import { withoutWaiting } from './examples';

withoutWaiting();

/** Only its listing is asked for. */
function listingOf(field: Field) {
  const asked = { requests: 0 };
  const list: ObjectStore['list'] = ({ startAfter, prefix, maxKeys = 1000 }) => {
    asked.requests += 1;
    const walk = field.walk(startAfter === undefined ? { prefix } : { prefix, after: startAfter });
    const objects: ListedObject[] = [];
    for (let key = walk.key; key?.startsWith(prefix) === true; key = walk.key) {
      if (objects.length === maxKeys) return Promise.resolve({ objects, continuationToken: 'more' });
      objects.push({ key, size: 1, etag: '', lastModified: 0 });
      walk.next();
    }
    return Promise.resolve({ objects });
  };
  return { store: { ordered: true, list } as unknown as ObjectStore, asked };
}

function countIn(field: Field, { startAfter, endAt }: KeyRange): number {
  const before = (key: string) => field.rank({ prefix: '', after: key });
  return (endAt === undefined ? field.keys : before(endAt)) - (startAfter === undefined ? 0 : before(startAfter));
}

describe('pieces of usual shapes', () => {
  const cases = (['sequence', 'dates', 'hashes', 'skewed'] as const).flatMap((shape) =>
    [1_000_000, 7_300_000, 100_000_000].map((keys) => [shape, keys] as const),
  );

  test.each(cases)(
    '%s of %d keys are of about one weight, for some dozens of requests a piece',
    async (shape, keys) => {
      const field = new Field({ bucket: 'b', keys, shape, size: 1 }, 0);
      const { store, asked } = listingOf(field);
      const ranges = await splitRange(store, { prefix: '' }, 4);
      const counts = ranges.map((range) => countIn(field, range));
      expect(counts).toHaveLength(4);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(keys);
      // The skewed ones have nine tenths of their keys in one folder of many.
      expect(Math.max(...counts)).toBeLessThan((keys / 4) * 2.5);
      expect(asked.requests).toBeLessThan(300);
    },
  );

  test('a part of a range is split within its bounds', async () => {
    const field = new Field({ bucket: 'b', keys: 1_000_000, shape: 'dates', size: 1 }, 0);
    const bounds = { startAfter: field.keyAt(399_999), endAt: field.keyAt(799_999) };
    const ranges = await splitRange(listingOf(field).store, { prefix: '', ...bounds }, 2);
    expect(ranges).toHaveLength(2);
    expect(ranges[0]?.startAfter).toBe(bounds.startAfter);
    expect(ranges[1]?.endAt).toBe(bounds.endAt);
    for (const range of ranges) expect(countIn(field, range)).toBeGreaterThan(100_000);
  });

  test('a page of keys, or none, stays in one piece for one request', async () => {
    const field = new Field({ bucket: 'b', keys: 1000, shape: 'dates', size: 1 }, 0);
    const { store, asked } = listingOf(field);
    expect(await splitRange(store, { prefix: '' }, 4)).toEqual([{ prefix: '' }]);
    expect(await splitRange(store, { prefix: 'other/' }, 4)).toEqual([{ prefix: 'other/' }]);
    expect(asked.requests).toBe(2);
  });

  test('where the order of the listing is not known nothing is split, and nothing asked', async () => {
    const store = new MemoryStore({ order: 'directory' });
    for (let i = 0; i < 3000; i++) store.seed(`k${i}`, '');
    expect(await splitRange(store, { prefix: '' }, 4)).toEqual([{ prefix: '' }]);
    expect(store.requests.list).toBe(0);
  });
});

/** A page is a thousand keys: so many of them differ in few letters of any kind. */
const aKey = fc.string({
  unit: fc.constantFrom('a', 'b', '/', '~', 'é', '日', '\uFF21', '\u{1F600}', '\u{10ffff}'),
  maxLength: 8,
});

test('whatever the keys, the pieces hold each of them once, in order', async () => {
  const scene = fc.record({
    keys: fc.uniqueArray(aKey, { minLength: 4, maxLength: 60 }),
    tails: fc.integer({ min: 2, max: 12 }),
    pieces: fc.integer({ min: 2, max: 8 }),
    bounds: fc.record({ startAfter: aKey, endAt: aKey }, { requiredKeys: [] }),
  });
  let split = 0;
  await fc.assert(
    fc.asyncProperty(scene, async ({ keys, tails, pieces, bounds }) => {
      const store = new MemoryStore();
      for (const key of keys) for (let i = 0; i < tails; i++) store.seed(`p/${key}${i}`, '');
      const { startAfter, endAt } = bounds;
      const range: KeyRange = {
        prefix: 'p/',
        ...(startAfter === undefined ? {} : { startAfter: `p/${startAfter}` }),
        ...(endAt === undefined ? {} : { endAt: `p/${endAt}` }),
      };
      const whole = await listed(store, range);
      const ranges = await splitRange(store, range, pieces, { pageKeys: 5 });
      expect(ranges.length).toBeLessThanOrEqual(pieces);
      const parts = await Promise.all(ranges.map((piece) => listed(store, piece)));
      expect(parts.flat()).toEqual(whole);
      split += Number(ranges.length > 1);
      // Unicode has no such letter, but a key may; then a piece may be empty.
      const strange = keys.some((key) => key.includes('\u{10ffff}'));
      if (ranges.length > 1 && !strange) for (const part of parts) expect(part.length).toBeGreaterThan(0);
      expect(whole).toEqual(whole.toSorted(compareKeys));
    }),
    { numRuns: 150 },
  );
  expect(split).toBeGreaterThan(10);
});

async function listed(store: ObjectStore, range: KeyRange): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of walkKeys(store, range)) keys.push(key);
  return keys;
}
