/** Walking one stretch of a bucket: where it begins, where it ends, and what the pages have to do with it. */
import type { KeyRange } from '../../src/domain/work';
import { walkKeys } from '../../src/transfer/walk-keys';
import { MemoryStore, type MemoryStoreOptions } from '../support/memory-store';
import { failingWith, withoutWaiting } from './examples';

withoutWaiting();

const KEYS = ['a-b', 'a/1', 'a/2', 'a/3', 'b/1', 'b/\u{fffd}', 'b/\u{1f600}', 'c'];

function storeOf(keys: readonly string[], options: MemoryStoreOptions = {}): MemoryStore {
  const store = new MemoryStore(options);
  for (const key of keys) store.seed(key, 'x');
  return store;
}

async function walked(store: MemoryStore, range: KeyRange): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of walkKeys(store, range)) keys.push(key);
  return keys;
}

describe.each([1, 2, 3, 1_000])('walkKeys in UTF-8 order, %s keys a page', (pageKeys) => {
  test.each<[string, KeyRange, string[]]>([
    ['the whole bucket', { prefix: '' }, KEYS],
    ['a prefix', { prefix: 'a/' }, ['a/1', 'a/2', 'a/3']],
    ['nothing under a prefix that nobody has', { prefix: 'z' }, []],
    ['from behind a key', { prefix: 'a/', startAfter: 'a/1' }, ['a/2', 'a/3']],
    ['from behind a key that is gone', { prefix: '', startAfter: 'a/25' }, KEYS.slice(3)],
    ['up to a key, and with it', { prefix: '', endAt: 'a/2' }, KEYS.slice(0, 3)],
    ['up to where a key was that is gone', { prefix: '', endAt: 'a/25' }, KEYS.slice(0, 3)],
    ['up to a key beyond the surrogates', { prefix: 'b/', endAt: 'b/\u{fffd}' }, ['b/1', 'b/\u{fffd}']],
    ['up to where a key was, before the surrogates', { prefix: 'b/', endAt: 'b/\u{fffe}' }, ['b/1', 'b/\u{fffd}']],
    ['both', { prefix: '', startAfter: 'a/1', endAt: 'b/1' }, ['a/2', 'a/3', 'b/1']],
    ['nothing between two neighbours that are gone', { prefix: '', startAfter: 'a/21', endAt: 'a/22' }, []],
    ['all of it though it was shorter once', { prefix: '', endAt: 'c', keys: 1 }, KEYS],
  ])('walks %s', async (_name, range, expected) => {
    await expect(walked(storeOf(KEYS, { pageKeys }), range)).resolves.toEqual(expected);
  });
});

describe.each([1, 3, 1_000])('walkKeys in the order of directories, %s keys a page', (pageKeys) => {
  const options = { pageKeys, order: 'directory' } as const;
  const order = ['a/1', 'a/2', 'a/3', 'a-b', 'b/1', 'b/\u{fffd}', 'b/\u{1f600}', 'c'];

  test.each<[string, KeyRange, string[]]>([
    ['the whole bucket', { prefix: '' }, order],
    ['from behind a key, in that order', { prefix: '', startAfter: 'a/3' }, order.slice(3)],
    ['up to a key that comes late in that order', { prefix: '', endAt: 'a-b' }, order.slice(0, 4)],
    ['up to a key of a prefix', { prefix: 'b/', endAt: 'b/1' }, ['b/1']],
  ])('walks %s', async (_name, range, expected) => {
    await expect(walked(storeOf(KEYS, options), range)).resolves.toEqual(expected);
  });

  test('walks on where the last key is gone, and a thousand keys beyond its count', async () => {
    const keys = Array.from({ length: 1_200 }, (_, i) => `k/${String(i).padStart(4, '0')}`);
    const store = storeOf(keys, { ...options, pageKeys: pageKeys === 1 ? 100 : pageKeys * 100 });
    await expect(walked(store, { prefix: '', endAt: 'k/0004-gone', keys: 5 })).resolves.toEqual(keys.slice(0, 1_005));
    await expect(walked(store, { prefix: '', endAt: 'k/0004-gone' })).resolves.toEqual(keys);
  });
});

test('walkKeys asks for no page after the last key of its range', async () => {
  const store = storeOf(KEYS, { pageKeys: 2 });
  await walked(store, { prefix: '', endAt: 'a/1' });
  expect(store.requests.list).toBe(1);
  await walked(store, { prefix: '', endAt: 'a/25' });
  expect(store.requests.list).toBe(3);
});

test('walkKeys asks for a page that failed again, and yields no key twice', async () => {
  const store = storeOf(KEYS, { pageKeys: 3 });
  const keys: string[] = [];
  for await (const { key } of walkKeys(store, { prefix: '' })) {
    keys.push(key);
    if (keys.length % 3 === 0) store.failNext('list', 'Throttled', 2);
  }
  expect(keys).toEqual(KEYS);
  expect(store.requests.list).toBe(3 + 2 * 2);
});

test('walkKeys passes on what no retry overcomes', async () => {
  const store = storeOf(KEYS);
  store.failNext('list', 'CredentialsRefused');
  await expect(walked(store, { prefix: '' })).rejects.toEqual(failingWith('CredentialsRefused'));
});
