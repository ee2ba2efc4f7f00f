/** Which listed objects a transfer is about. */
import type { Transfer } from '../../src/domain/transfer';
import { keyFilter } from '../../src/transfer/key-filter';
import { aTransfer, SOURCE } from './examples';

const NOW = Date.UTC(2026, 5, 1, 12);
const HOUR = 3_600_000;
const source = { ...SOURCE, prefix: 'daily/' };

function wants(
  transfer: Partial<Transfer>,
  key: string,
  facts: { size?: number; lastModified?: number } = {},
): boolean {
  const { size = 10, lastModified = NOW - HOUR } = facts;
  return keyFilter(aTransfer({ source, ...transfer }), NOW)({ key: `daily/${key}`, size, lastModified, etag: 'e' });
}

test.each<[string, string[] | undefined, string[], string, boolean]>([
  ['everything without globs', undefined, [], 'a/b', true],
  ['what is included', ['**/*.csv.gz'], [], 'a/b.csv.gz', true],
  ['what is included at the top', ['**/*.csv.gz'], [], 'b.csv.gz', true],
  ['nothing that is not included', ['**/*.csv.gz'], [], 'a/b.csv', false],
  ['what any glob includes', ['*.txt', '*.csv'], [], 'b.csv', true],
  ['nothing below, for a star', ['*.csv'], [], 'a/b.csv', false],
  ['nothing that is excluded', undefined, ['tmp/**'], 'tmp/a', false],
  ['nothing that is both included and excluded', ['**/*.csv'], ['tmp/**'], 'tmp/a.csv', false],
  ['what is not excluded', undefined, ['tmp/**'], 'temp/a', true],
  ['nothing for an empty list', [], [], 'a', false],
  ['names that begin with a dot', ['**/*.csv'], [], '.hidden/.a.csv', true],
  ['by the key after the prefix', ['daily/**'], [], 'a', false],
  ['either of two in braces', ['*.{csv,txt}'], [], 'a.txt', true],
  ['a key with brackets by an escaped glob', ['a\\[1\\].csv'], [], 'a[1].csv', true],
  ['a key with blanks, quotes and percents', ['**/*.csv'], [], `a b/'c"%2F+.csv`, true],
  ['a key with a line break', ['**/*.csv'], [], 'a\nb/c\r\n.csv', true],
  ['a key with a line separator', ['**/*.csv'], [], 'a\u2028b/c.csv', true],
  ['a key beyond the surrogates', ['**/*.csv'], [], '\u{1f600}/\u{fffd}.csv', true],
  ['a key with a backslash', ['**/*.csv'], [], 'a\\b.csv', true],
  ['a key with empty names', ['**/*.csv'], [], 'a//b.csv', true],
  ['a key that begins with a slash', ['**/*.csv'], [], '/b.csv', true],
  ['a key with a name of two dots', ['**/*.csv'], [], 'a/../b.csv', true],
  ['a key that begins with a name of one dot', ['**/*.csv'], [], './b.csv', true],
  ['a key that ends in two dots', ['**'], [], 'a/..', true],
  ['nothing excluded with a name of two dots', undefined, ['**/*.csv'], 'a/../b.csv', false],
  ['nothing excluded with a line break', undefined, ['tmp/**'], 'tmp/a\nb', false],
  ['a folder’s marker', ['**'], [], 'a/', true],
])('keyFilter wants %s', (_name, include, exclude, key, wanted) => {
  expect(wants({ ...(include === undefined ? {} : { include }), exclude }, key)).toBe(wanted);
});

const filters = { minSize: 0, maxSize: Infinity, minAgeMs: 0 };

test.each<[string, Partial<Transfer['filters']>, { size?: number; lastModified?: number }, boolean]>([
  ['an object of minSize', { minSize: 10 }, { size: 10 }, true],
  ['no smaller one', { minSize: 10 }, { size: 9 }, false],
  ['an object of maxSize', { maxSize: 10 }, { size: 10 }, true],
  ['no larger one', { maxSize: 10 }, { size: 11 }, false],
  ['an object of minAge', { minAgeMs: HOUR }, { lastModified: NOW - HOUR }, true],
  ['no younger one', { minAgeMs: HOUR }, { lastModified: NOW - HOUR + 1 }, false],
  ['one from the future without minAge: the clocks differ', {}, { lastModified: NOW + HOUR }, true],
  ['an object modified since', { modifiedSince: '2026-06-01T11:00:00Z' }, { lastModified: NOW - HOUR }, true],
  ['none modified before', { modifiedSince: '2026-06-01T11:00:00Z' }, { lastModified: NOW - HOUR - 1 }, false],
  ['a day from its first moment, UTC', { modifiedSince: '2026-06-01' }, { lastModified: Date.UTC(2026, 5, 1) }, true],
])('keyFilter wants %s', (_name, changes, facts, wanted) => {
  expect(wants({ filters: { ...filters, ...changes } }, 'a', facts)).toBe(wanted);
});

test.each([
  ['our own reports', '_ferry/reports/acme/1.jsonl.gz', false],
  ['a key that only looks like them', 'x/_ferry/reports/1', true],
])('keyFilter on a whole bucket: %s', (_name, key, wanted) => {
  const filter = keyFilter(aTransfer({ source: SOURCE }), NOW);
  expect(filter({ key, size: 1, lastModified: 0, etag: 'e' })).toBe(wanted);
});
