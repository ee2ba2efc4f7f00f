/** A pack and what happens to its keys on the way: changed, gone, grown, or bad; one never ends the others. */
import { TransferError, type TransferErrorCode } from '../../src/domain/transfer-error';
import { aStage, failingWith, withoutWaiting, type Stage } from './examples';
import { keyOf, pack, stageOf } from './pack-scene';
import { RUN } from './memory-lane';

withoutWaiting();

describe('copyPack and a source that changes', () => {
  /** Replaces the object before each of its first `times` reads. */
  function changing(
    stage: Stage,
    times: number,
    body: (change: number) => string = (change) => `change ${change}`,
  ): void {
    let changes = 0;
    stage.source.intercept('read', ({ key }, proceed) => {
      if (key === 'k0001' && changes < times) stage.source.seed(key, body((changes += 1)));
      return proceed();
    });
  }

  test.each([1, 3])('copies what stands there after %s changes', async (times) => {
    const stage = stageOf(3);
    changing(stage, times);
    await expect(pack(stage).result).resolves.toMatchObject({ counters: { listed: 3, copied: 3, failed: 0 } });
    expect(stage.target.content['acme/k0001']).toBe(`change ${times}`);
  });

  test.each(['SourceChanged', 'TargetChanged'] as const)(
    'hands it back after three new starts that met %s, unreported and uncounted, and copies the others',
    async (code) => {
      const stage = stageOf(3);
      if (code === 'SourceChanged') changing(stage, 100);
      else {
        stage.target.intercept('put', ({ key }, proceed) =>
          key === 'acme/k0001' ? Promise.reject(new TransferError(code, 'said')) : proceed(),
        );
      }
      const { result, lines, kept } = pack(stage);
      await expect(result).resolves.toMatchObject({
        counters: { listed: 2, copied: 2, failed: 0 },
        grown: [],
        changing: [{ key: 'k0001', group: '0/000001', route: 'worker' }],
      });
      expect(lines().map(({ key }) => key)).toEqual(['k0000', 'k0002']);
      expect(kept.at(-1)?.changing.map(({ key }) => key)).toEqual(['k0001']);
      expect(stage.source.requests.read).toBe(2 + 4);
      expect(stage.target.content).not.toHaveProperty('acme/k0001');
    },
  );

  test('decides anew when the target has changed, and copies over what stands there then', async () => {
    const stage = stageOf(3);
    let refused = 0;
    stage.target.intercept('put', ({ key }, proceed) => {
      if (key !== 'acme/k0001' || refused > 0) return proceed();
      refused += 1;
      stage.target.seed(key, 'of somebody else');
      return Promise.reject(new TransferError('TargetChanged', 'said'));
    });
    const { result, lines } = pack(stage);
    await expect(result).resolves.toMatchObject({ counters: { listed: 3, copied: 3 }, changing: [] });
    expect(stage.target.content['acme/k0001']).toBe('body 1');
    expect(lines().find(({ key }) => key === 'k0001')).toMatchObject({ reason: 'sizeDiffers' });
  });

  test('hands back with the size that it has last', async () => {
    const stage = stageOf(1);
    let changes = 0;
    stage.source.intercept('read', ({ key }, proceed) => {
      stage.source.seed(key, 'x'.repeat((changes += 1)));
      return proceed();
    });
    await expect(pack(stage).result).resolves.toMatchObject({ changing: [{ key: 'k0000', size: 4 }] });
  });

  test('returns when a hundred keys are handed back, grown and changing ones together, and goes on behind them', async () => {
    const stage = aStage();
    for (let i = 0; i < 300; i++) stage.source.seed(keyOf(i), i < 60 ? 'x'.repeat(100) : `body ${i}`);
    let reads = 0;
    stage.source.intercept('read', ({ key }, proceed) => {
      if (key >= 'k0060' && key < 'k0100') stage.source.seed(key, `read ${(reads += 1)}`);
      return proceed();
    });
    const first = await pack(stage).result;
    expect([first.grown.length, first.changing.length]).toEqual([60, 40]);
    const listed = Number(first.next?.startAfter?.slice(1)) + 1 - 100;
    expect(listed).toBeLessThan(8);
    expect(first.counters).toMatchObject({ listed, copied: listed });
    const again = await pack(stage, { request: { range: first.next! } }).result;
    expect(again.counters).toMatchObject({ listed: 200 - listed, copied: 200 - listed });
    expect(again).not.toHaveProperty('next');
  });

  test('leaves it to a child of its own once it has grown too large', async () => {
    const stage = stageOf(3);
    changing(stage, 1, () => 'x'.repeat(100));
    await expect(pack(stage).result).resolves.toMatchObject({
      counters: { listed: 2, copied: 2 },
      grown: [{ key: 'k0001', group: '0/000001', size: 100, route: 'worker' }],
    });
  });

  test('skips it once it is what the target has', async () => {
    const stage = stageOf(3);
    stage.target.seed('acme/k0001', 'change 1');
    changing(stage, 1);
    await expect(pack(stage).result).resolves.toMatchObject({ counters: { listed: 3, copied: 2, skipped: 1 } });
  });

  test('skips a key that was deleted after it was listed', async () => {
    const stage = stageOf(3);
    stage.source.intercept('read', ({ key }, proceed) => {
      if (key === 'k0001') stage.source.objects.delete(key);
      return proceed();
    });
    const { result, lines } = pack(stage);
    await expect(result).resolves.toMatchObject({ counters: { listed: 3, copied: 2, skipped: 1, failed: 0 } });
    expect(lines().find(({ key }) => key === 'k0001')).toMatchObject({ outcome: 'skipped', reason: 'gone' });
  });
});

describe('copyPack leaves to children of their own', () => {
  test('keys that are too large and not finished, uncounted', async () => {
    const stage = stageOf(2);
    stage.source.seed('large', 'x'.repeat(100));
    stage.source.seed('large-done', 'x'.repeat(100));
    stage.target.seed('acme/large-done', 'x'.repeat(100));
    const { grown, counters } = await pack(stage).result;
    expect(grown.map(({ key }) => key)).toEqual(['large']);
    expect(counters).toMatchObject({ listed: 2, copied: 2 });
  });

  test('keys that came after the scan and cannot be copied, which nobody else would report', async () => {
    const stage = stageOf(2);
    const archived = { storageClass: 'GLACIER' };
    stage.source.seed('late', 'x'.repeat(100), { ...archived, lastModified: RUN.startedAt + 1 });
    stage.source.seed('settled', 'x'.repeat(100), { ...archived, lastModified: RUN.startedAt - 1 });
    const { grown, counters } = await pack(stage).result;
    expect(grown.map(({ key }) => key)).toEqual(['late']);
    expect(counters).toMatchObject({ listed: 2, copied: 2, failed: 0 });
  });

  test('a hundred at a time: then it returns', async () => {
    const stage = aStage();
    for (let i = 0; i < 300; i++) stage.source.seed(keyOf(i), 'x'.repeat(i < 256 ? 100 : 1));
    const first = await pack(stage).result;
    expect(first.grown.length).toBeGreaterThanOrEqual(100);
    expect(first.grown.length).toBeLessThan(108);
    const from = { segment: 1, position: { startAfter: 'k0099' }, ...first };
    await expect(pack(stage, { options: { from } }).result).resolves.toMatchObject({
      next: { prefix: '', startAfter: 'k0099' },
      grown: first.grown,
    });
  });
});

describe('copyPack and errors', () => {
  test.each<[TransferErrorCode]>([['AccessDenied'], ['BadRequest'], ['Unavailable'], ['TornRead']])(
    'one bad key fails alone: %s',
    async (code) => {
      const stage = stageOf(5);
      stage.target.intercept('put', ({ key }, proceed) =>
        key === 'acme/k0002' ? Promise.reject(new TransferError(code, 'said')) : proceed(),
      );
      const { result, lines } = pack(stage);
      await expect(result).resolves.toMatchObject({ counters: { listed: 5, copied: 4, failed: 1 } });
      expect(lines().find(({ key }) => key === 'k0002')).toMatchObject({ outcome: 'failed', code, message: 'said' });
    },
  );

  test('a key that cannot be looked at fails alone', async () => {
    const stage = stageOf(3, 'directory');
    stage.target.intercept('head', ({ key }, proceed) =>
      key === 'acme/k0001' ? Promise.reject(new TransferError('Unavailable', 'said')) : proceed(),
    );
    await expect(pack(stage).result).resolves.toMatchObject({ counters: { listed: 3, copied: 2, failed: 1 } });
  });

  test.each<[string, TransferErrorCode]>([
    ['refused credentials', 'CredentialsRefused'],
    ['missing credentials', 'CredentialsMissing'],
    ['a bucket that is gone', 'NoSuchBucket'],
  ])('%s end the pack: every other key would meet the same', async (_name, code) => {
    const stage = stageOf(50);
    stage.target.failNext('put', code, 1_000);
    await expect(pack(stage).result).rejects.toEqual(failingWith(code));
    expect(stage.target.requests.put).toBeLessThanOrEqual(8);
  });

  test('an outage ends the pack, and no key is reported as failed', async () => {
    const stage = stageOf(50);
    stage.target.failNext('put', 'Unreachable', 1_000);
    stage.target.intercept('checkBucket', () => Promise.reject(new TransferError('Unreachable', 'nobody listens')));
    const { result, wrote } = pack(stage);
    await expect(result).rejects.toEqual(failingWith('Unreachable'));
    expect(wrote).toEqual([]);
  });

  test('what is no error of a store ends the pack as it is', async () => {
    const stage = stageOf(2);
    const bug = new TypeError('bug');
    stage.target.intercept('put', () => Promise.reject(bug));
    await expect(pack(stage).result).rejects.toBe(bug);
  });

  test('a report that cannot be written ends the pack before its checkpoint', async () => {
    const full = new Error('disk full');
    const { result, kept } = pack(stageOf(2), { options: { onLines: () => Promise.reject(full) } });
    await expect(result).rejects.toBe(full);
    expect(kept).toEqual([]);
  });

  test('an archived key and one that is too long are reported, and nothing is read of them', async () => {
    const stage = stageOf(1);
    stage.source.seed('glacier', 'x', { storageClass: 'GLACIER' });
    stage.source.seed('l'.repeat(1_020), 'x');
    const { result, lines } = pack(stage);
    await expect(result).resolves.toMatchObject({ counters: { listed: 3, copied: 1, failed: 2 } });
    expect(lines().flatMap((line) => (line.outcome === 'failed' ? [line.code] : []))).toEqual(
      expect.arrayContaining(['Archived', 'KeyTooLong']),
    );
    expect(stage.source.requests.read).toBe(1);
  });
});
