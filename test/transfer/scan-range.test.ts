/** One scan: what it hands on, what it settles itself, and where it stops. */
import type { KeySpan } from '../../src/domain/key-order';
import type { ReportLine } from '../../src/domain/report-line';
import type { Transfer } from '../../src/domain/transfer';
import type { ScanRequest } from '../../src/domain/work';
import { hashOf } from '../../src/transfer/key-hash';
import { scanRange, type ScanOptions } from '../../src/transfer/scan-range';
import { openLedger } from '../../src/transfer/ledger';
import { MemoryFiles } from '../support/memory-files';
import { MemoryStore } from '../support/memory-store';
import { aStage, anEngine, aTransfer, failingWith, withoutWaiting, type Stage } from './examples';
import { RUN } from './memory-lane';
import { RUN_ID, skipped, spanOf, writeGroup } from './report-scene';

withoutWaiting();

const batch = { queue: 'spot', jobDefinition: 'job', reclaimsBeforeOnDemand: 2, runnableDeadlineMs: 1, bytesPerJob: 0 };
const route = { packBelow: 10, batchFrom: 100 };

async function scan(
  stage: Stage,
  request: Partial<ScanRequest> = {},
  transfer: Partial<Transfer> = {},
  options: Pick<ScanOptions, 'signal' | 'ledger'> = {},
) {
  const defaults = { run: RUN, lane: '0', sequence: 1, range: { prefix: '' }, force: false, holds: [], passed: [] };
  const lines: ReportLine[] = [];
  const onLines = async (settled: readonly ReportLine[]) => void lines.push(...(await Promise.resolve(settled)));
  const found = await scanRange(
    { transfer: aTransfer({ route, batch, ...transfer }), ...defaults, ...request },
    anEngine(stage),
    { ...options, onLines },
  );
  return { ...found, lines };
}

describe('scanRange', () => {
  test('hands on small keys as packs and others by their route, and settles what is finished', async () => {
    const stage = aStage();
    const sizes = { a: 0, b: 9, c: 10, d: 99, e: 100 };
    const etags: Record<string, string> = {};
    for (const [key, size] of Object.entries(sizes)) etags[key] = stage.source.seed(key, 'x'.repeat(size)).etag;
    for (const [key, body] of [
      ['f', 'done'],
      ['g', 'x'.repeat(50)],
    ] as const) {
      stage.source.seed(key, body);
      stage.target.seed(`acme/${key}`, body);
    }
    const { packs, objects, counters, lines, next, deferred } = await scan(stage);
    const group = '0/000001';
    expect(packs).toMatchObject([{ group, range: { prefix: '', endAt: 'b', keys: 2 }, objects: 2, bytes: 9 }]);
    expect(objects).toEqual([
      { id: hashOf('c'), group, key: 'c', size: 10, route: 'worker', newAs: etags['c'] },
      { id: hashOf('d'), group, key: 'd', size: 99, route: 'worker', newAs: etags['d'] },
      { id: hashOf('e'), group, key: 'e', size: 100, route: 'batch' },
    ]);
    expect(lines.map(({ key, outcome }) => [key, outcome]).sort()).toEqual([
      ['f', 'skipped'],
      ['g', 'skipped'],
    ]);
    expect(counters).toMatchObject({
      listed: 5,
      skipped: 2,
      copied: 0,
      failed: 0,
      bytesListed: 10 + 99 + 100 + 4 + 50,
    });
    expect([next, deferred]).toEqual([undefined, []]);
  });

  test('tells what is new in one piece from what has to be looked at', async () => {
    const stage = aStage();
    stage.source.seed('changed', 'x'.repeat(20));
    stage.target.seed('acme/changed', 'before');
    const { etag } = stage.source.seed('new', 'x'.repeat(20));
    stage.source.seedParts('parts', [Buffer.alloc(10), Buffer.alloc(10)]);
    const { objects } = await scan(stage);
    expect(objects.map(({ key, newAs }) => [key, newAs])).toEqual([
      ['changed', undefined],
      ['new', etag],
      ['parts', undefined],
    ]);
  });

  test('an empty stretch has nothing', async () => {
    await expect(scan(aStage())).resolves.toMatchObject({ packs: [], objects: [], lines: [], counters: { listed: 0 } });
  });

  test('forced, hands on what is finished as well', async () => {
    const stage = aStage();
    stage.source.seed('a', 'x');
    stage.target.seed('acme/a', 'x');
    await expect(scan(stage, { force: true })).resolves.toMatchObject({ packs: [{ objects: 1 }], lines: [] });
  });

  test('never overwrites where it must not, and copies what is missing all the same', async () => {
    const stage = aStage();
    stage.source.seed('a', 'x');
    stage.source.seed('b', 'x');
    const { etag } = stage.target.seed('acme/a', 'ours');
    const { packs, lines } = await scan(stage, { force: true }, { overwrite: 'never' });
    expect(lines).toMatchObject([{ key: 'a', outcome: 'skipped', reason: 'neverOverwrite', targetEtag: etag }]);
    expect(packs).toMatchObject([{ range: { startAfter: 'a', endAt: 'b' } }]);
  });

  test.each([
    ['archived', 'Archived', { storageClass: 'GLACIER' }],
    ['archived and being restored', 'Archived', { storageClass: 'DEEP_ARCHIVE', restore: 'ongoing-request="true"' }],
  ])('an object that is %s is a failure of its own: %s', async (_name, code, extras) => {
    const stage = aStage();
    stage.source.seed('a', 'x', extras);
    stage.source.seed('b', 'x');
    const { lines, packs, counters } = await scan(stage);
    expect(lines).toMatchObject([{ key: 'a', outcome: 'failed', code }]);
    expect(packs).toMatchObject([{ objects: 1 }]);
    expect(counters).toMatchObject({ listed: 1, failed: 1 });
  });

  test('an archived object that was restored is copied', async () => {
    const stage = aStage();
    stage.source.seed('a', 'x', { storageClass: 'GLACIER', restore: 'ongoing-request="false"' });
    await expect(scan(stage)).resolves.toMatchObject({ packs: [{ objects: 1 }], lines: [] });
  });

  test('a key that is too long for the target is a failure of its own', async () => {
    const stage = aStage();
    const key = 'k'.repeat(1_020);
    stage.source.seed(key, 'x');
    await expect(scan(stage)).resolves.toMatchObject({
      lines: [{ key, outcome: 'failed', code: 'KeyTooLong' }],
      counters: { listed: 1, failed: 1 },
    });
  });

  test('a look that failed is tried again', async () => {
    const stage = aStage('directory');
    stage.source.seed('a', 'x');
    stage.target.failNext('head', 'Throttled', 7);
    await expect(scan(stage)).resolves.toMatchObject({ packs: [{ objects: 1 }] });
  });

  test('one object that keeps failing while the buckets answer fails alone', async () => {
    const stage = aStage('directory');
    for (const key of ['a', 'b', 'c']) stage.source.seed(key, 'x');
    failFor(stage.target, 'acme/b');
    const { lines, packs } = await scan(stage);
    expect(lines).toEqual([]);
    expect(packs).toMatchObject([{ range: { endAt: 'c' }, objects: 2 }]);
    stage.source.objects.delete('c');
    await expect(scan(stage)).resolves.toMatchObject({ lines: [{ key: 'b', outcome: 'failed', code: 'Unavailable' }] });
  });

  test.each([
    ['an outage', 'Unavailable'],
    ['refused credentials', 'CredentialsRefused'],
    ['a bucket that is gone', 'NoSuchBucket'],
  ] as const)('%s is no object’s failure: the scan ends with it', async (_name, code) => {
    const stage = aStage('directory');
    stage.source.seed('a', 'x');
    stage.target.failNext('head', code, 1_000);
    stage.target.failNext('checkBucket', code, 1_000);
    await expect(scan(stage)).rejects.toEqual(failingWith(code));
  });

  test('a store that asks to slow down is no object’s failure, though it lists', async () => {
    const stage = aStage('directory');
    stage.source.seed('a', 'x');
    stage.target.failNext('head', 'Throttled', 1_000);
    await expect(scan(stage)).rejects.toEqual(failingWith('Throttled'));
  });

  test('stops after 10,000 keys, wanted or not', async () => {
    const stage = { source: new MemoryStore({ bucket: 'theirs', pageKeys: 100_000 }), target: aStage().target };
    for (let i = 0; i < 50_001; i++) stage.source.seed(`k${String(i).padStart(5, '0')}`, 'x');
    const exclude = ['**'];
    const first = await scan(stage, {}, { exclude });
    expect(first.next).toEqual({ prefix: '', startAfter: 'k49999' });
    await expect(scan(stage, { range: first.next! }, { exclude: [] })).resolves.toMatchObject({
      packs: [{ range: { startAfter: 'k49999', endAt: 'k50000' } }],
    });
  });

  test('stops once it has found a hundred objects, within a chunk of keys', async () => {
    const stage = aStage();
    for (let i = 0; i < 400; i++) stage.source.seed(`k${String(i).padStart(3, '0')}`, 'x'.repeat(20));
    const { objects, next } = await scan(stage);
    expect(objects).toHaveLength(256);
    expect(next).toEqual({ prefix: '', startAfter: 'k255' });
  });

  describe('of a key whose ETags differ', () => {
    /** As a KMS target: sizes alone are alike. */
    const differing = (keys: readonly string[]) => {
      const stage = aStage();
      for (const key of keys) {
        stage.source.seed(key, 'theirs');
        stage.target.seed(`acme/${key}`, 'ours!!');
      }
      return stage;
    };
    const pairOf = (stage: Stage, key: string) => ({
      sourceEtag: stage.source.objects.get(key)!.etag,
      targetEtag: stage.target.objects.get(`acme/${key}`)!.etag,
    });
    const ledgerOf = async (...lines: readonly ReportLine[]) => {
      const files = new MemoryFiles();
      const keys = lines.map(({ key }) => key);
      await writeGroup(files, { name: 'main/000001', span: spanOf(...keys), scan: lines });
      return openLedger(files, RUN_ID);
    };

    test('the last run is asked, and the target only where that has known another pair or none', async () => {
      const stage = differing(['a', 'b', 'c']);
      const lines = [skipped('a', pairOf(stage, 'a')), skipped('b', { ...pairOf(stage, 'b'), targetEtag: 'other' })];
      const { packs, lines: found } = await scan(stage, {}, {}, { ledger: await ledgerOf(...lines) });
      expect(found).toMatchObject([{ key: 'a', outcome: 'skipped', reason: 'ledger' }]);
      expect(stage.target.requests.head).toBe(2);
      expect(packs.map(({ objects }) => objects)).toEqual([2]);
    });

    test('nothing is asked where it is forced, or where the listings suffice', async () => {
      const stage = differing(['a']);
      stage.source.seed('b', 'longer');
      stage.target.seed('acme/b', 'x');
      const unasked = {
        from: () => ({ lookup: () => Promise.reject(new Error('asked')), close: () => Promise.resolve() }),
      };
      const { packs } = await scan(stage, { force: true }, {}, { ledger: unasked });
      expect(packs.map(({ objects }) => objects)).toEqual([2]);
      stage.source.objects.delete('a');
      await expect(scan(stage, {}, {}, { ledger: unasked })).resolves.toMatchObject({ packs: [{ objects: 1 }] });
    });
  });

  test('is left when it is told to stop', async () => {
    const stage = aStage();
    stage.source.seed('a', 'x');
    await expect(scan(stage, {}, {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('cuts no pack across a held key, and notes the hold', async () => {
    const stage = aStage();
    for (const key of ['a', 'b/1', 'b/2', 'c']) stage.source.seed(key, 'x');
    const { packs, deferred, counters } = await scan(stage, { holds: ['b/'] });
    expect(packs.map(({ range }) => range)).toEqual([
      { prefix: '', endAt: 'a', keys: 1 },
      { prefix: '', startAfter: 'b/2', endAt: 'c', keys: 1 },
    ]);
    expect(deferred).toEqual([{ hold: 'b/', range: { prefix: 'b/' } }]);
    expect(counters.listed).toBe(0);
  });

  test.each<[string, Partial<ScanRequest>, KeySpan]>([
    ['from its prefix to the last key of its walk', { range: { prefix: 'k' } }, { first: 'k', last: 'kz' }],
    [
      'from the key behind which it begins, as others may come in between',
      { range: { prefix: 'k', startAfter: 'kc' } },
      { first: 'kc\u0000', last: 'kz' },
    ],
    ['to the last held key', { range: { prefix: '' }, holds: ['z'] }, { first: '', last: 'z' }],
    ['that is a single key where nothing is found', { range: { prefix: 'none' } }, { first: 'none', last: 'none' }],
  ])('tells a span %s', async (_name, request, span) => {
    const stage = aStage();
    for (const key of ['ka', 'kd', 'kz', 'z']) stage.source.seed(key, 'x');
    expect((await scan(stage, request)).span).toEqual(span);
  });

  test('tells no span of a store without order, where a key that comes later may stand anywhere', async () => {
    const stage = { source: new MemoryStore({ bucket: 'theirs', order: 'directory' }), target: aStage().target };
    stage.source.seed('a', 'x');
    expect((await scan(stage)).span).toEqual({});
  });

  test('names its group beside what it hands on, each scan of a lane another', async () => {
    const stage = aStage();
    for (const [key, size] of Object.entries({ a: 1, b: 50 })) stage.source.seed(key, 'x'.repeat(size));
    const { packs, objects } = await scan(stage, { lane: 'rerun-2', sequence: 12 });
    expect([...packs, ...objects].map(({ group }) => group)).toEqual(['rerun-2/000012', 'rerun-2/000012']);
  });
});

/** One key of the store cannot be looked at. */
function failFor(store: MemoryStore, bad: string): void {
  const refused = new MemoryStore();
  refused.failNext('head', 'Unavailable', 1_000);
  store.intercept('head', ({ key }, proceed) => (key === bad ? refused.head({ key }) : proceed()));
}
