import { crc32 } from 'node:zlib';
import { madeBytes, PERIOD, phaseOf } from '../../../dev/synthetic/made-bytes';

const TiB = 1024 ** 4;
const bytesOf = (made: ReturnType<typeof madeBytes>, offset: number, length: number) =>
  Buffer.concat([...made.slices(offset, length)]);

test.each([
  ['nothing', 0, 0],
  ['one byte', 5, 1],
  ['the end of a period and the begin of the next', PERIOD - 10, 20],
  ['exactly one period', 0, PERIOD],
  ['several periods', 12_345, 5 * PERIOD + 77],
  ['a stretch that lies far behind 4 GiB', 48 * TiB + 3, 3_000_001],
])('the CRC-32 of a range is that of its bytes: %s', (_name, offset, length) => {
  const made = madeBytes(48.8 * TiB, 1_000_000);
  const bytes = bytesOf(made, offset, length);
  expect(bytes).toHaveLength(length);
  expect(made.crc32(offset, length)).toBe(crc32(bytes));
});

test('a range is the same bytes however it is cut', () => {
  const made = madeBytes(10_000_000, 99);
  const whole = bytesOf(made, 1_000, 5_000_000);
  const pieces = [1_000, 1_001_000, 3_000_999].map((offset, i, all) =>
    bytesOf(made, offset, (all[i + 1] ?? 5_001_000) - offset),
  );
  expect(Buffer.concat(pieces).equals(whole)).toBe(true);
});

test('the parts of one object differ from one another, and two keys from each other', () => {
  const made = madeBytes(TiB, phaseOf('bucket/a'));
  const sums = Array.from({ length: 1_000 }, (_, i) => made.crc32(i * 16 * 1024 ** 2, 16 * 1024 ** 2));
  expect(new Set(sums).size).toBe(1_000);
  const other = madeBytes(TiB, phaseOf('bucket/b'));
  expect(bytesOf(other, 0, 100).equals(bytesOf(made, 0, 100))).toBe(false);
});
