/** Copies under a limit: every byte that leaves is counted, waiting for one's turn is no stall, and a stop does not wait. */
import { MiB } from '../../src/domain/sizes';
import type { Bandwidth } from '../../src/transfer/bandwidth';
import { copyParts } from '../../src/transfer/copy-parts';
import { slicesOf } from '../../src/transfer/part-sink';
import { putWhole } from '../../src/transfer/put-whole';
import { MeteredGate } from '../../src/transfer/send-gate';
import { FakeClock } from '../support/fake-clock';
import { pack, stageOf } from './pack-scene';
import { aStage, aTask, anEngine, someBytes, withoutWaiting } from './examples';

withoutWaiting();

const SLICE = 256 * 1024;
const bytes = someBytes(4 * MiB);

function scene(rate: number) {
  const stage = aStage();
  const clock = new FakeClock();
  const gate = new MeteredGate(clock);
  gate.setRate(rate);
  const asked: Parameters<Bandwidth['gate']>[0][] = [];
  const bandwidth: Bandwidth = {
    gate(limit) {
      asked.push(limit);
      return gate;
    },
  };
  const object = stage.source.seed('k', bytes);
  const plain = { ...aTask(stage, 'k', object), limit: { transfer: 'acme-daily', bandwidth: 7 } };
  const inParts = { ...aTask(stage, 'k', object, [[MiB, 4]]), limit: { transfer: 'acme-daily' } };
  /** Seconds until the work was done, a quarter at a time. */
  const seconds = async (work: Promise<unknown>) => {
    const end = { reached: false };
    void work.finally(() => (end.reached = true));
    for (let at = 0; ; at += 0.25) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (end.reached) return at;
      await clock.advance(250);
    }
  };
  return { ...stage, stage, clock, gate, asked, plain, inParts, engine: anEngine(stage, { bandwidth }), seconds };
}

test('a whole object leaves at the rate, by the gate of its transfer', async () => {
  const { plain, engine, seconds, target, asked, gate } = scene(MiB);
  const took = await seconds(putWhole(plain, engine));
  expect(took).toBeGreaterThanOrEqual(3.5);
  expect(took).toBeLessThan(5);
  expect(target.objects.get('acme/k')?.body.equals(bytes)).toBe(true);
  expect(asked[0]).toEqual({ transfer: 'acme-daily', bandwidth: 7 });
  expect(gate.sent).toBe(bytes.length);
});

test('parts share the rate', async () => {
  const { inParts, engine, seconds } = scene(MiB);
  const copied = copyParts(inParts, engine);
  const took = await seconds(copied);
  expect(took).toBeGreaterThanOrEqual(3.5);
  expect(took).toBeLessThan(5);
  await expect(copied).resolves.toMatchObject({ state: 'complete', sent: { parts: 4 } });
});

test('what is sent again counts again', async () => {
  const { plain, engine, seconds, target, gate } = scene(100 * MiB);
  target.failNext('put', 'Unavailable', 2, 'lost');
  await seconds(putWhole(plain, engine).catch(() => undefined));
  expect(gate.sent).toBeGreaterThan(bytes.length);
});

test('a stop ends the waiting of those that have not begun; what has begun is finished', async () => {
  const { inParts, engine, clock, seconds, target } = scene(32 * 1024);
  const stop = new AbortController();
  const copied = copyParts(inParts, engine, { stop: stop.signal });
  await new Promise((resolve) => setTimeout(resolve, 50));
  await clock.advance(1_000);
  stop.abort();
  expect(await seconds(copied)).toBeLessThan(70);
  await expect(copied).resolves.toMatchObject({ state: 'stopped', sent: { parts: 2 } });
  expect(target.requests.uploadPart).toBe(2);
});

describe('what waits for its turn when a stop comes', () => {
  /** Timers ring when a test says so; what hangs on promises alone goes on. */
  beforeEach(() => void jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] }));
  afterEach(() => void jest.useRealTimers());
  const settled = async () => {
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
  };

  test.each([
    [
      'parts',
      ({ inParts, engine }: ReturnType<typeof scene>, stop: AbortSignal) => copyParts(inParts, engine, { stop }),
    ],
    [
      'a whole object',
      ({ plain, engine }: ReturnType<typeof scene>, stop: AbortSignal) => putWhole(plain, engine, stop),
    ],
  ])('%s: is broken off after a while', async (_name, copy) => {
    const stage = scene(0);
    const stop = new AbortController();
    const end = { reached: false };
    const copied = copy(stage, stop.signal).finally(() => (end.reached = true));
    const result = Promise.allSettled([copied]);
    await settled();
    stop.abort(new Error('asked to stop'));
    await jest.advanceTimersByTimeAsync(14_000);
    await settled();
    expect(end.reached).toBe(false);
    await jest.advanceTimersByTimeAsync(2_000);
    await settled();
    expect(end.reached).toBe(true);
    const [{ status, ...rest }] = await result;
    expect([status, 'value' in rest ? rest.value : 'thrown']).toEqual(
      _name === 'parts'
        ? ['fulfilled', expect.objectContaining({ state: 'stopped', sent: { parts: 0, bytes: 0 } })]
        : ['rejected', 'thrown'],
    );
    expect(stage.target.objects.size).toBe(0);
  });

  test('a pack: that has been at it for long enough finishes what waits, and begins nothing new', async () => {
    const stage = stageOf(6);
    const clock = new FakeClock();
    const gate = new MeteredGate(clock);
    gate.setRate(0);
    const enough = AbortSignal.abort();
    const bandwidth: Bandwidth = { gate: () => gate };
    await expect(pack(stage, { options: { enough }, bandwidth }).result).resolves.toMatchObject({
      counters: { listed: 0 },
    });
    const late = new AbortController();
    const { result } = pack(stage, { options: { enough: late.signal }, bandwidth, concurrency: 2 });
    await settled();
    late.abort();
    await jest.advanceTimersByTimeAsync(60_000);
    gate.setRate(undefined);
    await expect(result).resolves.toMatchObject({ counters: { copied: 2 }, next: { startAfter: 'k0001' } });
  });

  test('a pack: counts what has left, and goes on with what waited', async () => {
    const stage = stageOf(6);
    const gate = new MeteredGate(new FakeClock());
    const bandwidth: Bandwidth = { gate: () => gate };
    gate.setRate(undefined);
    const stop = new AbortController();
    stage.target.intercept('put', (_asked, proceed) => {
      if (stage.target.requests.put >= 3) gate.setRate(0);
      return proceed();
    });
    const first = pack(stage, { options: { stop: stop.signal }, bandwidth, concurrency: 1 }).result;
    await settled();
    stop.abort(new Error('asked to stop'));
    await jest.advanceTimersByTimeAsync(16_000);
    await settled();
    const { next, counters, grown } = await first;
    expect([next, counters.copied, grown]).toEqual([{ prefix: '', startAfter: 'k0001' }, 2, []]);
    expect(stage.target.objects.size).toBe(2);
    stage.target.intercept('put');
    gate.setRate(undefined);
    stage.target.requests.put = 0;
    const second = await pack(stage, { request: { range: next!, sequence: 2 }, bandwidth, options: { retried: true } })
      .result;
    expect(second.counters).toMatchObject({ listed: 4, copied: 4, failed: 0 });
    expect(stage.target.requests.put).toBe(4);
  });
});

describe('slicesOf', () => {
  test('has the watch not count the time of waiting, and tells it of each slice that has left', async () => {
    const clock = new FakeClock();
    const gate = new MeteredGate(clock);
    gate.setRate(MiB);
    let exempted = 0;
    let moved = 0;
    const watch = {
      request: { abortSignal: new AbortController().signal },
      moved: (count: number) => void (moved += count),
      exempt: async <T>(waiting: Promise<T>) => {
        const since = clock.now();
        const result = await waiting;
        exempted += clock.now() - since;
        return result;
      },
    };
    let slices = 0;
    void (async () => {
      for await (const slice of slicesOf(bytes.subarray(0, MiB), watch, { gate })) slices += slice.length / SLICE;
    })();
    await clock.advance(2_000);
    expect([slices, moved, Math.round(exempted)]).toEqual([4, MiB, 1_000]);
  });

  test('breaks off when its request ends', async () => {
    const gate = new MeteredGate(new FakeClock());
    gate.setRate(0);
    const request = new AbortController();
    const watch = {
      request: { abortSignal: request.signal },
      moved: () => undefined,
      exempt: <T>(waiting: Promise<T>) => waiting,
    };
    const next = slicesOf(bytes, watch, { gate }).next();
    request.abort(new Error('has stalled'));
    await expect(next).rejects.toThrow('has stalled');
  });
});
