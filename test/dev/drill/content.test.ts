import { contentFrom, contentStream, firstDifference } from '../../../dev/drill/content';

const MiB = 1024 ** 2;
const expected = { seed: 7, key: 'r/a.bin', size: 3 * MiB + 5 };
const whole = contentFrom(7, 'r/a.bin')(expected.size);

async function* pieces(bytes: Buffer, size = 70_001) {
  await Promise.resolve();
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test('content is the same whole, in a stream and from its middle on, and another for another key or seed', async () => {
  const streamed: Buffer[] = [];
  for await (const piece of contentStream(7, 'r/a.bin', expected.size)) streamed.push(piece as Buffer);
  expect(Buffer.concat(streamed).equals(whole)).toBe(true);
  expect(contentFrom(7, 'r/a.bin', MiB)(100).equals(whole.subarray(MiB, MiB + 100))).toBe(true);
  expect(contentFrom(8, 'r/a.bin')(100).equals(whole.subarray(0, 100))).toBe(false);
  expect(contentFrom(7, 'r/b.bin')(100).equals(whole.subarray(0, 100))).toBe(false);
});

test('equal bytes do not differ', async () => {
  expect(await firstDifference(pieces(whole), expected)).toBeUndefined();
  expect(await firstDifference(pieces(Buffer.alloc(0)), { ...expected, size: 0 })).toBeUndefined();
});

test('a wrong, a missing and a further byte are found, each at its place', async () => {
  const torn = Buffer.from(whole);
  torn.writeUInt8(torn.readUInt8(2 * MiB) ^ 1, 2 * MiB);
  expect(await firstDifference(pieces(torn), expected)).toBe(2 * MiB);
  expect(await firstDifference(pieces(whole.subarray(0, -1)), expected)).toBe(expected.size - 1);
  expect(await firstDifference(pieces(Buffer.concat([whole, Buffer.alloc(1)])), expected)).toBe(expected.size);
});
