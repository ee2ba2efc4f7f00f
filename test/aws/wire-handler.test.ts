/** The wire beside undici, under one and the same SDK: the requests are the same, and so is what becomes of their answers. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { GetObjectCommand, PutObjectCommand, S3Client, UploadPartCommand } from '@aws-sdk/client-s3';
import { WireHandler, type WireAnswer } from '../../src/aws/wire-handler';
import { keptCredentials } from '../../src/aws/credentials';
import { httpHandler, s3Caller } from '../../src/aws/s3-client';
import { overWire } from '../../src/aws/s3-request';
import { s3Store } from '../../src/aws/s3-store';
import { Connections } from '../../src/wire/connections';
import { gather } from '../support/flow';
import { PATIENCE } from '../wire/client';
import { answeringServer, type AnsweringServer } from './answering-server';

interface Seen {
  readonly line: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

const credentials = { accessKeyId: 'AKIAX', secretAccessKey: 'hush' };
const BYTES = 'bytes of an object';
let server: AnsweringServer;
let seen: Seen[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeAll(async () => {
  server = await answeringServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      seen.push({
        line: `${request.method} ${request.url}`,
        headers: request.headers,
        body: Buffer.concat(pieces).toString(),
      });
      answer(request, response);
    });
  });
});
beforeEach(() => (seen = []));
afterAll(() => server.close());

/** Of one request, and no two: the time, what is made of it, and the SDK's number for it. */
const OWN = ['authorization', 'x-amz-date', 'amz-sdk-invocation-id'];

function shown({ line, headers, body }: Seen) {
  const rest = Object.entries(headers).filter(([name]) => !OWN.includes(name));
  return { line, headers: Object.fromEntries(rest), body };
}

function clientOf(requestHandler: WireHandler | ReturnType<typeof httpHandler>): S3Client {
  const { endpoint = '' } = server.ref;
  return new S3Client({
    region: 'us-east-1',
    endpoint,
    forcePathStyle: true,
    credentials,
    requestHandler,
    maxAttempts: 1,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}

const byWireHandler = () => clientOf(new WireHandler(httpHandler(), new Connections(PATIENCE)));
const plain = () => clientOf(httpHandler());

const KEYS = ['k', 'a b/c+d&e=f?g#h', '../up/./x//y', 'ключ/日本', 'q\'"(*)!~', '%2e%2e'];
const read = (Key: string) => new GetObjectCommand({ Bucket: 'theirs', Key, IfMatch: '"e"', Range: 'bytes=0-17' });
const body = () => Readable.from([Buffer.from(BYTES)], { objectMode: false });
const put = (Key: string) =>
  new PutObjectCommand({
    Bucket: 'theirs',
    Key,
    Body: body(),
    ContentLength: BYTES.length,
    ChecksumCRC32: 'AAAAAA==',
    ContentType: 'text/csv; charset=utf-8',
    Metadata: { a: '1', 'ferry-run': 'x' },
    Tagging: 'a=b%20c',
    IfNoneMatch: '*',
    ServerSideEncryption: 'aws:kms',
    SSEKMSKeyId: 'key',
    ExpectedBucketOwner: '111122223333',
  });
const part = (Key: string) =>
  new UploadPartCommand({ Bucket: 'theirs', Key, UploadId: 'u+/=', PartNumber: 7, Body: body(), ContentLength: BYTES.length }); // prettier-ignore

function answered(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, {
    etag: '"e"',
    'content-length': BYTES.length,
    'content-range': 'bytes 0-17/18',
    'x-amz-meta-a': '1',
    'cache-control': 'no-cache',
    'last-modified': 'Wed, 21 Oct 2015 07:28:00 GMT',
  });
  response.end(BYTES);
}

test.each(KEYS)('a read of %j is the same request, and the same answer', async (key) => {
  answer = answered;
  const wire: WireAnswer = {};
  const { Body, $metadata: _own, ...byWire } = await byWireHandler().send(read(key), overWire({}, wire));
  const { Body: bytes, $metadata: _its, ...byUndici } = await plain().send(read(key));
  expect(byWire).toEqual(byUndici);
  expect((await gather(wire.body!)).toString()).toBe(await bytes!.transformToString());
  await expect(Body!.transformToString()).resolves.toBe('');
  expect(seen).toHaveLength(2);
  expect(shown(seen[0]!)).toEqual(shown(seen[1]!));
});

test.each([put, part].flatMap((command) => KEYS.map((key) => [command, key] as const)))(
  'a write is the same request, and the same answer: %p of %j',
  async (command, key) => {
    answer = (_request, response) => response.writeHead(200, { etag: '"e"', 'content-length': 0 }).end();
    const send = async (client: S3Client, options = {}) => {
      const made = command(key);
      // The two commands are of one shape here.
      const { $metadata: _own, ...answer } = await client.send(made as PutObjectCommand, options);
      return answer;
    };
    expect(await send(byWireHandler(), overWire())).toEqual(await send(plain()));
    expect(seen.map(({ body }) => body)).toEqual([BYTES, BYTES]);
    expect(shown(seen[0]!)).toEqual(shown(seen[1]!));
  },
);

test('a body whose checksum follows it goes in chunks, by undici', async () => {
  answer = (_request, response) => response.writeHead(200, { etag: '"e"', 'content-length': 0 }).end();
  const command = new PutObjectCommand({ Bucket: 'theirs', Key: 'k', Body: body(), ChecksumAlgorithm: 'CRC32' });
  await byWireHandler().send(command, overWire());
  expect(seen[0]?.headers).toMatchObject({ 'transfer-encoding': 'chunked', 'x-amz-trailer': 'x-amz-checksum-crc32' });
  expect(seen[0]?.body).toContain(BYTES);
});

describe('an error', () => {
  test.each([
    ['nothing', ''],
    ['a page of another kind', '<!doctype html><html><body>Sign in</body></html>'],
    ['a listing that does not say whether more follows', '<ListBucketResult><Name>theirs</Name></ListBucketResult>'],
  ])('%s in place of a listing is no end of it', async (_what, text) => {
    answer = (_request, response) => response.writeHead(200, { 'content-type': 'application/xml' }).end(text);
    await expect(store().list({ prefix: '' })).rejects.toMatchObject({ code: 'Unavailable', retryable: true });
  });

  test('a success without an ETag is none', async () => {
    answer = (_request, response) => response.writeHead(200, { 'content-length': 0 }).end();
    await expect(writing()).rejects.toMatchObject({ code: 'Unavailable', retryable: true });
    await expect(store().head({ key: 'k' })).rejects.toMatchObject({ code: 'Unavailable', retryable: true });
  });

  const caller = () =>
    s3Caller(
      server.ref,
      keptCredentials(() => Promise.resolve({ value: credentials, freshUntil: Infinity })),
    );
  const store = () => s3Store(server.ref, caller());
  const reading = () => store().read({ key: 'k', etag: 'e', offset: 0, length: 5, whole: true });
  const writing = () => {
    const checksum = { algorithm: 'CRC32', value: 'AAAAAA==' } as const;
    const request = { length: 5, pieces: [Buffer.from('bytes')], checksum };
    return store().put({ key: 'k', body: request, headers: { metadata: {} }, condition: { absent: true } });
  };

  /** As S3 does: in chunks. */
  const refuses = (status: number, code: string) => (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(status, { 'content-type': 'application/xml' });
    response.write('<?xml version="1.0" encoding="UTF-8"?>\n');
    response.end(`<Error><Code>${code}</Code><Message>no</Message></Error>`);
  };

  test.each([
    [404, 'NoSuchKey', 'SourceGone'],
    [412, 'PreconditionFailed', 'SourceChanged'],
    [403, 'AccessDenied', 'AccessDenied'],
    [403, 'InvalidObjectState', 'Archived'],
    [503, 'SlowDown', 'Throttled'],
    [500, 'InternalError', 'Unavailable'],
  ])('%s %s of a read is %s', async (status, name, code) => {
    answer = refuses(status, name);
    await expect(reading()).rejects.toMatchObject({ code });
  });

  test.each([
    [412, 'PreconditionFailed', 'PreconditionFailed'],
    [409, 'ConditionalRequestConflict', 'Conflict'],
    [400, 'BadDigest', 'TornRead'],
    [403, 'AccessDenied', 'AccessDenied'],
    [503, 'SlowDown', 'Throttled'],
  ])('%s %s of a write is %s', async (status, name, code) => {
    answer = refuses(status, name);
    await expect(writing()).rejects.toMatchObject({ code });
  });

  test('that is no answer of a store’s is one that may be tried again', async () => {
    answer = (request) => void request.socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n');
    await expect(reading()).rejects.toMatchObject({ code: 'Unavailable', retryable: true });
    answer = (request) => void request.socket.destroy();
    await expect(writing()).rejects.toMatchObject({ code: 'Unavailable', retryable: true });
  });

  test('of a body that breaks off is one that may be tried again', async () => {
    answer = (request) => void request.socket.end('HTTP/1.1 200 OK\r\netag: "e"\r\ncontent-length: 5\r\n\r\nbyt');
    const { body } = await reading();
    await expect(gather(body)).rejects.toMatchObject({ code: 'Unavailable', retryable: true });
  });

  test('of an address where nobody listens is told as such', async () => {
    const ref = { ...server.ref, endpoint: 'http://127.0.0.1:9' };
    const nobody = s3Store(ref, s3Caller(ref, keptCredentials(() => Promise.resolve({ value: credentials, freshUntil: Infinity })))); // prettier-ignore
    const asked = nobody.read({ key: 'k', etag: 'e', offset: 0, length: 5, whole: true });
    await expect(asked).rejects.toMatchObject({ code: 'Unreachable' });
  });
});
