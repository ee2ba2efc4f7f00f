/** Holding and releasing prefixes. */
import { addHold, holdOn, holdsEverything, releaseHold } from '../../src/domain/holds';

test.each([
  ['adds a prefix', [], 'a/', ['a/']],
  ['adds a prefix once', ['a/'], 'a/', ['a/']],
  ['adds a prefix beside a longer one', ['a/b/'], 'a/', ['a/b/', 'a/']],
  ['without a prefix holds everything', ['a/'], undefined, ['a/', '']],
])('addHold %s', (_name, holds, prefix, expected) => expect(addHold(holds, prefix)).toEqual(expected));

test.each([
  ['clears one prefix', ['a/', 'b/'], 'a/', ['b/']],
  ['leaves longer prefixes', ['a/', 'a/b/'], 'a/', ['a/b/']],
  ['leaves all when the prefix is not held', ['a/'], 'a', ['a/']],
  ['clears only the hold on everything when asked by its prefix', ['', 'a/'], '', ['a/']],
  ['without a prefix clears all', ['', 'a/', 'b/'], undefined, []],
])('releaseHold %s', (_name, holds, prefix, expected) => expect(releaseHold(holds, prefix)).toEqual(expected));

test.each([
  ['nothing without holds', [], 'a/1', undefined],
  ['nothing outside the prefix', ['a/'], 'b/a/', undefined],
  ['the hold on a prefix', ['a/'], 'a/1', 'a/'],
  ['a prefix that is no folder', ['a/1'], 'a/10', 'a/1'],
  ['the shortest of several', ['a/b/', 'a/', 'a/b/c/'], 'a/b/c/d', 'a/'],
  ['the hold on everything', ['a/', ''], 'a/1', ''],
])('holdOn finds %s', (_name, holds, key, expected) => expect(holdOn(holds, key)).toBe(expected));

test('only the empty prefix holds everything', () => {
  expect(holdsEverything(['a/'])).toBe(false);
  expect(holdsEverything(['a/', ''])).toBe(true);
});
