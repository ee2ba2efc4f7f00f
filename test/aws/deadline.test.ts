/** Deadlines of requests, with a store that never answers, and what they leave behind. */
import { getEventListeners } from 'node:events';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { withDeadline } from '../../src/aws/deadline';
import { keptCredentials } from '../../src/aws/credentials';
import { s3Caller } from '../../src/aws/s3-client';
import { overWire, type HttpOptions } from '../../src/aws/s3-request';
import { answeringServer, type AnsweringServer } from './answering-server';

const pair = { accessKeyId: 'AKIAX', secretAccessKey: 'hush' };
const credentials = keptCredentials(() => Promise.resolve({ value: pair, freshUntil: Infinity }));
const command = () => new HeadObjectCommand({ Bucket: 'theirs', Key: 'k' });
const location = { operation: 'HeadObject', key: 'k' };
let asked: () => void = () => undefined;
let server: AnsweringServer;

beforeAll(async () => {
  server = await answeringServer(() => asked());
});
afterAll(() => server.close());

const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

describe.each([
  ['by the wire', (http: HttpOptions) => overWire(http)],
  ['by undici', (http: HttpOptions) => http],
])('%s', (_, by) => {
  const head = (options: { abortSignal?: AbortSignal }, ms?: number) =>
    s3Caller(server.ref, credentials).call(location, (client) =>
      withDeadline(options, (http) => client.send(command(), by(http)), ms),
    );

  test('what is not answered in time may be asked for again, and is told as late', async () => {
    const { signal } = new AbortController();
    await expect(head({ abortSignal: signal }, 50)).rejects.toMatchObject({
      code: 'Unavailable',
      message: expect.stringContaining('TimeoutError') as string,
    });
    expect(signal.aborted).toBe(false);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test("a caller's signal ends it at once", async () => {
    const controller = new AbortController();
    asked = () => controller.abort();
    await expect(head({ abortSignal: controller.signal })).rejects.toMatchObject({ code: 'Unavailable' });
    expect(controller.signal.aborted).toBe(true);
    await expect(head({ abortSignal: controller.signal })).rejects.toMatchObject({ code: 'Unavailable' });
  });
});

test('nothing of it outlives its request', async () => {
  const { signal } = new AbortController();
  const before = timers();
  let within = 0;
  for (let i = 0; i < 10; i++)
    await withDeadline({ abortSignal: signal }, () => Promise.resolve((within = timers() - before)));
  expect(within).toBe(1);
  await expect(withDeadline({ abortSignal: signal }, () => Promise.reject(new Error('refused')))).rejects.toThrow(
    'refused',
  );
  expect(timers()).toBe(before);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});
