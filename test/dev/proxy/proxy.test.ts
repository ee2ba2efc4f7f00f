import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { startProxy } from '../../../dev/proxy/proxy';
import { eventually } from '../folders';
import { addressOf, arrived, BODY, proxy, send, useProxy } from './upstream';

useProxy();

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
      requestLength: BODY.length,
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

test('a client that leaves ends its request on the server', async () => {
  const [hostname, port] = addressOf(proxy);
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
