/** A read lets through exactly the bytes that were asked for, of the very object that was asked for. */
import { crc32 } from 'node:zlib';
import type { RangeBody } from '../../src/transfer/object-store';
import { readRange } from '../../src/transfer/read-range';
import { MemoryStore } from '../support/memory-store';
import { failingWith, someBytes } from './examples';

const bytes = someBytes(1_000);

function stored() {
  const store = new MemoryStore({ pieceBytes: 64 });
  const { etag } = store.seed('k', bytes, { headers: { contentType: 'text/csv', metadata: { a: '1' } } });
  const read = (offset: number, length: number) =>
    readRange(store, { key: 'k', etag, offset, length, objectSize: 1_000 });
  return { store, etag, read };
}

async function* of(...pieces: Uint8Array[]) {
  await Promise.resolve();
  yield* pieces;
}

describe('readRange', () => {
  test.each([
    ['the whole object', 0, 1_000],
    ['its first bytes', 0, 10],
    ['its last bytes', 990, 10],
    ['bytes across pieces', 60, 500],
  ])('reads %s, with their CRC and the headers', async (_name, offset, length) => {
    const { store, read } = stored();
    const expected = bytes.subarray(offset, offset + length);
    const result = await read(offset, length);
    expect(result.bytes.equals(expected)).toBe(true);
    expect(result.crc32).toBe(crc32(expected));
    expect(result.headers).toEqual({ contentType: 'text/csv', metadata: { a: '1' } });
    expect(store.openBodies).toBe(0);
  });

  test('reads an empty object, without a range', async () => {
    const store = new MemoryStore();
    const { etag } = store.seed('empty', '');
    const result = await readRange(store, { key: 'empty', etag, offset: 0, length: 0, objectSize: 0 });
    expect(result).toMatchObject({ bytes: Buffer.alloc(0), crc32: 0 });
  });

  test('takes the whole object for a range that is the whole object', async () => {
    const { store, read } = stored();
    store.intercept('read', async (_asked, proceed) => withoutRange(await proceed()));
    await expect(read(0, 1_000)).resolves.toMatchObject({ crc32: crc32(bytes) });
  });

  type Answer = (answer: RangeBody) => RangeBody;
  test.each<[string, string, Answer]>([
    ['is of another ETag', 'SourceChanged', (answer) => ({ ...answer, etag: 'other' })],
    [
      'is of an object of another size',
      'SourceChanged',
      (answer) => ({ ...answer, range: { first: 100, size: 1_001 } }),
    ],
    ['begins elsewhere', 'TornRead', (answer) => ({ ...answer, range: { first: 0, size: 1_000 } })],
    ['is the whole object instead', 'TornRead', (answer) => withoutRange(answer)],
    ['is torn', 'TornRead', (answer) => ({ ...answer, body: cut(answer.body, 150) })],
    ['is empty', 'TornRead', (answer) => ({ ...answer, body: cut(answer.body, 0) })],
    ['lacks its last byte', 'TornRead', (answer) => ({ ...answer, body: cut(answer.body, 199) })],
    ['is a byte too long', 'TornRead', (answer) => ({ ...answer, body: longer(answer.body) })],
  ])('rejects an answer that %s: %s', async (_name, code, alter) => {
    const { store, read } = stored();
    store.intercept('read', async (_asked, proceed) => alter(await proceed()));
    await expect(read(100, 200)).rejects.toEqual(failingWith(code as 'TornRead'));
    expect(store.openBodies).toBe(0);
  });

  test('an answer with another ETag is SourceChanged even where its size and place differ, too', async () => {
    const { store, read } = stored();
    store.intercept('read', async (_asked, proceed) => ({
      ...(await proceed()),
      etag: 'other',
      range: { first: 1, size: 1 },
    }));
    await expect(read(100, 200)).rejects.toEqual(failingWith('SourceChanged'));
  });

  test('an empty object that has grown is not read as empty', async () => {
    const { store, etag } = stored();
    store.intercept('read', async (_asked, proceed) => ({ ...(await proceed()), body: of(Buffer.from('x')) }));
    await expect(readRange(store, { key: 'k', etag, offset: 0, length: 0, objectSize: 0 })).rejects.toEqual(
      failingWith('TornRead'),
    );
  });

  test('passes on what the store says, and an error in the middle of the body', async () => {
    const { store, etag, read } = stored();
    const failure = new Error('socket hang up');
    store.intercept('read', async (_asked, proceed) => ({ ...(await proceed()), body: breaking(failure) }));
    await expect(read(0, 200)).rejects.toBe(failure);
    store.intercept('read');
    await expect(readRange(store, { key: 'gone', etag, offset: 0, length: 1, objectSize: 1 })).rejects.toEqual(
      failingWith('SourceGone'),
    );
    store.seed('k', 'replaced');
    await expect(read(0, 200)).rejects.toEqual(failingWith('SourceChanged'));
  });
});

function withoutRange({ range: _range, ...answer }: RangeBody): RangeBody {
  return answer;
}

async function* cut(body: AsyncIterable<Uint8Array>, bytesLeft: number): AsyncGenerator<Uint8Array> {
  let left = bytesLeft;
  for await (const piece of body) {
    yield piece.subarray(0, left);
    left -= Math.min(left, piece.length);
  }
}

async function* longer(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* body;
  yield Buffer.from('x');
}

async function* breaking(failure: Error): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield Buffer.alloc(64);
  throw failure;
}
