import { setTimeout as delay } from 'node:timers/promises';
import type { Rule } from '../../../dev/proxy/rules';
import { eventually } from '../folders';
import { arrived, BODY, proxy, send, useProxy } from './upstream';

useProxy();

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

test('what is to come after the answer is done before the connection is cut', async () => {
  const order: string[] = [];
  const after = async () => {
    order.push(`the server has ${arrived.length}`);
    await delay(50);
    order.push('done');
  };
  proxy.inject({ times: 1, action: { type: 'dropAnswer', after } });
  await expect(send('PUT', '/b/k', BODY).finally(() => order.push('cut'))).rejects.toThrow();
  expect(order).toEqual(['the server has 1', 'done', 'cut']);
});

test('a hook that fails does not hold the connection', async () => {
  proxy.inject({ times: 1, action: { type: 'dropAnswer', after: () => Promise.reject(new Error('no')) } });
  await expect(send('PUT', '/b/k', BODY)).rejects.toThrow();
});

test.each([
  ['without asking the server', false, 0],
  ['after the server has done it', true, 1],
])('a made-up answer is given %s', async (_name, forwarded, asked) => {
  const body = '<Error><Code>InternalError</Code></Error>';
  proxy.inject({ times: 1, action: { type: 'answer', status: 200, body, headers: { 'x-made': 'up' }, forwarded } });
  const got = await send('POST', '/b/k?uploadId=u', BODY);
  expect(got).toMatchObject({ status: 200, broken: false });
  expect(got.body.toString()).toBe(body);
  expect(got.head.join(' ')).toContain('x-made up');
  expect(arrived).toHaveLength(asked);
  expect(arrived.every(({ whole }) => whole)).toBe(true);
  expect(proxy.requests()[0]).toMatchObject({ status: 200, finished: true, fault: 'answer' });
  expect((await send('GET', '/b/k')).body.equals(BODY)).toBe(true);
});

test('a made-up answer to HEAD has no body', async () => {
  proxy.inject({ times: 1, action: { type: 'answer', status: 404, body: '<Error/>' } });
  expect(await send('HEAD', '/b/k')).toMatchObject({ status: 404, broken: false, body: Buffer.alloc(0) });
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
