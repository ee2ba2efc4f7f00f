/** An answer read by the wire is what undici reads of it, however it is cut; what is no answer is refused, and never waited for. */
import fc from 'fast-check';
import { MAX_HEAD_BYTES } from '../../src/wire/answer-head';
import type { Origin } from '../../src/wire/connection';
import { readByUndici, readByWire } from './client';
import { RawServer } from './raw-server';

let written: { readonly pieces: readonly Buffer[]; readonly ends: boolean } = { pieces: [], ends: false };
let origin: Origin;
const server = new RawServer(async ({ socket }) => {
  socket.setNoDelay(true);
  for (const piece of written.pieces) {
    socket.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (written.ends) socket.end();
});

beforeAll(async () => {
  origin = await server.listen();
});
afterAll(() => server.close());

const bytes = (text: string) => Buffer.from(text, 'latin1');
const whole = (text: string, ends = false) => ({ pieces: [bytes(text)], ends });
const OK = 'HTTP/1.1 200 OK\r\n';

/** Cut at these places. */
function cut(text: string, places: readonly number[]): readonly Buffer[] {
  const all = bytes(text);
  const ends = [...new Set(places.map((place) => place % (all.length + 1)))].sort((a, b) => a - b);
  return [...ends, all.length].map((end, i) => all.subarray(ends[i - 1] ?? 0, end)).filter(({ length }) => length > 0);
}

const ANSWERS: [name: string, text: string, ends?: boolean][] = [
  ['a length', `${OK}content-length: 5\r\netag: "e"\r\n\r\nbytes`],
  ['nothing in it', `${OK}Content-Length: 0\r\n\r\n`],
  ['chunks', `${OK}transfer-encoding: chunked\r\n\r\n3\r\nbyt\r\n2\r\nes\r\n0\r\n\r\n`],
  [
    'chunks with extensions and a trailer',
    `${OK}Transfer-Encoding: Chunked\r\n\r\n5;a=b\r\nbytes\r\n0\r\nx-sum: 1\r\n\r\n`,
  ],
  ['the end of the connection', `${OK}etag: "e"\r\n\r\nbytes`, true],
  ['an error', 'HTTP/1.1 404 Not Found\r\ncontent-type: application/xml\r\ncontent-length: 8\r\n\r\n<Error/>'],
  ['no reason', 'HTTP/1.1 206 \r\ncontent-length: 5\r\ncontent-range: bytes 0-4/9\r\n\r\nbytes'],
  ['no content', 'HTTP/1.1 204 No Content\r\n\r\n'],
  ['an announcement before it', `HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${OK}content-length: 5\r\n\r\nbytes`],
  ['bytes above ASCII in a header', `${OK}x-amz-meta-a: caf\xe9 \xc3\xa9\r\ncontent-length: 1\r\n\r\nx`],
  ['a header twice', `${OK}x-a: 1\r\nX-A: 2\r\ncontent-length: 1\r\n\r\nx`],
  ['spaces before a value', `${OK}x-a: \t b c\r\ncontent-length:1\r\n\r\nx`],
  ['an empty value', `${OK}x-a:\r\ncontent-length: 1\r\n\r\nx`],
  ['HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\nx', true],
  ['a close', `${OK}connection: close\r\ncontent-length: 1\r\n\r\nx`, true],
];

test.each(ANSWERS)('an answer with %s is read as undici reads it, cut anywhere', async (_name, text, ends = false) => {
  written = whole(text, ends);
  const expected = await readByUndici(origin);
  expect(await readByWire(origin)).toEqual(expected);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(), { maxLength: 6 }), async (places) => {
      written = { pieces: cut(text, places), ends };
      expect(await readByWire(origin)).toEqual(expected);
    }),
    { numRuns: 15 },
  );
});

/** www.rfc-editor.org/rfc/rfc9112#section-5.1: undici leaves it there. */
test('space after a value is none of it', async () => {
  written = whole(`${OK}x-a: b c \t\r\ncontent-length: 1\r\n\r\nx`);
  expect((await readByWire(origin)).headers['x-a']).toBe('b c');
});

test('an answer that comes byte by byte is the same', async () => {
  const [, text] = ANSWERS[3]!;
  written = { pieces: [...bytes(text)].map((byte) => Buffer.from([byte])), ends: false };
  expect((await readByWire(origin)).bytes.toString()).toBe('bytes');
});

test('an answer to a HEAD has no body, whatever its head says', async () => {
  written = whole(`${OK}content-length: 5\r\n\r\n`);
  expect(await readByWire(origin, { method: 'HEAD' })).toEqual(await readByUndici(origin, 'HEAD'));
});

const REFUSED: [name: string, text: string][] = [
  ['is of another protocol', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
  ['is of HTTP/2', 'HTTP/2 200\r\ncontent-length: 0\r\n\r\n'],
  ['has no status', 'HTTP/1.1 OK\r\ncontent-length: 0\r\n\r\n'],
  ['has two lengths', `${OK}content-length: 5\r\ncontent-length: 6\r\n\r\nbytes!`],
  ['has one length twice', `${OK}content-length: 5\r\ncontent-length: 5\r\n\r\nbytes`],
  ['has two lengths in one', `${OK}content-length: 5, 5\r\n\r\nbytes`],
  ['has a length below zero', `${OK}content-length: -1\r\n\r\n`],
  ['has a length with a sign', `${OK}content-length: +5\r\n\r\nbytes`],
  ['has a length in hex', `${OK}content-length: 0x5\r\n\r\nbytes`],
  ['has an endless length', `${OK}content-length: 99999999999999999999\r\n\r\nbytes`],
  ['has a length and is chunked', `${OK}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['is gzipped on its way', `${OK}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
  ['has a folded header', `${OK}x-a: 1\r\n 2\r\ncontent-length: 1\r\n\r\nx`],
  ['has a header without a colon', `${OK}x-a\r\ncontent-length: 1\r\n\r\nx`],
  ['has a space in a name', `${OK}x a: 1\r\ncontent-length: 1\r\n\r\nx`],
  ['has a space before a colon', `${OK}content-length : 1\r\n\r\nx`],
  ['has a bare line feed', `${OK}x-a: 1\nx-b: 2\r\ncontent-length: 1\r\n\r\nx`],
  ['has a zero in a value', `${OK}x-a: \0\r\ncontent-length: 1\r\n\r\nx`],
  ['has an endless head', `${OK}x-a: ${'a'.repeat(MAX_HEAD_BYTES)}`],
  ['is announced for ever', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100)],
  ['changes the protocol', 'HTTP/1.1 101 Switching\r\nupgrade: h2c\r\n\r\n'],
  ['has a chunk without a size', `${OK}transfer-encoding: chunked\r\n\r\n\r\nbytes`],
  ['has a chunk of another size', `${OK}transfer-encoding: chunked\r\n\r\n3\r\nbytes\r\n0\r\n\r\n`],
  ['has a chunk of a negative size', `${OK}transfer-encoding: chunked\r\n\r\n-3\r\n\r\n0\r\n\r\n`],
  ['has a chunk with an endless size', `${OK}transfer-encoding: chunked\r\n\r\n${'0'.repeat(5_000)}`],
  ['has a chunk ended by a line feed alone', `${OK}transfer-encoding: chunked\r\n\r\n5\nbytes\r\n0\r\n\r\n`],
];

test.each(REFUSED)('an answer that %s is refused', async (_name, text) => {
  written = whole(text);
  await expect(readByWire(origin)).rejects.toMatchObject({ name: 'BadAnswer' });
});

test.each([
  ['before its head', ''],
  ['in its head', `${OK}content-len`],
  ['in its body', `${OK}content-length: 5\r\n\r\nbyte`],
  ['in a chunk', `${OK}transfer-encoding: chunked\r\n\r\n5\r\nbyt`],
  ['before the last chunk', `${OK}transfer-encoding: chunked\r\n\r\n5\r\nbytes\r\n`],
  ['in the trailer', `${OK}transfer-encoding: chunked\r\n\r\n5\r\nbytes\r\n0\r\n`],
])('an answer that ends %s is lost, and no shorter one', async (_where, text) => {
  written = whole(text, true);
  await expect(readByWire(origin)).rejects.toMatchObject({ name: 'ConnectionLost' });
});

test('whatever comes is read or refused, and never waited for', async () => {
  const lines = fc.constantFrom(
    ...['HTTP/1.1 200 OK', 'HTTP/1.1 100 Continue', 'content-length: 3', 'transfer-encoding: chunked', 'x', ': ', '3', '0', 'abc', '', ' '], // prettier-ignore
  );
  const noise = fc.oneof(lines, fc.string({ unit: 'binary', maxLength: 5 }));
  await fc.assert(
    fc.asyncProperty(fc.array(noise, { maxLength: 12 }), async (parts) => {
      written = whole(parts.join('\r\n'), true);
      const end = await readByWire(origin).then(
        ({ bytes }) => bytes.length,
        (error: unknown) => (error as Error).name,
      );
      expect([expect.any(Number), 'BadAnswer', 'ConnectionLost']).toContainEqual(end);
    }),
    { numRuns: 300 },
  );
});
