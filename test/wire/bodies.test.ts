/** The bytes of a request and of an answer: all of them, as they are, or an error. */
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE, read } from './client';
import { EMPTY, FIVE, MiB, OK, patterned, piecesOf, scene, writes } from './scene';

describe('a request’s body', () => {
  test.each([0, 1, 256 * 1024, 5 * MiB + 7])('of %i bytes comes as it is', async (length) => {
    const bodies: Buffer[] = [];
    const { server, put } = await scene(async ({ socket, body }) => {
      bodies.push(Buffer.from(await body()));
      socket.write(EMPTY);
    });
    const bytes = patterned(length);
    await put(bytes);
    await put(bytes);
    expect(bodies.every((body) => body.equals(bytes))).toBe(true);
    expect([bodies.length, server.connections]).toEqual([2, 1]);
  });

  test.each([
    ['shorter', 9],
    ['longer', 11],
  ])('that is %s than it was said to be ends the connection', async (_how, said) => {
    const { server, put } = await scene(async ({ socket, body }) => {
      await body();
      setTimeout(() => socket.write(EMPTY), 20);
    });
    const headers = { host: 'h', 'content-length': String(said) };
    const pieces = async function* () {
      yield* piecesOf(patterned(10), 3);
    };
    await put(patterned(1));
    const sent = put(patterned(0), { headers, body: { length: said, pieces: pieces() } });
    await expect(sent).rejects.toBeInstanceOf(RangeError);
    await put(patterned(1));
    expect(server.connections).toBe(2);
  });

  test('that breaks off fails with its own error', async () => {
    const { put } = await scene(() => undefined);
    const failure = new Error('the read broke off');
    async function* pieces(): AsyncGenerator<Buffer> {
      yield await Promise.resolve(patterned(10));
      throw failure;
    }
    await expect(put(patterned(20), { body: { length: 20, pieces: pieces() } })).rejects.toBe(failure);
  });

  test('is not sent on once the answer refuses it', async () => {
    const { server, put } = await scene(({ socket }) => {
      socket.write('HTTP/1.1 412 Precondition Failed\r\ncontent-length: 8\r\n\r\n<Error/>');
      socket.pause();
    });
    let asked = 0;
    async function* pieces(): AsyncGenerator<Buffer> {
      for (; asked < 400; asked++) yield await Promise.resolve(Buffer.alloc(MiB));
    }
    const answer = await put(Buffer.alloc(0), {
      headers: { host: 'h', 'content-length': String(400 * MiB) },
      body: { length: 400 * MiB, pieces: pieces() },
    });
    expect([answer.status, answer.bytes.toString()]).toEqual([412, '<Error/>']);
    expect(asked).toBeLessThan(400);
    await expect(put(patterned(1))).resolves.toMatchObject({ status: 412 });
    expect(server.connections).toBe(2);
  });

  test('is not taken to be stored by an answer that comes while it waits in the socket', async () => {
    const { put } = await scene(({ socket }) => {
      socket.pause();
      socket.write(EMPTY);
    });
    const bytes = Buffer.alloc(64 * MiB);
    const pieces = piecesOf(bytes, bytes.length);
    await expect(put(bytes, { body: { length: bytes.length, pieces } })).rejects.toMatchObject({ name: 'BadAnswer' });
  });

  test('that waits for its next piece is ended with the request', async () => {
    const { put } = await scene(({ socket }) => void socket.destroy());
    const pieces = new Readable({ read: () => undefined });
    pieces.push(Buffer.alloc(10));
    await expect(put(Buffer.alloc(20), { body: { length: 20, pieces } })).rejects.toMatchObject({
      name: 'ConnectionLost',
    });
    expect(pieces.destroyed).toBe(true);
  });

  test('may take longer than an answer', async () => {
    const { put } = await scene(async ({ socket, body }) => {
      await body();
      socket.write(EMPTY);
    }, { ...PATIENCE, headMs: 50 }); // prettier-ignore
    async function* slow(): AsyncGenerator<Buffer> {
      yield Buffer.alloc(10);
      await sleep(200);
      yield Buffer.alloc(10);
    }
    const headers = { host: 'h', 'content-length': '20' };
    await expect(put(Buffer.alloc(20), { headers, body: { length: 20, pieces: slow() } })).resolves.toMatchObject({
      status: 200,
    });
  });

  test('is not taken to be stored by an answer that comes before it', async () => {
    const { put } = await scene(writes(EMPTY));
    async function* slow(): AsyncGenerator<Buffer> {
      yield Buffer.alloc(10);
      await sleep(200);
      yield Buffer.alloc(10);
    }
    await expect(put(Buffer.alloc(20), { body: { length: 20, pieces: slow() } })).rejects.toMatchObject({
      name: 'BadAnswer',
    });
  });
});

describe('an answer’s body', () => {
  test('that is larger than what may lie about waits for its reader, and is whole', async () => {
    const bytes = patterned(8 * MiB);
    const { send } = await scene(({ socket }) => {
      socket.write(`${OK}content-length: ${bytes.length}\r\n\r\n`);
      socket.write(bytes);
    });
    const answer = await send();
    await sleep(50);
    expect((await read(answer)).bytes.equals(bytes)).toBe(true);
  });

  test('that was whole when its connection ended is read after that', async () => {
    const { send } = await scene(({ socket }) => void socket.end(FIVE));
    const answer = await send();
    await sleep(50);
    expect((await read(answer)).bytes.toString()).toBe('bytes');
  });

  test('that is cut while nobody reads it fails its reader', async () => {
    const { send } = await scene(({ socket }) => void socket.end(`${OK}content-length: 9\r\n\r\nbytes`));
    const answer = await send();
    await sleep(50);
    await expect(read(answer)).rejects.toMatchObject({ name: 'ConnectionLost' });
  });

  test('without a length is not whole where it was ended by this side', async () => {
    const { connections, send } = await scene(writes(`${OK}\r\nhalf of it`));
    const { body } = await send();
    const reading = body.pour(() => undefined);
    await sleep(20);
    connections.destroy();
    await expect(reading).rejects.toMatchObject({ name: 'ConnectionLost' });
  });

  test('has one taker', async () => {
    const { send } = await scene(writes(FIVE));
    const { body } = await send();
    const first = body.pour(() => undefined);
    await expect(body.pour(() => undefined)).rejects.toThrow('once');
    await first;
  });

  test('ends with what its taker throws', async () => {
    const { send } = await scene(writes(FIVE));
    const { body } = await send();
    const failure = new Error('too long');
    await expect(
      body.pour(() => {
        throw failure;
      }),
    ).rejects.toBe(failure);
  });
});

test.each([
  ['a header with a line break', { headers: { 'x-a': 'b\r\nx-evil: 1' } }],
  ['a header beyond a byte a character', { headers: { 'x-a': '☃' } }],
  ['a path with a space', { target: '/a b' }],
  ['a path with a line break', { target: '/a\r\nx: 1' }],
])('%s is not sent', async (_what, more) => {
  const { server, get } = await scene(writes(FIVE));
  await expect(get(more)).rejects.toBeInstanceOf(TypeError);
  expect(server.requests).toEqual([]);
  expect((await get()).bytes.toString()).toBe('bytes');
});
