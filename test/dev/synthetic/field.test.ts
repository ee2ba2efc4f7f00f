import fc from 'fast-check';
import { Field, type FieldSpec } from '../../../dev/synthetic/field';
import { MAX_KEYS, SHAPE_NAMES } from '../../../dev/synthetic/field-shapes';
import { compareKeys } from '../../../src/domain/key-order';

const MANY = 100_000_000;
const aField = (spec: Partial<FieldSpec> = {}) =>
  new Field({ bucket: 'b', keys: MANY, shape: 'sequence', size: 10, ...spec }, 0);

const numbers = (field: Field) => Array.from({ length: field.keys }, (_, number) => number);
const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

describe.each(SHAPE_NAMES)('the shape %s', (shape) => {
  test.each([1, 2, 7, 59, 60, 999, 12_345])('keys of a field of %i strictly increase, byte by byte', (keys) => {
    const field = aField({ shape, keys, prefix: 'in/' });
    const all = numbers(field).map((number) => field.keyAt(number));
    for (const [i, key] of all.slice(1).entries()) expect(byBytes(all[i]!, key)).toBeLessThan(0);
  });

  test.each([MANY, MAX_KEYS])(
    'keys of a field of %i increase with their numbers, next to each other and far away',
    (keys) => {
      const field = aField({ shape, keys });
      const number = fc.nat(keys - 2);
      fc.assert(
        fc.property(number, number, (a, b) => {
          expect(byBytes(field.keyAt(a), field.keyAt(a + 1))).toBeLessThan(0);
          expect(Math.sign(byBytes(field.keyAt(a), field.keyAt(b)))).toBe(Math.sign(a - b));
        }),
        { numRuns: 500 },
      );
    },
  );

  test.each([MANY, MAX_KEYS])('of %i keys, each one is found again by its name alone', (keys) => {
    const field = aField({ shape, keys, prefix: 'in/', size: { min: 1, max: 1_000 } });
    fc.assert(
      fc.property(fc.nat(keys - 1), (number) => {
        const key = field.keyAt(number);
        expect(field.rank({ prefix: key })).toBe(number);
        expect(field.rank({ prefix: '', after: key })).toBe(number + 1);
        const { size, etag } = field.find(key)!;
        expect({ key, size, etag }).toEqual({ key, size: field.sizeAt(number), etag: field.etagAt(number) });
        for (const other of [`${key}!`, key.slice(0, -1), key.slice(1)]) expect(field.find(other)).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  test('the rank of any text is the count of the keys before it', () => {
    const field = aField({ shape, keys: 2_000 });
    const all = numbers(field).map((number) => field.keyAt(number));
    const piece = fc.tuple(fc.constantFrom(...all), fc.nat(20)).map(([key, length]) => key.slice(0, length));
    const text = fc.oneof(
      piece,
      fc.string({ unit: 'grapheme' }),
      fc.tuple(piece, fc.string()).map(([a, b]) => a + b),
    );
    fc.assert(
      fc.property(text, (prefix) => {
        expect(field.rank({ prefix })).toBe(all.filter((key) => compareKeys(key, prefix) < 0).length);
      }),
    );
  });
});

test('a skewed field has nine in ten keys below one prefix, and folders of any script around it', () => {
  const field = aField({ shape: 'skewed', keys: 6_000 });
  const all = numbers(field).map((number) => field.keyAt(number));
  expect(all.filter((key) => key.startsWith('all/'))).toHaveLength(5_400);
  const folders = new Set(all.map((key) => key.split(/[-/]/)[0]));
  expect([...folders]).toEqual(['a', 'all', 'kunde', 'ü', '日', '\uFF21', '\u{1F600}']);
});

test('the hashes of a field are spread evenly over their first two digits', () => {
  const field = aField({ shape: 'hashes', keys: 25_600 });
  const counts = new Map<string, number>();
  for (const number of numbers(field)) {
    const first = field.keyAt(number).slice(0, 2);
    counts.set(first, (counts.get(first) ?? 0) + 1);
  }
  expect(counts.size).toBe(256);
  for (const count of counts.values()) expect(Math.abs(count - 100)).toBeLessThanOrEqual(1);
});

test('sequences and dates begin alike, whatever their length', () => {
  for (const shape of ['sequence', 'dates'] as const) {
    expect(aField({ shape, keys: 10 }).keyAt(9)).toBe(aField({ shape }).keyAt(9));
  }
  expect(aField().keyAt(12_345_678)).toBe('012345/012345678');
  expect(aField({ shape: 'dates' }).keyAt(300_042)).toBe('2000/01/31/0042');
});

test('sizes stay within their bounds and reach both of them', () => {
  const field = aField({ keys: 1_000, size: { min: 5, max: 9 } });
  expect([...new Set(numbers(field).map((number) => field.sizeAt(number)))].sort()).toEqual([5, 6, 7, 8, 9]);
  const wide = aField({ size: { min: 0, max: 2 ** 45 } });
  fc.assert(fc.property(fc.nat(MANY - 1), (number) => wide.sizeAt(number) >= 0 && wide.sizeAt(number) <= 2 ** 45));
  expect(aField({ size: 0 }).sizeAt(7)).toBe(0);
});

test('fields of one seed are equal in any bucket; of another seed they have the keys alone in common', () => {
  const [one, same, other] = [
    aField({ seed: 7, size: { min: 0, max: 1e6 } }),
    aField({ seed: 7, size: { min: 0, max: 1e6 }, bucket: 'elsewhere', prefix: 'copy/' }),
    aField({ seed: 8, size: { min: 0, max: 1e6 } }),
  ];
  fc.assert(
    fc.property(fc.nat(MANY - 1), (number) => {
      expect([same.sizeAt(number), same.etagAt(number)]).toEqual([one.sizeAt(number), one.etagAt(number)]);
      expect(one.etagAt(number)).toMatch(/^[0-9a-f]{32}$/);
      expect(other.etagAt(number)).not.toBe(one.etagAt(number));
      expect(other.keyAt(number)).toBe(one.keyAt(number));
    }),
  );
  const etags = new Set(Array.from({ length: 10_000 }, (_, number) => one.etagAt(number)));
  expect(etags.size).toBe(10_000);
});

test.each(['same', 'copied'] as const)(
  'with ETags %s, each so many-th object changed: ETag and bytes, not its size',
  (etags) => {
    const [before, after] = [aField({ etags, keys: 100, size: { min: 100, max: 200 } }), aField({ etags, keys: 100, size: { min: 100, max: 200 }, changed: { every: 10 } })]; // prettier-ignore
    const changed = numbers(before).filter((number) => before.etagAt(number) !== after.etagAt(number));
    expect(changed).toEqual([9, 19, 29, 39, 49, 59, 69, 79, 89, 99]);
    for (const number of numbers(before)) {
      const [old, now] = [before.find(before.keyAt(number))!, after.find(before.keyAt(number))!];
      expect(now.size).toBe(old.size);
      const [oldCrc, crc] = [old, now].map(({ bytes, size }) => bytes?.crc32(0, size));
      expect(crc === oldCrc).toBe(!changed.includes(number));
    }
  },
);

test.each([
  [{ keys: 0 }, /`keys` of a field to be a whole number from 1 to 1000000000, got `0`/],
  [{ keys: MAX_KEYS + 1 }, /`keys`/],
  [{ seed: -1 }, /`seed`/],
  [{ size: 1.5 }, /`size`/],
  [{ size: { min: 2, max: 1 } }, /`size`/],
  [{ changed: { every: 0 } }, /`changed.every`/],
])('a field of %j is refused', (spec, message) => expect(() => aField(spec)).toThrow(message));
