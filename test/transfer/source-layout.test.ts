/** The part boundaries of a multipart object, from HEADs with a part number. */
import type { PartLayout } from '../../src/domain/copy-decision';
import { sourceLayout } from '../../src/transfer/source-layout';
import { MemoryStore } from '../support/memory-store';

const parts = (...sizes: number[]) => sizes.map((size) => Buffer.alloc(size, 1));

function layoutOf(store: MemoryStore, key = 'k') {
  const object = store.objects.get(key);
  if (object === undefined) throw new Error(`${key} is not there`);
  return sourceLayout(store, { key, etag: object.etag, size: object.body.length });
}

describe('sourceLayout', () => {
  test.each<[string, number[], PartLayout, number]>([
    [
      'uniform parts with a shorter last',
      [10, 10, 10, 4],
      [
        [10, 3],
        [4, 1],
      ],
      1,
    ],
    ['uniform parts with an equal last', [10, 10, 10], [[10, 3]], 1],
    [
      'two parts',
      [10, 3],
      [
        [10, 1],
        [3, 1],
      ],
      1,
    ],
    ['one part', [7], [[7, 1]], 1],
    ['one empty part', [0], [[0, 1]], 1],
    [
      'parts of unequal sizes',
      [10, 12, 12, 5, 5, 30],
      [
        [10, 1],
        [12, 2],
        [5, 2],
        [30, 1],
      ],
      7,
    ],
    [
      'a last part that is larger',
      [10, 10, 11],
      [
        [10, 2],
        [11, 1],
      ],
      4,
    ],
    [
      'a large first part',
      [30, 10, 10],
      [
        [30, 1],
        [10, 2],
      ],
      4,
    ],
    [
      '64 runs',
      Array.from({ length: 64 }, (_, i) => 100 - i),
      Array.from({ length: 64 }, (_, i) => [100 - i, 1] as const),
      65,
    ],
  ])('learns %s', async (_name, sizes, layout, heads) => {
    const store = new MemoryStore();
    store.seedParts('k', parts(...sizes));
    await expect(layoutOf(store)).resolves.toEqual(layout);
    expect(store.requests.head).toBe(heads);
  });

  test.each<[string, (store: MemoryStore) => unknown, number]>([
    ['an object in one piece', (store) => store.seed('k', 'text'), 0],
    ['an object with an opaque ETag', (store) => store.seedParts('k', parts(5, 5), { etag: 'opaque' }), 0],
    ['65 runs', (store) => store.seedParts('k', parts(...Array.from({ length: 65 }, (_, i) => 100 - i))), 66],
    ['more than 1,000 unequal parts', (store) => store.seedParts('k', parts(1, ...Array<number>(1_000).fill(2))), 1],
  ])('says nothing of %s', async (_name, seed, heads) => {
    const store = new MemoryStore();
    seed(store);
    await expect(layoutOf(store)).resolves.toBeUndefined();
    expect(store.requests.head).toBe(heads);
  });

  test('takes parts that add up like uniform ones for uniform: it costs one HEAD, and a wrong guess the ETag’s proof', async () => {
    const store = new MemoryStore();
    store.seedParts('k', parts(10, 8, 12, 4));
    await expect(layoutOf(store)).resolves.toEqual([
      [10, 3],
      [4, 1],
    ]);
    expect(store.requests.head).toBe(1);
  });

  test('says nothing where the store does not know part numbers', async () => {
    const store = new MemoryStore({ knowsPartNumbers: false });
    store.seedParts('k', parts(10, 4));
    await expect(layoutOf(store)).resolves.toBeUndefined();
  });

  test('says nothing of an object that is gone or replaced', async () => {
    const store = new MemoryStore();
    const { etag } = store.seedParts('k', parts(10, 4));
    store.seedParts('k', parts(11, 3));
    await expect(sourceLayout(store, { key: 'k', etag, size: 14 })).resolves.toBeUndefined();
    await expect(sourceLayout(store, { key: 'gone', etag, size: 14 })).resolves.toBeUndefined();
  });

  test('says nothing of an object that is replaced while its unequal parts are asked for', async () => {
    const store = new MemoryStore();
    store.seedParts('k', parts(10, 12, 14));
    store.intercept('head', async ({ partNumber }, proceed) => {
      const head = await proceed();
      return partNumber === 2 && head !== undefined ? { ...head, etag: 'other' } : head;
    });
    await expect(layoutOf(store)).resolves.toBeUndefined();
  });
});

test('an empty last part cannot be read as a range: the copy gets a layout of its own', async () => {
  const store = new MemoryStore();
  store.seedParts('k', parts(10, 10, 0));
  await expect(layoutOf(store)).resolves.toBeUndefined();
});

test.each(['BadRequest', 'SourceChanged'] as const)(
  'a store that answers part numbers with %s tells no layout',
  async (code) => {
    const store = new MemoryStore();
    store.seedParts('k', parts(10, 3));
    store.failNext('head', code);
    await expect(layoutOf(store)).resolves.toBeUndefined();
  },
);

test.each(['Throttled', 'CredentialsRefused', 'AccessDenied'] as const)('%s is no answer to it', async (code) => {
  const store = new MemoryStore();
  store.seedParts('k', parts(10, 3));
  store.failNext('head', code);
  await expect(layoutOf(store)).rejects.toMatchObject({ code });
});
