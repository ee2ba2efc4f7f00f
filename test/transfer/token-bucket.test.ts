/** Bytes leave at the rate that is set, first come, first served, whatever happens on the way. */
import { TokenBucket } from '../../src/transfer/token-bucket';
import { FakeClock } from '../support/fake-clock';

const KiB = 1024;
const MiB = 1024 * KiB;
const SLICE = 256 * KiB;

function scene(rate?: number) {
  const clock = new FakeClock();
  const bucket = new TokenBucket(clock);
  bucket.setRate(rate);
  const sent = { bytes: 0 };
  /** Takes slices without end, or so many. */
  const sender = async (slices = Infinity, bytes = SLICE) => {
    for (let i = 0; i < slices; i++) {
      await (bucket.take(bytes) ?? Promise.resolve());
      sent.bytes += bytes;
    }
  };
  /** How many a second, over so many seconds from now. */
  const rateOver = async (seconds: number) => {
    const before = sent.bytes;
    await clock.advance(seconds * 1000);
    return (sent.bytes - before) / seconds;
  };
  return { clock, bucket, sent, sender, rateOver };
}

describe('the rate', () => {
  test.each([
    ['the least', 64 * KiB],
    ['a low one', MiB],
    ['that of the bench', 40e6],
    ['a high one', 200 * MiB],
  ])('%s holds for one sender and for many', async (_name, rate) => {
    for (const senders of [1, 40]) {
      const { sender, rateOver, clock } = scene(rate);
      for (let i = 0; i < senders; i++) void sender();
      await clock.advance(10_000);
      const seconds = rate < MiB ? 400 : 10;
      const measured = await rateOver(seconds);
      expect(Math.abs(measured / rate - 1)).toBeLessThan(0.02);
    }
  });

  test('slices of any size make up the same', async () => {
    const { sender, rateOver } = scene(MiB);
    void sender(Infinity, 1_000);
    void sender(Infinity, SLICE);
    void sender(Infinity, 77_777);
    expect((await rateOver(100)) / MiB).toBeCloseTo(1, 1);
  });

  test('none: everything goes at once, without a promise', () => {
    const { bucket } = scene();
    expect(bucket.take(10 * MiB)).toBeUndefined();
  });

  test('0: nobody goes until another one is set', async () => {
    const { bucket, sender, rateOver } = scene(0);
    void sender();
    expect(await rateOver(600)).toBe(0);
    bucket.setRate(MiB);
    expect((await rateOver(60)) / MiB).toBeCloseTo(1, 1);
  });

  test('that changes holds at once, for those who wait too', async () => {
    const { bucket, sender, rateOver } = scene(MiB);
    for (let i = 0; i < 8; i++) void sender();
    await rateOver(10);
    bucket.setRate(4 * MiB);
    expect((await rateOver(20)) / (4 * MiB)).toBeCloseTo(1, 1);
    bucket.setRate(MiB / 2);
    expect((await rateOver(60)) / (MiB / 2)).toBeCloseTo(1, 1);
  });

  test('that is lifted lets all who wait go', async () => {
    const { bucket, sender, sent, clock } = scene(1);
    const all = Promise.all([sender(1), sender(1), sender(1)]);
    await clock.advance(1000);
    expect(sent.bytes).toBe(0);
    bucket.setRate(undefined);
    await all;
    expect(sent.bytes).toBe(3 * SLICE);
  });
});

describe('a burst', () => {
  test.each([
    ['a quarter of a second’s worth', 40 * MiB, 10 * MiB],
    ['one slice, where that is more', 64 * KiB, SLICE],
  ])('is %s after any silence', async (_name, rate, expected) => {
    const { bucket, clock } = scene(rate);
    await clock.advance(3_600_000);
    let burst = 0;
    while (bucket.take(SLICE) === undefined) burst += SLICE;
    expect(burst).toBe(expected);
  });

  test('of a quarter of a second is no more after the rate has fallen', async () => {
    const { bucket, clock } = scene(40 * MiB);
    await clock.advance(10_000);
    bucket.setRate(2 * MiB);
    let burst = 0;
    while (bucket.take(SLICE) === undefined) burst += SLICE;
    expect(burst).toBe(MiB / 2);
  });
});

describe('the order', () => {
  test('is that in which they came, large and small alike', async () => {
    const { bucket, clock } = scene(MiB);
    const order: number[] = [];
    const sizes = [SLICE, 1, SLICE, 1, 100 * KiB];
    sizes.forEach((bytes, index) => void bucket.take(bytes)?.then(() => order.push(index)));
    await clock.advance(2_000);
    expect(order).toEqual([0, 1, 2, 3, 4]);
  });

  test('is a fair one: nobody gets more than a slice ahead of another', async () => {
    const { bucket, clock } = scene(MiB);
    const counts = new Array<number>(7).fill(0);
    counts.forEach((_, index) => {
      void (async () => {
        for (;;) {
          await (bucket.take(SLICE) ?? Promise.resolve());
          counts[index] = (counts[index] ?? 0) + 1;
        }
      })();
    });
    await clock.advance(60_000);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    expect(Math.min(...counts)).toBeGreaterThan(30);
  });

  test('lets nobody starve: one that wants more than a bucket holds goes in its turn, and is paid for', async () => {
    const { sender, bucket, clock, rateOver } = scene(MiB);
    for (let i = 0; i < 3; i++) void sender();
    let large = false;
    void bucket.take(8 * MiB)?.then(() => (large = true));
    await clock.advance(3_000);
    expect(large).toBe(true);
    await clock.advance(7_000);
    expect((await rateOver(30)) / MiB).toBeCloseTo(1, 1);
  });
});

describe('whoever gives up', () => {
  test('is told the reason, takes nothing, and holds nobody back', async () => {
    const { bucket, clock } = scene(MiB);
    const stop = new AbortController();
    const given = bucket.take(SLICE, stop.signal);
    let next = false;
    void bucket.take(SLICE)?.then(() => (next = true));
    stop.abort(new Error('the request is over'));
    await expect(given).rejects.toThrow('the request is over');
    await clock.advance(250);
    expect(next).toBe(true);
  });

  test('before it asks has asked for nothing', async () => {
    const { bucket } = scene(MiB);
    await expect(bucket.take(SLICE, AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
  });
});
