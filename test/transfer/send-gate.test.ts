/** What passes a gate, and what waits before it: in memory, and byte by byte. */
import { fixedBandwidth } from '../../src/transfer/bandwidth';
import { MeteredGate } from '../../src/transfer/send-gate';
import { FakeClock } from '../support/fake-clock';

const KiB = 1024;
const MiB = 1024 * KiB;
const SLICE = 256 * KiB;

function scene(rate?: number) {
  const clock = new FakeClock();
  let uses = 0;
  const gate = new MeteredGate(clock, () => (uses += 1));
  gate.setRate(rate);
  return { clock, gate, uses: () => uses };
}

/** Calls that do not end by themselves. */
function openEnded() {
  const ends: (() => void)[] = [];
  return {
    ends,
    call: () => new Promise<void>((resolve) => ends.push(resolve)),
    get begun() {
      return ends.length;
    },
  };
}

test('without a limit all are let in, and nothing waits', async () => {
  const { gate, clock } = scene();
  const held = openEnded();
  for (let i = 0; i < 1000; i++) void gate.hold(64 * MiB, held.call);
  await clock.advance(1);
  expect([held.begun, gate.take(64 * MiB), gate.waited]).toEqual([1000, undefined, 0]);
});

describe('in hand', () => {
  test.each([
    ['ten seconds’ worth of parts', 16 * MiB, 16 * MiB, 10],
    ['two parts at least', 64 * KiB, 16 * MiB, 2],
    ['ten seconds’ worth of small objects, so that none waits longer for its turn', MiB, 10 * KiB, 1024],
    ['two where nothing may leave yet', 0, 16 * MiB, 2],
  ])('are %s', async (_name, rate, bytes, expected) => {
    const { gate, clock } = scene(rate);
    const held = openEnded();
    for (let i = 0; i < 2000; i++) void gate.hold(bytes, held.call);
    await clock.advance(1);
    expect([held.begun, gate.copies]).toEqual([expected, 2000]);
    held.ends[0]?.();
    await clock.advance(1);
    expect([held.begun, gate.copies]).toEqual([expected + 1, 1999]);
  });

  test('are more as soon as the limit rises, and all when it is lifted', async () => {
    const { gate, clock } = scene(MiB);
    const held = openEnded();
    for (let i = 0; i < 100; i++) void gate.hold(16 * MiB, held.call);
    gate.setRate(8 * MiB);
    await clock.advance(1);
    expect(held.begun).toBe(5);
    gate.setRate(undefined);
    await clock.advance(1);
    expect(held.begun).toBe(100);
  });

  test('are more where slices do not wait for the rate', async () => {
    const { gate, clock } = scene(2 * MiB);
    const held = openEnded();
    for (let i = 0; i < 100; i++) void gate.hold(16 * MiB, held.call);
    await clock.advance(60_000);
    expect(gate.take(SLICE)).toBeUndefined();
    expect(gate.take(SLICE)).toBeUndefined();
    void gate.take(SLICE);
    await clock.advance(1);
    expect(held.begun).toBe(4);
  });

  test('one that is told to stop before its turn does not begin, and holds nobody back', async () => {
    const { gate, clock } = scene(KiB);
    const held = openEnded();
    const stop = new AbortController();
    for (let i = 0; i < 2; i++) void gate.hold(MiB, held.call);
    const third = gate.hold(MiB, held.call, stop.signal);
    const fourth = openEnded();
    void gate.hold(MiB, fourth.call);
    stop.abort(new Error('asked to stop'));
    await expect(third).rejects.toThrow('asked to stop');
    await expect(gate.hold(MiB, held.call, stop.signal)).rejects.toThrow('asked to stop');
    held.ends[0]?.();
    await clock.advance(1);
    expect([held.begun, fourth.begun, gate.copies]).toEqual([2, 1, 2]);
  });

  test('an error is that of the work, and frees its place', async () => {
    const { gate } = scene(16 * KiB);
    await expect(gate.hold(MiB, () => Promise.reject(new Error('broken off')))).rejects.toThrow('broken off');
    await expect(gate.hold(MiB, () => Promise.resolve('sent'))).resolves.toBe('sent');
    expect(gate.copies).toBe(0);
  });
});

test('it tells when its first copy comes, and when its last one goes', async () => {
  const { gate, clock, uses } = scene();
  const held = openEnded();
  for (let i = 0; i < 3; i++) void gate.hold(1, held.call);
  await clock.advance(1);
  expect(uses()).toBe(1);
  held.ends.forEach((end) => end());
  await clock.advance(1);
  expect(uses()).toBe(2);
  void gate.hold(1, held.call);
  expect(uses()).toBe(3);
});

test('bytes that had to wait are counted apart', async () => {
  const { gate, clock } = scene(2 * MiB);
  await clock.advance(1_000);
  expect([gate.take(SLICE), gate.take(SLICE)]).toEqual([undefined, undefined]);
  expect([gate.sent, gate.waited]).toEqual([2 * SLICE, 0]);
  void gate.take(SLICE);
  expect([gate.sent, gate.waited]).toEqual([3 * SLICE, SLICE]);
});

describe('a process that cannot ask', () => {
  test('sends at the rate of its task', async () => {
    const clock = new FakeClock();
    const gate = fixedBandwidth({ transfer: 'acme', bandwidth: MiB }, clock).gate({ transfer: 'acme' });
    let sent = 0;
    void (async () => {
      for (;;) {
        await (gate.take(SLICE) ?? Promise.resolve());
        sent += SLICE;
      }
    })();
    await clock.advance(60_000);
    expect(sent / MiB).toBeCloseTo(60, 0);
  });

  test.each([[undefined], [{ transfer: 'acme' }]])('has no limit where its task tells of none: %p', (limit) => {
    expect(fixedBandwidth(limit).gate({ transfer: 'acme' }).take(SLICE)).toBeUndefined();
  });
});
