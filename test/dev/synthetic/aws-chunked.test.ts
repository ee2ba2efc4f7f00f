import { awsChunked } from '../../../dev/synthetic/aws-chunked';

const FRAMED = '5\r\nhello\r\n6;chunk-signature=abc\r\n world\r\n0\r\nx-amz-checksum-crc32: abcd==\r\n\r\n';

/** Pushes the text in pieces of this size. */
function deframe(text: string, size: number) {
  const data: Buffer[] = [];
  const frames = awsChunked((bytes) => data.push(bytes));
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) frames.push(bytes.subarray(at, at + size));
  return { trailers: frames.end(), data: Buffer.concat(data).toString() };
}

test.each([1, 2, 3, 7, 1000])('frames come apart, in whatever pieces they arrive: of %i bytes', (size) => {
  expect(deframe(FRAMED, size)).toEqual({ data: 'hello world', trailers: { 'x-amz-checksum-crc32': 'abcd==' } });
});

test('an empty body has its trailers', () => {
  expect(deframe('0\r\na:b\r\n\r\n', 4)).toEqual({ data: '', trailers: { a: 'b' } });
});

test.each([
  ['ends within a frame', '5\r\nhel'],
  ['ends before the last frame', '5\r\nhello\r\n'],
  ['has a frame longer than it says', '4\r\nhello\r\n0\r\n\r\n'],
  ['has a frame without a size', 'hello\r\n'],
  ['goes on after its end', '0\r\n\r\nmore'],
  ['has a line without an end', 'f'.repeat(10_000)],
])('a body that %s is IncompleteBody', (_name, text) => {
  expect(() => deframe(text, 4)).toThrow(expect.objectContaining({ code: 'IncompleteBody', status: 400 }));
});
