import fc from 'fast-check';
import { MiB } from '../../src/domain/sizes';
import { BufferPool } from '../../src/transfer/buffer-pool';

const sameMemory = (a: Buffer, b: Buffer) => a.buffer === b.buffer;

test('what was given is taken again, in the length asked for', () => {
  const pool = new BufferPool();
  const first = pool.take(9 * MiB);
  pool.give(first);
  const second = pool.take(8 * MiB);
  expect(sameMemory(first, second)).toBe(true);
  expect(second).toHaveLength(8 * MiB);
  // Given back, it is as large as it was.
  pool.give(second);
  expect(sameMemory(first, pool.take(9 * MiB))).toBe(true);
});

test('nobody gets what another has', () => {
  const pool = new BufferPool();
  const first = pool.take(2 * MiB);
  pool.give(first);
  expect(sameMemory(first, pool.take(2 * MiB))).toBe(true);
  expect(sameMemory(first, pool.take(2 * MiB))).toBe(false);
});

test.each([
  ['too small', 4 * MiB + 1],
  ['larger by more than a quarter', 3 * MiB],
])('one that is %s is left for another', (_why, length) => {
  const pool = new BufferPool();
  const first = pool.take(4 * MiB);
  pool.give(first);
  expect(sameMemory(first, pool.take(length))).toBe(false);
  expect(sameMemory(first, pool.take(4 * MiB))).toBe(true);
});

test('as many as were taken at once are kept', () => {
  const pool = new BufferPool();
  const given = Array.from({ length: 20 }, () => pool.take(16 * MiB));
  for (const each of given) pool.give(each);
  const taken = Array.from({ length: 21 }, () => pool.take(16 * MiB));
  expect(taken.map((each) => given.findIndex((one) => sameMemory(one, each)))).toEqual([...given.keys(), -1]);
});

test('beyond 64 MiB a new one takes the place of the oldest that are kept', () => {
  const pool = new BufferPool();
  const given = Array.from({ length: 6 }, () => pool.take(16 * MiB));
  for (const each of given) pool.give(each);
  pool.take(20 * MiB + 1);
  const taken = Array.from({ length: 5 }, () => pool.take(16 * MiB));
  expect(taken.map((each) => given.findIndex((one) => sameMemory(one, each)))).toEqual([2, 3, 4, 5, -1]);
});

test('whatever the sizes, what is kept and taken is 64 MiB more at most than the most that was taken at once', () => {
  const sizes = fc.array(fc.integer({ min: 8, max: 40 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(sizes, (asked) => {
      const pool = new BufferPool();
      const taken: Buffer[] = [];
      const inUse = () => taken.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
      let most = 0;
      for (const [i, size] of asked.entries()) {
        taken.push(pool.take(size * MiB));
        most = Math.max(most, inUse());
        expect(inUse() + pool.keptBytes).toBeLessThanOrEqual(most + 64 * MiB);
        if (i % 3 !== 0) pool.give(taken.splice(i % taken.length, 1)[0] as Buffer);
      }
    }),
  );
});

test('what nobody has asked for during a minute is kept no longer', () => {
  jest.useFakeTimers();
  try {
    const pool = new BufferPool();
    for (const each of [pool.take(4 * MiB), pool.take(4 * MiB)]) pool.give(each);
    jest.advanceTimersByTime(59_000);
    pool.give(pool.take(4 * MiB));
    jest.advanceTimersByTime(59_000);
    expect(pool.keptBytes).toBe(8 * MiB);
    jest.advanceTimersByTime(1_000);
    expect(pool.keptBytes).toBe(0);
    pool.give(pool.take(4 * MiB));
    jest.advanceTimersByTime(60_000);
    expect(pool.keptBytes).toBe(0);
  } finally {
    jest.useRealTimers();
  }
});

test('small ones, and those of a shared slab, are not kept', () => {
  const pool = new BufferPool();
  const small = pool.take(MiB - 1);
  pool.give(small);
  expect(sameMemory(small, pool.take(MiB - 1))).toBe(false);
  pool.give(Buffer.from('a slab of Node'));
  expect(pool.take(8192).buffer.byteLength).toBe(8192);
});
