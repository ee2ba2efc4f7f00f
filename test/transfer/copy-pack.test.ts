/** One pack: resumed from any checkpoint, and stopped anywhere. */
import { TransferError } from '../../src/domain/transfer-error';
import type { PackCheckpoint } from '../../src/transfer/pack-log';
import { crcOfBytes } from '../support/crc';
import { MemoryStore } from '../support/memory-store';
import { aStage, failingWith, recordOf, withoutWaiting } from './examples';
import { until } from '../support/until';
import { keyOf, pack, stageOf } from './pack-scene';

withoutWaiting();

const PATIENCE = { timeoutMs: 60_000, everyMs: 5 };

/** Does something before the put of one key. */
function beforePut(store: MemoryStore, target: string, act: () => void): void {
  store.intercept('put', ({ key }, proceed) => {
    if (key === target) act();
    return proceed();
  });
}

describe('copyPack', () => {
  test('copies what is missing, and each line says what happened and by which proof', async () => {
    const stage = stageOf(2);
    stage.target.seed('acme/k0000', 'body 0');
    const { result, lines } = pack(stage);
    await expect(result).resolves.toEqual({
      counters: { listed: 2, copied: 1, skipped: 1, failed: 0, deleted: 0, bytesListed: 12, bytesCopied: 6 },
      deferred: [],
      grown: [],
      changing: [],
    });
    const etag = stage.source.objects.get('k0001')?.etag;
    expect(lines().find(({ key }) => key === 'k0001')).toEqual({
      outcome: 'copied',
      reason: 'missing',
      key: 'k0001',
      size: 6,
      sourceEtag: etag,
      targetKey: 'acme/k0001',
      targetEtag: etag,
      route: 'pack',
      proof: 'etag',
      checksum: crcOfBytes(Buffer.from('body 1')),
    });
    expect(stage.target.content).toEqual({ 'acme/k0000': 'body 0', 'acme/k0001': 'body 1' });
  });

  test('proves by our own CRC where KMS hides the ETag', async () => {
    const stage = { ...stageOf(1), target: new MemoryStore({ bucket: 'ours', kms: true }) };
    const { result, lines } = pack(stage);
    await result;
    expect(lines()).toMatchObject([{ outcome: 'copied', proof: 'crc' }]);
  });

  test('covers its range and no key more', async () => {
    const stage = stageOf(10);
    const range = { prefix: '', startAfter: 'k0002', endAt: 'k0005', keys: 3 };
    await expect(pack(stage, { request: { range } }).result).resolves.toMatchObject({ counters: { listed: 3 } });
    expect(Object.keys(stage.target.content)).toEqual(['acme/k0003', 'acme/k0004', 'acme/k0005']);
  });

  test('an empty range is done', async () => {
    const { result, wrote, kept } = pack(aStage());
    await expect(result).resolves.toMatchObject({ counters: { listed: 0 } });
    expect([wrote, kept]).toEqual([[], []]);
  });

  test('one object that takes long holds up the cursor, and not the others', async () => {
    const stage = stageOf(600);
    let release = () => undefined as void;
    const slow = new Promise<void>((resolve) => (release = resolve));
    stage.source.intercept('read', async ({ key }, proceed) => {
      if (key === keyOf(3)) await slow;
      return proceed();
    });
    const { result, kept } = pack(stage, { concurrency: 8 });
    await until('all others are copied', () => stage.target.objects.size === 599, PATIENCE);
    expect(kept).toEqual([]);
    release();
    await expect(result).resolves.toMatchObject({ counters: { listed: 600, copied: 600 } });
    expect(kept.map(({ counters }) => counters.listed)).toEqual([256, 512, 600]);
  });

  test('goes no more than 1,024 objects beyond its last checkpoint, and an error behind them still ends it', async () => {
    const stage = stageOf(1_500);
    let fail = (_error: Error) => undefined as void;
    const stuck = new Promise<never>((_resolve, reject) => (fail = reject));
    stage.source.intercept('read', ({ key }, proceed) => (key === keyOf(0) ? stuck : proceed()));
    const { result, kept } = pack(stage, { concurrency: 8 });
    result.catch(() => undefined);
    await until('the window is full', () => stage.target.objects.size === 1_023, PATIENCE);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(stage.target.objects.size).toBe(1_023);
    fail(new TransferError('CredentialsRefused', 'refused'));
    await expect(result).rejects.toEqual(failingWith('CredentialsRefused'));
    expect(kept).toEqual([]);
  });

  test('keeps the lines of a segment before the checkpoint that relies on them', async () => {
    const steps: string[] = [];
    const { result } = pack(stageOf(600), {
      options: {
        onLines: async (lines, segment) => {
          await new Promise((resolve) => setImmediate(resolve));
          steps.push(`${segment}: ${lines.length} lines`);
        },
        onCheckpoint: ({ segment, counters }) => void steps.push(`${segment}: checkpoint at ${counters.listed}`),
      },
    });
    await result;
    expect(steps).toEqual([
      '1: 256 lines',
      '1: checkpoint at 256',
      '2: 256 lines',
      '2: checkpoint at 512',
      '3: 88 lines',
      '3: checkpoint at 600',
    ]);
  });
});

const CRASHES = [0, 1, 255, 256, 257, 400, 599].flatMap((at) => [[at, 'utf8'] as const, [at, 'directory'] as const]);

describe('copyPack after a crash', () => {
  test.each(CRASHES)('at put %s, %s, counts each key once and copies none twice', async (at, order) => {
    const stage = stageOf(600, order);
    let puts = 0;
    stage.target.intercept('put', async (_asked, proceed) => {
      puts += 1;
      if (puts > at) throw new TransferError('CredentialsRefused', 'refused');
      return proceed();
    });
    const crashed = pack(stage);
    await expect(crashed.result).rejects.toEqual(failingWith('CredentialsRefused'));
    const stored = stage.target.objects.size;
    stage.target.intercept('put');
    stage.target.requests.put = 0;

    const from = crashed.kept.at(-1);
    const resumed = pack(stage, { options: { retried: true, ...(from === undefined ? {} : { from }) } });
    await expect(resumed.result).resolves.toMatchObject({
      counters: { listed: 600, copied: 600, skipped: 0, failed: 0 },
    });
    expect(stage.target.requests.put).toBe(600 - stored);
    const lines = [...crashed.lines(), ...resumed.lines()];
    expect(new Set(lines.map(({ key }) => key)).size).toBe(600);
    expect(lines.every(({ outcome }) => outcome === 'copied')).toBe(true);
    expect(resumed.kept[0]?.segment).toBe((from?.segment ?? 0) + 1);
  });

  test.each([
    ['forced ones as forced', true, 'forced'],
    ['others as missing', false, 'missing'],
  ])('counts its own copies: %s', async (_name, force, reason) => {
    const stage = stageOf(1);
    stage.target.seed('acme/k0000', 'body 0', recordOf(stage.source.objects.get('k0000')!));
    const { result, lines } = pack(stage, { request: { force }, options: { retried: true } });
    await expect(result).resolves.toMatchObject({ counters: { copied: 1, bytesCopied: 6 } });
    expect(lines()).toMatchObject([{ outcome: 'copied', reason, proof: 'etag' }]);
    expect(stage.target.requests.put).toBe(0);
  });

  test('counts its own copy where nothing may be overwritten, too', async () => {
    const stage = stageOf(1);
    stage.target.seed('acme/k0000', 'body 0', recordOf(stage.source.objects.get('k0000')!));
    const { result } = pack(stage, { transfer: { overwrite: 'never' }, options: { retried: true } });
    await expect(result).resolves.toMatchObject({ counters: { copied: 1, skipped: 0 } });
  });

  test('a copy of an earlier run is skipped', async () => {
    const stage = stageOf(1);
    stage.target.seed('acme/k0000', 'body 0', recordOf(stage.source.objects.get('k0000')!, 'run-0'));
    const { result } = pack(stage, { options: { retried: true } });
    await expect(result).resolves.toMatchObject({ counters: { copied: 0, skipped: 1 } });
  });

  test('a checkpoint says the same whenever it is written down', async () => {
    const stage = stageOf(600);
    for (const i of [10, 300, 550]) stage.source.seed(keyOf(i), 'x'.repeat(100));
    const atOnce: string[] = [];
    const kept: PackCheckpoint[] = [];
    const onCheckpoint = (checkpoint: PackCheckpoint) => {
      atOnce.push(JSON.stringify(checkpoint));
      kept.push(checkpoint);
    };
    const { result } = pack(stage, { options: { onCheckpoint } });
    await result;
    expect(kept.map(({ grown }) => grown.length)).toEqual([1, 2, 3]);
    expect(kept.map((checkpoint) => JSON.stringify(checkpoint))).toEqual(atOnce);
  });
});

describe('copyPack, told to stop,', () => {
  test.each([1, 5, 255, 256, 257, 590])('at put %s finishes what is in flight and says where to go on', async (at) => {
    const stage = stageOf(600);
    const stop = new AbortController();
    stage.target.intercept('put', (_asked, proceed) => {
      if (stage.target.requests.put >= at) stop.abort();
      return proceed();
    });
    const first = await pack(stage, { options: { stop: stop.signal } }).result;
    const { size } = stage.target.objects;
    expect(first.counters).toMatchObject({ listed: size, copied: size });
    expect(size).toBeLessThan(at + 8);

    stage.target.intercept('put');
    stage.target.requests.put = 0;
    const second = await pack(stage, { request: { range: first.next! } }).result;
    expect(first.counters.listed + second.counters.listed).toBe(600);
    expect(second.next).toBeUndefined();
    expect(stage.target.requests.put).toBe(600 - size);
  });

  test('before it begins copies nothing, and its range is left whole', async () => {
    const stage = stageOf(3);
    const { result, wrote } = pack(stage, { options: { stop: AbortSignal.abort() } });
    await expect(result).resolves.toMatchObject({ next: { prefix: '' }, counters: { listed: 0 } });
    expect(wrote).toEqual([]);
  });

  test('with the last key is done', async () => {
    const stage = stageOf(3);
    const stop = new AbortController();
    beforePut(stage.target, 'acme/k0002', () => stop.abort());
    await expect(pack(stage, { options: { stop: stop.signal } }).result).resolves.not.toHaveProperty('next');
  });

  test('notes only the holds before the place where it goes on', async () => {
    const stage = aStage();
    for (const key of ['a1', 'b1', 'c1', 'c2', 'd1', 'e1']) stage.source.seed(key, 'x');
    const stop = new AbortController();
    beforePut(stage.target, 'acme/c1', () => stop.abort());
    const request = { holds: ['b', 'd'] };
    const { next, deferred } = await pack(stage, { request, options: { stop: stop.signal }, concurrency: 1 }).result;
    expect(deferred.map(({ hold }) => hold)).toEqual(['b']);
    const again = await pack(stage, { request: { ...request, range: next!, passed: ['b'] } }).result;
    expect(again.deferred.map(({ hold }) => hold)).toEqual(['d']);
    expect(Object.keys(stage.target.content)).toEqual(['acme/a1', 'acme/c1', 'acme/c2', 'acme/e1']);
  });
});
