/** What a run would delete: exactly the copies of ours whose source is gone, and nothing that anything speaks for. */
import fc from 'fast-check';
import { compareKeys } from '../../src/domain/key-order';
import type { DeletesFound } from '../../src/domain/deletes';
import { TransferError } from '../../src/domain/transfer-error';
import { deleteFilter, type Candidate } from '../../src/transfer/delete-candidates';
import { digestOf, NO_DIGEST, readList } from '../../src/transfer/delete-lists';
import { findDeletes, type FindCursor, type FindOptions } from '../../src/transfer/find-deletes';
import { joinTargets } from '../../src/transfer/join-targets';
import { MemoryStore } from '../support/memory-store';
import { all } from '../support/memory-files';
import { anEngine, aTransfer, failingWith, recordOf, withoutWaiting } from './examples';
import { aRound, aScene, keep, leave, transfer, type Scene } from './deletes-scene';
import { RUN } from './memory-lane';

withoutWaiting();

const find = (scene: Scene, options: FindOptions = {}, round = aRound()) =>
  findDeletes(round, anEngine(scene), scene.files, options);

/** All objects of the lists, from the last one back to the first. */
async function listed({ files }: Scene, found: DeletesFound): Promise<Candidate[]> {
  let { digest } = found;
  let candidates: Candidate[] = [];
  for (let list = found.lists; list > 0; list--) {
    const read = await readList(files, { run: RUN.id, lane: aRound().lane, list, digest });
    candidates = [...read.candidates, ...candidates];
    digest = read.before;
  }
  expect(digest).toBe(NO_DIGEST);
  return candidates;
}

// Surrogates sort behind U+E000 to U+FFFF in UTF-8, and before them in JavaScript.
const name = fc.string({ unit: fc.constantFrom('a', '/', '-', '~', 'é', '\uffee', '\u{1f600}'), minLength: 1, maxLength: 4 }); // prettier-ignore
const names = fc.uniqueArray(name, { maxLength: 30 });
const pages = fc.integer({ min: 1, max: 7 });

test('each key of the target is met once, with exactly whether the source has it', async () => {
  await fc.assert(
    fc.asyncProperty(names, names, pages, async (ours, theirs, pageKeys) => {
      const scene = aScene(pageKeys);
      for (const each of theirs) scene.source.seed(`in/${each}`, each);
      for (const each of ours) leave(scene, each);
      // Beside the prefixes, on both sides.
      for (const store of [scene.source, scene.target]) for (const key of ['a', 'in', 'zz']) store.seed(key, 'x');
      const met = await all(joinTargets({ ...scene, transfer }));
      const sorted = [...ours].sort(compareKeys);
      expect(met.map(({ object }) => object.key)).toEqual(sorted.map((each) => `acme/${each}`));
      expect(met.map(({ sourceKey }) => sourceKey)).toEqual(sorted.map((each) => `in/${each}`));
      expect(met.map(({ inSource }) => inSource)).toEqual(sorted.map((each) => theirs.includes(each)));
    }),
  );
});

test('whatever an attempt dies at, the next ones find the same, each object once and in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      names,
      names,
      pages,
      fc.array(fc.nat(20), { maxLength: 3 }),
      async (ours, theirs, size, deaths) => {
        const scene = aScene(3);
        for (const each of theirs) scene.source.seed(`in/${each}`, each);
        for (const each of ours) leave(scene, each);
        const small = { listObjects: size, cursorKeys: size, chunkKeys: size };
        let from: FindCursor | undefined;
        let found: DeletesFound | undefined;
        for (const death of [...deaths, Infinity]) {
          let left = death;
          scene.source.intercept('head', (_asked, proceed) => {
            left -= 1;
            if (left < 0) throw new Error('the worker is killed');
            return proceed();
          });
          const onCursor = (cursor: FindCursor) => (from = cursor);
          found ??= await find(scene, { ...small, from, onCursor }).catch(() => undefined);
        }
        scene.source.intercept('head');
        const gone = ours.filter((each) => !theirs.includes(each)).sort(compareKeys);
        expect(found?.count).toBe(gone.length);
        const candidates = await listed(scene, found!);
        expect(candidates.map(({ key }) => key)).toEqual(gone.map((each) => `acme/${each}`));
        expect(found?.digest).toBe(digestOf(candidates));
        expect(found).toEqual({ ...(await find(scene)), lists: found?.lists });
      },
    ),
    { numRuns: 60 },
  );
});

test('nothing is deleted by a search, and what is found knows its source', async () => {
  const scene = aScene();
  keep(scene, 'a');
  const { etag } = leave(scene, 'b');
  const found = await find(scene);
  expect(found).toEqual({ count: 1, lists: 1, digest: digestOf([{ key: 'acme/b', etag }]), kept: {} });
  expect(await listed(scene, found)).toEqual([{ key: 'acme/b', etag, size: 1, sourceEtag: 'source of b' }]);
  expect(Object.keys(scene.target.content)).toEqual(['acme/a', 'acme/b']);
  expect(scene.target.requests.delete).toBe(0);
});

test('another key, another ETag or another order is another digest', () => {
  const [a, b] = [{ key: 'a', etag: '1' }, { key: 'b', etag: '2' }]; // prettier-ignore
  const sets = [[], [a], [b], [a, b], [b, a], [{ ...a, etag: '2' }], [{ key: 'a 1', etag: '' }]];
  expect(new Set(sets.map((set) => digestOf(set))).size).toBe(sets.length);
});

describe('an object of the target that the source’s listing lacks', () => {
  const answering = (code: 'AccessDenied' | 'BadRequest' | 'KeyRefused') => (scene: Scene) => {
    leave(scene, 'k');
    scene.source.intercept('head', () => Promise.reject(new TransferError(code, 'refused')));
  };

  test.each<[string, (scene: Scene) => void, object]>([
    ['goes if the source says 404', (scene) => leave(scene, 'k'), { count: 1, kept: {} }],
    [
      'goes if it is of 0.1.0, whose record does not tell the source',
      ({ target }) => target.seed('acme/k', 'k', recordOf({ etag: 'e' })),
      { count: 1, kept: {} },
    ],
    ['stays if the source answers 403', answering('AccessDenied'), { count: 0, kept: { unknown: 1 } }],
    ['stays if the source answers something else', answering('BadRequest'), { count: 0, kept: { unknown: 1 } }],
    [
      'stays if the source has it after all',
      (scene) => {
        leave(scene, 'k');
        scene.source.intercept('list', async (_asked, proceed) => ({
          objects: (await proceed()).objects.filter(({ key }) => key !== 'in/k'),
        }));
        scene.source.seed('in/k', 'k');
      },
      { count: 0, kept: { inSource: 1 } },
    ],
    ['stays if it has no record', ({ target }) => target.seed('acme/k', 'k'), { count: 0, kept: { notOurs: 1 } }],
    [
      'stays if its record is of another key',
      (scene) => leave(scene, 'k', recordOf({ etag: 'e' }, 'run-0', 'in/other')),
      { count: 0, kept: { notOurs: 1 } },
    ],
    [
      'stays if its record is of another bucket',
      (scene) => leave(scene, 'k', { headers: { metadata: { 'ferry-source-etag': 'e', 'ferry-run': 'r', 'ferry-source': 'x' } } }), // prettier-ignore
      { count: 0, kept: { notOurs: 1 } },
    ],
    [
      'stays if another stands there by now',
      (scene) => {
        leave(scene, 'k');
        scene.target.intercept('head', async (_asked, proceed) => ({ ...(await proceed())!, etag: 'newer' }));
      },
      { count: 0, kept: { changed: 1 } },
    ],
    [
      'stays where someone else has deleted it',
      (scene) => {
        leave(scene, 'k');
        scene.target.intercept('head', () => Promise.resolve(undefined));
      },
      { count: 0, kept: { gone: 1 } },
    ],
  ])('%s', async (_what, prepare, expected) => {
    const scene = aScene();
    keep(scene, 'other');
    prepare(scene);
    await expect(find(scene)).resolves.toMatchObject(expected);
    expect(scene.target.objects.has('acme/k')).toBe(true);
  });

  test('is looked at in the target first: what is not ours costs the source no request', async () => {
    const scene = aScene();
    for (const key of ['x', 'y']) scene.target.seed(`acme/${key}`, key);
    await find(scene);
    expect([scene.source.requests.head, scene.target.requests.head]).toEqual([0, 2]);
  });

  test('of archived class goes as any other', async () => {
    const scene = aScene();
    leave(scene, 'k', { storageClass: 'GLACIER' });
    await expect(find(scene)).resolves.toMatchObject({ count: 1 });
  });
});

describe('what the filters leave out is not touched', () => {
  const date = (text: string) => ({ lastModified: Date.parse(text) });
  test.each<[string, object, string, object, boolean]>([
    ['a key that is included', { include: ['**/*.csv'] }, 'd/a.csv', {}, true],
    ['a key that is not included', { include: ['**/*.csv'] }, 'd/a.txt', {}, false],
    ['a key that is excluded', { exclude: ['d/**'] }, 'd/a.csv', {}, false],
    ['a copy below the least size', { filters: { minSize: 2 } }, 'a', { size: 1 }, false],
    ['a copy above the most', { filters: { maxSize: 2 } }, 'a', { size: 3 }, false],
    ['a copy of a size between', { filters: { minSize: 1, maxSize: 3 } }, 'a', { size: 2 }, true],
    ['a copy that is young: its source was old enough when it was copied', { filters: { minAgeMs: 1e12 } }, 'a', {}, true], // prettier-ignore
    ['a copy from before `modifiedSince`', { filters: { modifiedSince: '2026-01-01T00:00:00Z' } }, 'a', date('2025-12-31'), false], // prettier-ignore
    ['a copy from after it', { filters: { modifiedSince: '2026-01-01T00:00:00Z' } }, 'a', date('2026-01-02'), true],
    ['a key that looks like our reports, and is the client’s below the prefix', {}, '_ferry/reports/x', {}, true],
  ])('%s', (_what, { filters, ...changes }: { filters?: object }, key, facts, touched) => {
    const filtered = { ...transfer, ...changes, filters: { ...transfer.filters, ...filters } };
    const object = { key: `acme/${key}`, etag: 'e', size: 1, lastModified: Date.now(), ...facts };
    expect(deleteFilter(filtered)({ object, sourceKey: `in/${key}` })).toBe(touched);
  });

  test('reports at the root of the target are left out, be they written by whomever', async () => {
    const scene = aScene();
    const root = { ...transfer, target: { ...transfer.target, prefix: '' } };
    const key = '_ferry/reports/acme-daily/run-1/summary.json';
    scene.target.seed(key, 'x', recordOf({ etag: 'e' }));
    scene.target.seed('a', 'x', recordOf({ etag: 'e' }));
    await expect(find(scene, {}, aRound({ transfer: root }))).resolves.toMatchObject({ count: 1 });
    expect(scene.target.requests.head).toBe(1);
  });

  test('a source that the filters leave out has its copy all the same', async () => {
    const scene = aScene();
    keep(scene, 'a.txt');
    const filtered = { ...transfer, exclude: ['*.txt'] };
    await expect(find(scene, {}, aRound({ transfer: filtered }))).resolves.toMatchObject({ count: 0 });
  });
});

describe('the order of the listings', () => {
  test.each(['source', 'target'] as const)('must be known of the %s', async (side) => {
    const scene = { ...aScene(), [side]: new MemoryStore({ bucket: aScene()[side].bucket, order: 'directory' }) };
    leave(scene, 'k');
    await expect(find(scene)).rejects.toEqual(failingWith('InvalidConfiguration'));
    await expect(find(scene)).rejects.toThrow(`Set \`listing: ordered\` under \`${side}\``);
    expect([scene.source.requests.list, scene.target.requests.list]).toEqual([0, 0]);
  });

  test.each(['source', 'target'] as const)('that the %s is said to have is held against its listing', async (side) => {
    const liar = new MemoryStore({ bucket: aScene()[side].bucket, order: 'directory' });
    Object.assign(liar, { ordered: true });
    const scene = { ...aScene(), [side]: liar };
    for (const key of ['a/b', 'a-b', 'b']) keep(scene, key);
    await expect(find(scene)).rejects.toEqual(failingWith('InvalidConfiguration'));
    expect(scene.files.files.size).toBe(0);
  });
});

test('a transfer of whole buckets finds what is gone too', async () => {
  const scene = aScene();
  const whole = aTransfer({ target: { ...aTransfer().target, prefix: '' } });
  scene.target.seed('k', 'k', recordOf({ etag: 'e' }, 'run-0', 'k'));
  scene.source.seed('other', 'k');
  await expect(find(scene, {}, aRound({ transfer: whole }))).resolves.toMatchObject({ count: 1 });
});

test('refused credentials end the search, and are no reason to keep or to delete anything', async () => {
  const scene = aScene();
  leave(scene, 'k');
  scene.source.failNext('head', 'CredentialsRefused', Infinity);
  await expect(find(scene)).rejects.toEqual(failingWith('CredentialsRefused'));
});
