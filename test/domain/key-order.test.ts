/** The order of keys is the order of their UTF-8 bytes, as S3 lists them. */
import fc from 'fast-check';
import { compareKeys, keyAfter } from '../../src/domain/key-order';

/** Whole characters only: a lone surrogate has no UTF-8, so no key holds one. */
const anyKey = fc.string({ unit: 'binary', maxLength: 20 });
/** Characters on both sides of the surrogates, so that the property meets the case that matters. */
const nearSurrogates = fc
  .array(
    fc.constantFrom(
      'a',
      '/',
      '-',
      '\u{d7ff}',
      '\u{e000}',
      '\u{fffd}',
      '\u{ffff}',
      '\u{10000}',
      '\u{1f600}',
      '\u{10ffff}',
    ),
    {
      maxLength: 6,
    },
  )
  .map((characters) => characters.join(''));

describe('compareKeys', () => {
  test.each([
    ['the empty key before every other', '', 'a', -1],
    ['a key after its own prefix', 'ab', 'a', 1],
    ['upper case before lower case', 'Z', 'a', -1],
    ['a hyphen before a slash', 'a-b', 'a/b', -1],
    ['U+FFFD before U+1F600, which JavaScript puts the other way', '\u{fffd}', '\u{1f600}', -1],
    ['U+D7FF before U+10000', '\u{d7ff}', '\u{10000}', -1],
    ['equal keys as equal', 'a/b', 'a/b', 0],
  ])('orders %s', (_name, a, b, sign) => {
    expect(Math.sign(compareKeys(a, b))).toBe(sign);
    expect(Math.sign(compareKeys(b, a))).toBe(0 - sign);
  });

  test.each([
    ['any two keys', anyKey],
    ['two keys around the surrogates', nearSurrogates],
  ])('agrees with the order of the bytes for %s', (_name, key) => {
    fc.assert(
      fc.property(key, key, (a, b) => {
        expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
      { numRuns: 2_000 },
    );
  });

  test('has nothing between a key and the one after it', () => {
    fc.assert(
      fc.property(anyKey, anyKey, (key, other) => {
        expect(compareKeys(key, keyAfter(key))).toBeLessThan(0);
        if (compareKeys(other, key) > 0) expect(compareKeys(other, keyAfter(key))).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test('agrees with the order of the bytes for keys that share a beginning', () => {
    fc.assert(
      fc.property(anyKey, anyKey, nearSurrogates, (start, a, b) => {
        const [x, y] = [start + a, start + b];
        expect(Math.sign(compareKeys(x, y))).toBe(Buffer.compare(Buffer.from(x), Buffer.from(y)));
      }),
    );
  });
});
