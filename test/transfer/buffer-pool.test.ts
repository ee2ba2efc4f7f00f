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

test('at most 64 MiB are kept, the youngest', () => {
  const pool = new BufferPool();
  const given = Array.from({ length: 5 }, () => pool.take(16 * MiB));
  for (const each of given) pool.give(each);
  const taken = Array.from({ length: 5 }, () => pool.take(16 * MiB));
  expect(taken.map((each) => given.findIndex((one) => sameMemory(one, each)))).toEqual([1, 2, 3, 4, -1]);
});

test('small ones, and those of a shared slab, are not kept', () => {
  const pool = new BufferPool();
  const small = pool.take(MiB - 1);
  pool.give(small);
  expect(sameMemory(small, pool.take(MiB - 1))).toBe(false);
  pool.give(Buffer.from('a slab of Node'));
  expect(pool.take(8192).buffer.byteLength).toBe(8192);
});
