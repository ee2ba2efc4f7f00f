/** A read lets through exactly the bytes that were asked for, of the very object that was asked for. */
import type { IncomingBytes, RangeBody } from '../../src/transfer/object-store';
import { readRange } from '../../src/transfer/read-range';
import { checksummer } from '../../src/aws/checksums';
import { crcOfBytes } from '../support/crc';
import { altered, flowOf } from '../support/flow';
import { MemoryStore } from '../support/memory-store';
import { failingWith, someBytes } from './examples';

const bytes = someBytes(1_000);

function stored() {
  const store = new MemoryStore({ pieceBytes: 64 });
  const { etag } = store.seed('k', bytes, { headers: { contentType: 'text/csv', metadata: { a: '1' } } });
  const read = (offset: number, length: number, whole = false) =>
    readRange(store, { key: 'k', etag, offset, length, whole }, { objectSize: 1_000, sum });
  return { store, etag, read };
}

const sum = () => checksummer('CRC32');

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
    await expect(result.sum.digest()).resolves.toBe(crcOfBytes(expected).value);
    expect(result.answer.headers).toEqual({ contentType: 'text/csv', metadata: { a: '1' } });
    expect(store.openBodies).toBe(0);
  });

  test('reads an empty object, without a range', async () => {
    const store = new MemoryStore();
    const { etag } = store.seed('empty', '');
    const request = { key: 'empty', etag, offset: 0, length: 0, whole: true };
    await expect(readRange(store, request, { objectSize: 0, sum })).resolves.toMatchObject({ bytes: Buffer.alloc(0) });
  });

  test('takes the whole object for a range that is the whole object', async () => {
    const { store, read } = stored();
    store.intercept('read', async (_asked, proceed) => withoutRange(await proceed()));
    await expect(read(0, 1_000)).resolves.toMatchObject({ bytes });
  });

  test('reads the whole object in one answer, with the checksums that its store keeps', async () => {
    const store = new MemoryStore();
    const { etag } = store.seed('k', bytes, { checksums: [crcOfBytes(bytes, 'CRC64NVME')] });
    const request = { key: 'k', etag, offset: 0, length: 1_000, whole: true };
    const read = await readRange(store, request, { objectSize: 1_000, sum });
    expect(read).toMatchObject({ bytes, answer: { checksums: [crcOfBytes(bytes, 'CRC64NVME')] } });
    expect(read.answer.range).toBeUndefined();
  });

  type Answer = (answer: RangeBody) => RangeBody;
  test.each<[string, string, Answer]>([
    ['is of another ETag', 'SourceChanged', (answer) => ({ ...answer, etag: 'other' })],
    [
      'is of an object of another size',
      'SourceChanged',
      (answer) => ({ ...answer, range: { first: 100, last: 299, size: 1_001 } }),
    ],
    ['begins elsewhere', 'TornRead', (answer) => ({ ...answer, range: { first: 0, last: 299, size: 1_000 } })],
    ['ends elsewhere', 'TornRead', (answer) => ({ ...answer, range: { first: 100, last: 298, size: 1_000 } })],
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
      range: { first: 1, last: 1, size: 1 },
    }));
    await expect(read(100, 200)).rejects.toEqual(failingWith('SourceChanged'));
  });

  test('an empty object that has grown is not read as empty', async () => {
    const { store, etag } = stored();
    store.intercept('read', async (_asked, proceed) => ({ ...(await proceed()), body: flowOf(Buffer.from('x')) }));
    await expect(
      readRange(store, { key: 'k', etag, offset: 0, length: 0, whole: true }, { objectSize: 0, sum }),
    ).rejects.toEqual(failingWith('TornRead'));
  });

  test('passes on what the store says, and an error in the middle of the body', async () => {
    const { store, etag, read } = stored();
    const failure = new Error('socket hang up');
    store.intercept('read', async (_asked, proceed) => {
      const answer = await proceed();
      return { ...answer, body: breaking(answer.body, failure) };
    });
    await expect(read(0, 200)).rejects.toBe(failure);
    store.intercept('read');
    await expect(
      readRange(store, { key: 'gone', etag, offset: 0, length: 1, whole: false }, { objectSize: 1, sum }),
    ).rejects.toEqual(failingWith('SourceGone'));
    store.seed('k', 'replaced');
    await expect(read(0, 200)).rejects.toEqual(failingWith('SourceChanged'));
  });
});

function withoutRange({ range: _range, ...answer }: RangeBody): RangeBody {
  return answer;
}

function cut(body: IncomingBytes, bytesLeft: number): IncomingBytes {
  let left = bytesLeft;
  return altered(body, {
    piece(piece, take) {
      take(piece.subarray(0, left));
      left -= Math.min(left, piece.length);
    },
  });
}

function longer(body: IncomingBytes): IncomingBytes {
  return altered(body, { end: (take) => take(Buffer.from('x')) });
}

function breaking(body: IncomingBytes, failure: Error): IncomingBytes {
  return altered(body, {
    end() {
      throw failure;
    },
  });
}
