import { createHash, randomBytes } from 'node:crypto';
import { Agent, createServer, type IncomingMessage, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type Proxy, startProxy } from '../../../dev/proxy/proxy';
import type { Rule } from '../../../dev/proxy/rules';
import { eventually } from '../folders';

interface Arrived {
  readonly head: string[];
  readonly target: string;
  readonly length: number;
  readonly sha256: string;
  readonly whole: boolean;
}

const BODY = randomBytes(300_000);
const arrived: Arrived[] = [];
const agent = new Agent({ keepAlive: true });
let server: Server;
let proxy: Proxy;

/** Answers GET with BODY, keeps what else arrives. */
function answer(request: IncomingMessage, respond: (status: number, body?: Buffer) => void): void {
  const hash = createHash('sha256');
  let length = 0;
  const keep = (whole: boolean) =>
    arrived.push({ head: request.rawHeaders, target: request.url ?? '', length, sha256: hash.digest('hex'), whole });
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    hash.update(chunk);
  });
  request.on('end', () => {
    keep(true);
    respond(request.url?.includes('missing') ? 404 : 200, request.method === 'GET' ? BODY : undefined);
  });
  request.on('error', () => keep(false));
}

beforeAll(async () => {
  server = createServer((request, response) =>
    answer(request, (status, body) => {
      response.writeHead(status, { ETag: '"e"', 'Content-Length': body?.length ?? 0 });
      response.end(body);
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy = await startProxy({ upstream: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});

afterAll(async () => {
  agent.destroy();
  await proxy.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

beforeEach(() => {
  proxy.clear();
  proxy.reset();
  arrived.length = 0;
});

interface Got {
  readonly status: number;
  readonly head: string[];
  readonly body: Buffer;
  /** The connection broke before the end of the body. */
  readonly broken: boolean;
}

/** Sends it as it is written here: no URL parser between. Rejects when no answer comes. */
function send(method: string, path: string, body?: Buffer, headers: Record<string, string> = {}): Promise<Got> {
  const { hostname, port } = new URL(proxy.endpoint);
  return new Promise((resolve, reject) => {
    const length = body ? { 'Content-Length': String(body.length) } : {};
    const outgoing = httpRequest({ agent, hostname, port, method, path, headers: { ...length, ...headers } });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => undefined);
      response.on('close', () =>
        resolve({
          status: response.statusCode ?? 0,
          head: response.rawHeaders,
          body: Buffer.concat(chunks),
          broken: !response.complete,
        }),
      );
    });
    if (headers.Expect) outgoing.on('continue', () => outgoing.end(body));
    else outgoing.end(body);
  });
}

test('head, raw path and body reach the server as they are, and its answer the client', async () => {
  const path = '/b/..%2f%2E%2e/a//b+%20?x=%7e';
  const got = await send('PUT', path, BODY, { Host: 'my-host:1', 'X-Odd-CASE': 'Kept', Authorization: 'A b=c' });
  expect(got).toMatchObject({ status: 200, broken: false });
  expect(got.head).toContain('ETag');
  const [request] = arrived;
  expect(request).toMatchObject({ target: path, length: BODY.length, whole: true });
  expect(request?.sha256).toBe(createHash('sha256').update(BODY).digest('hex'));
  expect(request?.head.join(' ')).toContain('Host my-host:1 X-Odd-CASE Kept Authorization A b=c');
});

test('a request is remembered with what it was and what came of it', async () => {
  await send('PUT', '/b/k%20k?partNumber=3&uploadId=u', BODY);
  await send('GET', '/b/missing', undefined, { Range: 'bytes=0-1' });
  expect(proxy.requests()).toMatchObject([
    {
      kind: 'UploadPart',
      bucket: 'b',
      key: 'k k',
      partNumber: 3,
      uploadId: 'u',
      requestBytes: BODY.length,
      status: 200,
    },
    { kind: 'GetObject', key: 'missing', range: 'bytes=0-1', status: 404, responseBytes: BODY.length, finished: true },
  ]);
  expect(proxy.count('UploadPart')).toBe(1);
  expect(proxy.count('UploadPart', (each) => each.partNumber === 4)).toBe(0);
  proxy.reset();
  expect(proxy.requests()).toEqual([]);
});

test('a client that waits to be told to go on is told so by the server', async () => {
  const got = await send('PUT', '/b/k', BODY, { Expect: '100-continue' });
  expect(got.status).toBe(200);
  expect(arrived[0]?.length).toBe(BODY.length);
});

test('an error is answered without asking the server, as often as it is told', async () => {
  const rule = proxy.inject({ kind: 'PutObject', times: 2, action: { type: 'fail', status: 503, code: 'SlowDown' } });
  const first = await send('PUT', '/b/k', BODY);
  expect(first.status).toBe(503);
  expect(first.body.toString()).toContain('<Code>SlowDown</Code>');
  expect((await send('PUT', '/b/k', BODY)).status).toBe(503);
  expect(arrived).toHaveLength(0);
  expect((await send('PUT', '/b/k', BODY)).status).toBe(200);
  expect(rule.hits).toBe(2);
  expect(proxy.requests().map((each) => each.fault)).toEqual(['fail', 'fail', undefined]);
});

test.each([
  ['by kind', { kind: 'GetObject' as const }, ['PUT /b/a', 'GET /b/x/a', 'GET /b/a']],
  ['by key', { key: 'a' }, ['GET /b/x/a', 'GET /b/b', 'GET /b/a']],
  ['by pattern', { key: /^x\/.*a$/g }, ['GET /b/a', 'GET /b/x/y', 'GET /b/x/a']],
  ['by part', { partNumber: 2 }, ['PUT /b/a?partNumber=1&uploadId=u', 'GET /b/a', 'PUT /b/a?partNumber=2&uploadId=u']],
  ['after some', { skip: 2 }, ['GET /b/a', 'GET /b/a', 'GET /b/a']],
])('a rule picks requests %s', async (name, rule, requests) => {
  proxy.inject({ ...rule, times: 1, action: { type: 'fail', status: 500, code: 'InternalError' } });
  const statuses: number[] = [];
  for (const each of requests) {
    const [method = '', path = ''] = each.split(' ');
    statuses.push((await send(method, path, method === 'PUT' ? Buffer.from('x') : undefined)).status);
  }
  expect(statuses).toEqual(name === 'by kind' ? [200, 500, 200] : [200, 200, 500]);
});

test('an answer is cut after exactly so many bytes', async () => {
  proxy.inject({ times: 1, action: { type: 'cut', afterBytes: 100_000 } });
  const got = await send('GET', '/b/k');
  expect(got).toMatchObject({ status: 200, broken: true });
  expect(got.body.equals(BODY.subarray(0, 100_000))).toBe(true);
  expect(proxy.requests()[0]).toMatchObject({ finished: false, responseBytes: 100_000, fault: 'cut' });
  expect((await send('GET', '/b/k')).body.equals(BODY)).toBe(true);
});

test('an answer no longer than the cut stays whole', async () => {
  proxy.inject({ action: { type: 'cut', afterBytes: BODY.length } });
  expect(await send('GET', '/b/k')).toMatchObject({ status: 200, broken: false });
});

test('a cut at 0 lets the head through alone', async () => {
  proxy.inject({ action: { type: 'cut', afterBytes: 0 } });
  const got = await send('GET', '/b/k');
  expect(got).toMatchObject({ status: 200, broken: true });
  expect(got.body).toHaveLength(0);
});

test('a request is cut after so many bytes, on both sides', async () => {
  proxy.inject({ times: 1, action: { type: 'cutRequest', afterBytes: 50_000 } });
  await expect(send('PUT', '/b/k', BODY)).rejects.toThrow();
  await eventually(() => arrived.length === 1);
  expect(arrived[0]).toMatchObject({ length: 50_000, whole: false });
});

test('a dropped answer has happened on the server', async () => {
  proxy.inject({ times: 1, action: { type: 'dropAnswer' } });
  await expect(send('PUT', '/b/k', BODY)).rejects.toThrow();
  expect(arrived[0]).toMatchObject({ length: BODY.length, whole: true });
  expect(proxy.requests()[0]).toMatchObject({ status: 200, finished: false });
});

test('a delay passes before the server is asked', async () => {
  proxy.inject({ times: 1, action: { type: 'delay', ms: 150 } });
  const start = Date.now();
  expect((await send('GET', '/b/k')).body.equals(BODY)).toBe(true);
  expect(Date.now() - start).toBeGreaterThanOrEqual(145);
});

test.each([
  ['its rule is removed', (rule: Rule) => rule.remove()],
  ['all rules are cleared', () => proxy.clear()],
])('a stalled request does not reach the server before %s, and does then', async (_name, release) => {
  const rule = proxy.inject({ action: { type: 'stall' } });
  const sending = send('PUT', '/b/k', BODY);
  await eventually(() => proxy.requests().length === 1);
  await delay(100);
  expect(arrived).toHaveLength(0);
  release(rule);
  expect(await Promise.race([sending, delay(2_000, 'still stalled', { ref: false })])).toMatchObject({ status: 200 });
  expect(arrived).toHaveLength(1);
});

test('bodies are slowed down to the rate', async () => {
  proxy.inject({ action: { type: 'throttle', bytesPerSecond: 1_000_000 } });
  const start = Date.now();
  expect((await send('GET', '/b/k')).body.equals(BODY)).toBe(true);
  expect(Date.now() - start).toBeGreaterThanOrEqual(280);
  expect((await send('PUT', '/b/k', BODY)).status).toBe(200);
  expect(Date.now() - start).toBeGreaterThanOrEqual(560);
  expect(arrived.at(-1)?.length).toBe(BODY.length);
});

test('a hook is done before the request goes on', async () => {
  let done = false;
  const before = async () => {
    await delay(50);
    done = arrived.length === 0;
  };
  proxy.inject({ times: 1, action: { type: 'call', before } });
  expect((await send('PUT', '/b/k', BODY)).status).toBe(200);
  expect(done).toBe(true);
});

test('a client that leaves ends its request on the server', async () => {
  const { hostname, port } = new URL(proxy.endpoint);
  const outgoing = httpRequest({
    hostname,
    port,
    method: 'PUT',
    path: '/b/k',
    headers: { 'Content-Length': 1_000_000 },
  });
  outgoing.on('error', () => undefined);
  outgoing.write(BODY);
  await eventually(() => proxy.requests()[0]?.requestBytes === BODY.length);
  outgoing.destroy();
  await eventually(() => arrived.length === 1);
  expect(arrived[0]).toMatchObject({ length: BODY.length, whole: false });
});

test('a server that is gone breaks the connection, and no answer is made up', async () => {
  const lonely = await startProxy({ upstream: 'http://127.0.0.1:9' });
  const asking = fetch(`${lonely.endpoint}/b/k`);
  await expect(asking).rejects.toThrow();
  expect(lonely.requests()[0]).toMatchObject({ finished: false });
  await lonely.stop();
});
