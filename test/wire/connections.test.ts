/** How requests share connections, and what ends them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Connections } from '../../src/wire/connections';
import { until } from '../support/until';
import { ask, PATIENCE } from './client';
import { LOCAL_CERTIFICATE, LOCAL_KEY } from './local-certificate';
import { RawServer } from './raw-server';
import { closeLater, EMPTY, FIVE, MiB, OK, patterned, scene, writes } from './scene';

describe('a connection serves one request after another', () => {
  test('of reads and writes, each to its end', async () => {
    const { server, get, put } = await scene(async ({ head, socket, body }) => {
      if (head.startsWith('PUT')) await body();
      socket.write(head.startsWith('PUT') ? EMPTY : FIVE);
    });
    for (let round = 0; round < 3; round++) {
      expect((await get()).bytes.toString()).toBe('bytes');
      expect((await put(patterned(MiB))).status).toBe(200);
    }
    expect(server.connections).toBe(1);
  });

  test('requests at once have one each, and later ones share them', async () => {
    const { server, get } = await scene(writes(FIVE));
    await Promise.all([get(), get(), get()]);
    await Promise.all([get(), get()]);
    expect(server.connections).toBe(3);
  });

  test.each([
    ['the server says so', `${OK}connection: close\r\ncontent-length: 5\r\n\r\nbytes`],
    ['it speaks HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\nbytes'],
    ['it is kept for no time', `${OK}keep-alive: timeout=1\r\ncontent-length: 5\r\n\r\nbytes`],
    ['something follows the answer', `${FIVE}HTTP/1.1 200 OK`],
  ])('not where %s', async (_why, text) => {
    const { server, get } = await scene(writes(text));
    expect((await get()).bytes.toString()).toBe('bytes');
    expect((await get()).bytes.toString()).toBe('bytes');
    expect(server.connections).toBe(2);
  });

  test('what comes without having been asked for ends it, and answers nobody', async () => {
    const { server, get } = await scene(({ socket, connection }) => {
      socket.write(FIVE);
      if (connection === 1) setTimeout(() => socket.write(`${OK}content-length: 5\r\n\r\nwrong`), 20);
    });
    await get();
    await sleep(100);
    expect((await get()).bytes.toString()).toBe('bytes');
    expect(server.connections).toBe(2);
  });

  test('it is closed after a while without any', async () => {
    const closed: number[] = [];
    const { get } = await scene(({ socket, connection }) => {
      socket.once('close', () => closed.push(connection));
      socket.write(FIVE);
    }, { ...PATIENCE, idleMs: 50 }); // prettier-ignore
    await get();
    await until('it is closed', () => closed.length === 1, { timeoutMs: 5_000, everyMs: 10 });
  });

  test('a request with a body does not go by one that the server has closed meanwhile', async () => {
    const { server, get, put } = await scene(async ({ head, socket, body }) => {
      if (head.startsWith('PUT')) await body();
      // Without a word of it beforehand.
      socket.end(EMPTY);
    });
    await get();
    for (let round = 0; round < 5; round++) await put(patterned(1_000));
    expect(server.connections).toBe(6);
  });

  test('none after the client has been ended, and what is under way is not sent again', async () => {
    let asked = 0;
    const { server, connections, get } = await scene(({ socket }) => {
      asked += 1;
      if (asked === 1) socket.write(FIVE);
      else connections.destroy();
    });
    await get();
    await expect(get()).rejects.toMatchObject({ name: 'NoConnection' });
    await expect(get()).rejects.toMatchObject({ name: 'NoConnection' });
    expect([asked, server.connections]).toEqual([2, 1]);
  });

  test('a body that is left ends it', async () => {
    const closed: number[] = [];
    const { server, send, get } = await scene(({ socket, connection }) => {
      socket.once('close', () => closed.push(connection));
      socket.write(connection === 1 ? `${OK}content-length: 9\r\n\r\nbytes` : FIVE);
    });
    (await send()).body.leave();
    await until('it is closed', () => closed.length === 1, { timeoutMs: 5_000, everyMs: 10 });
    expect((await get()).bytes.toString()).toBe('bytes');
    expect(server.connections).toBe(2);
  });
});

describe('a connection that was closed while nobody used it', () => {
  /** It closes its first connection upon the second request, as a server does whose patience ends just then. */
  const closing = () =>
    scene(async ({ head, socket, connection, body }) => {
      if (connection === 1 && second) return void socket.destroy();
      second = true;
      if (head.startsWith('PUT')) await body();
      socket.write(FIVE);
    });
  let second = false;
  beforeEach(() => (second = false));

  test('is no failure of a read: it goes by another', async () => {
    const { server, get } = await closing();
    await get();
    expect((await get()).bytes.toString()).toBe('bytes');
    expect(server.connections).toBe(2);
  });

  test('fails a request with a body, which can be sent once', async () => {
    const { server, get, put } = await closing();
    await get();
    await expect(put(patterned(10))).rejects.toMatchObject({
      message: expect.stringMatching(/ended|ECONNRESET|EPIPE/),
    });
    expect(server.connections).toBe(1);
  });

  test('an address where nobody listens is told as such', async () => {
    const connections = new Connections(PATIENCE);
    const nobody = { secure: false, host: '127.0.0.1', port: 9 };
    const error = { name: 'NoConnection', code: 'ECONNREFUSED' };
    await expect(connections.send(nobody, ask(nobody))).rejects.toMatchObject(error);
  });

  test('a new one that is closed at once fails the request', async () => {
    const { server, get } = await scene(({ socket }) => void socket.destroy());
    await expect(get()).rejects.toMatchObject({ name: 'ConnectionLost' });
    expect(server.connections).toBe(1);
  });
});

describe('patience', () => {
  const brief = { connectMs: 200, headMs: 100, silenceMs: 100, idleMs: 1_000 };

  test.each([
    ['no answer', () => undefined],
    ['half a head', writes(OK)],
    ['half a body', writes(`${OK}content-length: 9\r\n\r\nbytes`)],
  ])('ends at %s', async (_what, answer) => {
    const { get } = await scene(answer, brief);
    await expect(get()).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  test('is another for each piece of a body', async () => {
    const { get } = await scene(async ({ socket }) => {
      socket.write(`${OK}content-length: 5\r\n\r\n`);
      for (const letter of 'bytes') {
        await sleep(60);
        socket.write(letter);
      }
    }, brief);
    expect((await get()).bytes.toString()).toBe('bytes');
  });

  test('ends where nobody takes the connection', async () => {
    const connections = new Connections(brief);
    // docs: 192.0.2.0/24 is for examples, and leads nowhere: www.rfc-editor.org/rfc/rfc5737
    const nowhere = { secure: false, host: '192.0.2.1', port: 9 };
    const error = await connections.send(nowhere, ask(nowhere)).catch((cause: unknown) => cause);
    expect(['ERR_CONNECT_TIMEOUT', 'ENETUNREACH', 'EHOSTUNREACH', 'ECONNREFUSED']).toContain(
      (error as { code?: string }).code,
    );
    connections.destroy();
  });
});

describe('a signal', () => {
  const reason = new Error('enough');

  test.each([
    ['before anything', () => undefined, 0],
    ['before the answer', () => undefined, 30],
    ['in the middle of the answer', writes(`${OK}content-length: 9\r\n\r\nbytes`), 30],
  ])('ends a request %s', async (_when, answer, afterMs) => {
    const { get } = await scene(answer);
    const controller = new AbortController();
    if (afterMs === 0) controller.abort(reason);
    else setTimeout(() => controller.abort(reason), afterMs);
    await expect(get({ signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError', cause: reason });
  });

  test('that comes while a kept connection is listened to ends a write, too', async () => {
    const { server, get, put } = await scene(async ({ head, socket, body }) => {
      if (head.startsWith('PUT')) await body();
      socket.write(EMPTY);
    });
    await get();
    const controller = new AbortController();
    setImmediate(() => controller.abort(reason));
    const sent = put(patterned(10), { signal: controller.signal });
    await expect(sent).rejects.toMatchObject({ name: 'AbortError', cause: reason });
    expect(server.requests).toHaveLength(1);
  });

  test('that comes after the answer ends nothing', async () => {
    const { server, get } = await scene(writes(FIVE));
    const controller = new AbortController();
    await get({ signal: controller.signal });
    controller.abort(reason);
    await get();
    expect(server.connections).toBe(1);
  });
});

describe('over TLS', () => {
  test('bytes come and go as they are, on one connection', async () => {
    const bytes = patterned(3 * MiB + 5);
    const bodies: Buffer[] = [];
    const { server, get, put } = await scene(
      async ({ head, socket, body }) => {
        if (head.startsWith('PUT')) bodies.push(Buffer.from(await body()));
        if (head.startsWith('PUT')) return void socket.write(EMPTY);
        socket.write(`${OK}content-length: ${bytes.length}\r\n\r\n`);
        socket.write(bytes);
      },
      PATIENCE,
      'localhost',
    );
    for (let round = 0; round < 3; round++) {
      expect((await get()).bytes.equals(bytes)).toBe(true);
      await put(bytes);
    }
    expect(bodies.map((body) => body.equals(bytes))).toEqual([true, true, true]);
    expect(server.connections).toBe(1);
  });

  test('a server that nobody vouches for is not spoken to', async () => {
    const server = new RawServer(writes(FIVE), { key: LOCAL_KEY, cert: LOCAL_CERTIFICATE });
    const origin = await server.listen('localhost');
    const connections = new Connections(PATIENCE);
    closeLater(server, { close: () => connections.destroy() });
    const error = { name: 'NoConnection', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' };
    await expect(connections.send(origin, ask(origin))).rejects.toMatchObject(error);
    expect(server.requests).toEqual([]);
  });
});
