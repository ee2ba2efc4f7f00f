/** How requests share connections: over TLS a new one costs more than a small request. */
import type { Socket } from 'node:net';
import { keptCredentials } from '../../src/aws/credentials';
import { s3Caller } from '../../src/aws/s3-client';
import { s3Store } from '../../src/aws/s3-store';
import { gather } from '../support/flow';
import { answeringServer, type AnsweringServer } from './answering-server';

const pair = { accessKeyId: 'AKIAX', secretAccessKey: 'hush' };
const credentials = keptCredentials(() => Promise.resolve({ value: pair, freshUntil: Infinity }));
const sockets = new Set<Socket>();
let server: AnsweringServer;

beforeAll(async () => {
  server = await answeringServer(({ socket, method, url }, response) => {
    sockets.add(socket);
    // S3 sends none over HTTP/1.1, where a connection is kept unless one side says otherwise.
    response.removeHeader('connection');
    const there = url?.includes('there') === true;
    // docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html: an error's head as if its body came, and no body.
    if (there) response.writeHead(200, { 'content-length': 5, etag: '"e"' });
    else response.writeHead(404, { 'content-type': 'application/xml', 'transfer-encoding': 'chunked' });
    response.end(there && method === 'GET' ? 'bytes' : undefined);
  });
});
afterAll(() => server.close());

test('a HEAD leaves its connection to the next request, be the object there or not', async () => {
  const store = s3Store(server.ref, s3Caller(server.ref, credentials));
  for (let round = 0; round < 3; round++) {
    expect(await store.head({ key: 'there' })).toMatchObject({ etag: 'e', size: 5 });
    expect(await store.head({ key: 'gone' })).toBeUndefined();
    const { body } = await store.read({ key: 'there', etag: 'e', offset: 0, length: 5, whole: true });
    expect((await gather(body)).toString()).toBe('bytes');
  }
  expect(sockets.size).toBe(1);
});
