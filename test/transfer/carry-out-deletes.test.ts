/** What is found is deleted once, on condition, and told; whatever dies in between. */
import fc from 'fast-check';
import type { CarryOutResult } from '../../src/domain/deletes';
import { TransferError } from '../../src/domain/transfer-error';
import { carryOutDeletes, type CarryOutCursor, type CarryOutOptions } from '../../src/transfer/carry-out-deletes';
import { findDeletes } from '../../src/transfer/find-deletes';
import { finalLines } from '../../src/transfer/report-reader';
import { all } from '../support/memory-files';
import { anEngine, failingWith, recordOf, withoutWaiting } from './examples';
import { aRound, aScene, keep, leave, told, type Scene } from './deletes-scene';
import { RUN } from './memory-lane';

withoutWaiting();

const SMALL = { listObjects: 3, cursorKeys: 3, chunkKeys: 3 };

/** Finds first, as a run does. */
async function found(scene: Scene) {
  return findDeletes(aRound(), anEngine(scene), scene.files, SMALL);
}

type Found = Awaited<ReturnType<typeof found>>;

const carryOut = (scene: Scene, { lists, digest }: Found, options: CarryOutOptions = {}) =>
  carryOutDeletes({ ...aRound(), lists, digest }, anEngine(scene), scene.files, options);

const nothingKept = { failed: 0, kept: {} };

test('what is found is deleted, and each has one line with its key, its target and its ETag', async () => {
  const scene = aScene();
  keep(scene, 'a');
  const objects = ['b', 'c/d', 'e', 'f', 'ü'].map((name) => [name, leave(scene, name).etag] as const);
  scene.target.seed('acme/theirs', 'x');
  const result = await carryOut(scene, await found(scene));
  expect(result).toEqual({ complete: true, deleted: 5, ...nothingKept });
  expect(Object.keys(scene.target.content)).toEqual(['acme/a', 'acme/theirs']);
  await expect(all(finalLines(scene.files, RUN.id))).resolves.toEqual(
    objects.map(([name, targetEtag]) => ({
      outcome: 'deleted',
      key: `in/${name}`,
      size: Buffer.byteLength(name),
      sourceEtag: `source of ${name}`,
      targetKey: `acme/${name}`,
      targetEtag,
    })),
  );
});

describe('an object that was found, and is not what it was', () => {
  test.each<[string, (scene: Scene) => void, string]>([
    ['stays if the source has it again', ({ source }) => source.seed('in/k', 'again'), 'kept in/k inSource'],
    [
      'stays if the source answers 403 by now',
      ({ source }) => source.intercept('head', () => Promise.reject(new TransferError('AccessDenied', 'no'))),
      'kept in/k unknown',
    ],
    [
      'stays if it was written anew',
      (scene) => leave(scene, 'k', { ...recordOf({ etag: 'x' }), etag: 'newer' }),
      'kept in/k changed',
    ],
    ['stays if its record is gone', ({ target }) => target.seed('acme/k', 'k'), 'kept in/k notOurs'],
    ['is told as gone if somebody else has deleted it', ({ target }) => target.objects.delete('acme/k'), 'kept in/k gone'], // prettier-ignore
    [
      'stays if it is written anew after the last look',
      (scene) =>
        scene.target.intercept('delete', (_asked, proceed) => {
          leave(scene, 'k', { etag: 'newest' });
          return proceed();
        }),
      'kept in/k changed',
    ],
    [
      'fails if we may not delete it',
      ({ target }) => target.intercept('delete', () => Promise.reject(new TransferError('AccessDenied', 'no'))),
      'failed in/k AccessDenied',
    ],
  ])('%s', async (_what, prepare, line) => {
    const scene = aScene();
    leave(scene, 'k');
    leave(scene, 'other');
    const before = await found(scene);
    prepare(scene);
    const there = scene.target.objects.has('acme/k');
    if (line.includes('unknown') || line.includes('Denied')) scene.target.objects.delete('acme/other');
    const result = await carryOut(scene, before);
    expect(result.complete).toBe(true);
    await expect(told(scene.files)).resolves.toContain(line);
    expect(scene.target.objects.has('acme/k')).toBe(there);
    expect(result.deleted + result.failed + Object.values(result.kept).reduce((a, b) => a + b, 0)).toBe(2);
  });
});

test.each<[string, (scene: Scene) => void]>([
  ['its answer is lost', ({ target }) => target.failNext('delete', 'Unavailable', 1, 'lost')],
  [
    'its answer is lost, and the store says of what is gone that the condition does not hold',
    ({ target }) => {
      target.failNext('delete', 'Unavailable', 1, 'lost');
      const gone = new Set<string>();
      target.intercept('delete', async ({ key }, proceed) => {
        if (gone.has(key)) throw new TransferError('PreconditionFailed', 'as SeaweedFS says');
        gone.add(key);
        await proceed();
        throw new TransferError('Unavailable', 'lost');
      });
    },
  ],
])('a delete counts once where %s', async (_what, prepare) => {
  const scene = aScene();
  leave(scene, 'k');
  const before = await found(scene);
  prepare(scene);
  await expect(carryOut(scene, before)).resolves.toEqual({ complete: true, deleted: 1, ...nothingKept });
  await expect(told(scene.files)).resolves.toEqual(['deleted in/k']);
});

test('whatever an attempt dies at, each object is deleted, counted and told once', async () => {
  const deaths = fc.array(fc.record({ after: fc.nat(12), of: fc.constantFrom('before', 'behind', 'report') }), { maxLength: 4 }); // prettier-ignore
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 14 }), deaths, async (count, dies) => {
      const scene = aScene(20);
      const names = Array.from({ length: count }, (_, i) => `k${String(i).padStart(2, '0')}`);
      for (const each of names) leave(scene, each);
      keep(scene, 'stays');
      const before = await found(scene);
      let from: CarryOutCursor | undefined;
      let result: CarryOutResult | undefined;
      const write = scene.files.write.bind(scene.files);
      for (const [attempt, death] of [...dies, undefined].entries()) {
        let left = death?.after ?? Infinity;
        const die = () => {
          left -= 1;
          if (left < 0) throw new Error('the worker is killed');
        };
        scene.target.intercept('delete', async (_asked, proceed) => {
          if (death?.of === 'before') die();
          await proceed();
          if (death?.of === 'behind') die();
        });
        scene.files.write = async (name, content) => {
          if (death?.of === 'report') die();
          await write(name, content);
        };
        const options = { attempt: attempt + 1, from, onCursor: (cursor: CarryOutCursor) => (from = cursor) };
        result ??= await carryOut(scene, before, options).catch(() => undefined);
      }
      expect(result).toEqual({ complete: true, deleted: count, ...nothingKept });
      await expect(told(scene.files)).resolves.toEqual(names.map((each) => `deleted in/${each}`));
      expect(Object.keys(scene.target.content)).toEqual(['acme/stays']);
    }),
    { numRuns: 60 },
  );
});

test('what an attempt has told stands, though the next one begins its list again', async () => {
  const scene = aScene();
  for (const each of ['a', 'b']) leave(scene, each);
  const before = await found(scene);
  scene.target.objects.delete('acme/a');
  await carryOut(scene, before);
  const again = await carryOut(scene, before, { attempt: 2 });
  expect(again).toEqual({ complete: true, deleted: 1, failed: 0, kept: { gone: 1 } });
  await expect(told(scene.files)).resolves.toEqual(['kept in/a gone', 'deleted in/b']);
  expect(scene.target.requests.delete).toBe(1);
});

test('a stop ends what is in flight, and tells what was done', async () => {
  const scene = aScene(20);
  const names = Array.from({ length: 9 }, (_, i) => `k${i}`);
  for (const each of names) leave(scene, each);
  const before = await found(scene);
  const stop = new AbortController();
  scene.target.intercept('delete', async ({ key }, proceed) => {
    await proceed();
    if (key === 'acme/k4') stop.abort();
  });
  const result = await carryOut(scene, before, { stop: stop.signal });
  expect(result).toMatchObject({ complete: false, failed: 0 });
  const lines = await told(scene.files);
  expect(result.deleted).toBe(lines.length);
  expect(Object.keys(scene.target.content)).toHaveLength(9 - lines.length);
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.length).toBeLessThan(9);
});

test('what fails for every object alike ends it, with what was done counted and told', async () => {
  const scene = aScene(20);
  for (let i = 0; i < 7; i++) leave(scene, `k${i}`);
  const before = await found(scene);
  scene.target.intercept('delete', async ({ key }, proceed) => {
    if (key === 'acme/k1') throw new TransferError('CredentialsRefused', 'refused');
    await proceed();
  });
  const result = await carryOut(scene, before);
  expect(result).toMatchObject({ complete: false, failure: { code: 'CredentialsRefused', message: 'refused' } });
  await expect(told(scene.files)).resolves.toHaveLength(result.deleted);
  expect(scene.target.objects.has('acme/k1')).toBe(true);
});

test('what may pass is left to the next attempt, and by the last one it is told', async () => {
  const scene = aScene();
  leave(scene, 'k');
  const before = await found(scene);
  scene.target.failNext('delete', 'Throttled', Infinity);
  await expect(carryOut(scene, before)).rejects.toEqual(failingWith('Throttled'));
  await expect(carryOut(scene, before, { lastAttempt: true })).resolves.toMatchObject({
    complete: false,
    deleted: 0,
    failure: { code: 'Throttled' },
  });
});

test('a source bucket that is gone is not one whose keys are gone', async () => {
  const scene = aScene();
  leave(scene, 'k');
  const before = await found(scene);
  scene.source.failNext('checkBucket', 'NoSuchBucket', Infinity);
  await expect(carryOut(scene, before)).resolves.toMatchObject({ deleted: 0, failure: { code: 'NoSuchBucket' } });
  expect(scene.target.objects.has('acme/k')).toBe(true);
});

describe('a list that is not what was approved', () => {
  const nameOf = (scene: Scene) => [...scene.files.files.keys()].find((name) => name.includes('/list-2-'))!;

  test.each<[string, (scene: Scene) => void]>([
    ['is gone', (scene) => scene.files.files.delete(nameOf(scene))],
    [
      'holds others',
      ({ files: { files } }) => {
        const [one, two] = [...files.keys()];
        files.set(two!, files.get(one!)!);
      },
    ],
  ])('%s: nothing of it is deleted', async (_what, change) => {
    const scene = aScene();
    for (const each of ['a', 'b', 'c', 'd', 'e', 'f']) leave(scene, each);
    const before = await found(scene);
    expect(before.lists).toBe(2);
    change(scene);
    await expect(carryOut(scene, before)).resolves.toMatchObject({ complete: false, deleted: 0, failure: {} });
    expect(scene.target.requests.delete).toBe(0);
  });

  test('has another name than one with another digest', async () => {
    const scene = aScene();
    leave(scene, 'a');
    const before = await found(scene);
    const result = await carryOut(scene, { ...before, digest: 'f'.repeat(32) });
    expect(result).toMatchObject({ complete: false, deleted: 0 });
    expect(scene.target.objects.has('acme/a')).toBe(true);
  });
});

test('nothing that was found is nothing to do', async () => {
  const scene = aScene();
  await expect(carryOut(scene, await found(scene))).resolves.toEqual({ complete: true, deleted: 0, ...nothingKept });
});
