/** Refusals, and what they are about, told by the store of `aws/` from answers that a server gives by the book. */
import type { IncomingMessage } from 'node:http';
import { keptCredentials } from '../../src/aws/credentials';
import { s3Caller } from '../../src/aws/s3-client';
import { s3Store } from '../../src/aws/s3-store';
import type { ObjectStore } from '../../src/transfer/object-store';
import type { BucketRef } from '../../src/domain/transfer';
import { answeringServer, type AnsweringServer } from './answering-server';

interface Answer {
  readonly status: number;
  readonly code?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const LISTED: Answer = { status: 200, body: '<ListBucketResult></ListBucketResult>' };
const pair = { accessKeyId: 'AKIAX', secretAccessKey: 'hush' };
let server: AnsweringServer;
let ref: BucketRef;
let answer: (request: IncomingMessage) => Answer;
let asked: string[] = [];

beforeAll(async () => {
  server = await answeringServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    request.resume();
    const {
      status,
      code,
      body = code === undefined ? '' : `<Error><Code>${code}</Code></Error>`,
      headers,
    } = answer(request);
    response.writeHead(status, { 'content-type': 'application/xml', ...headers });
    response.end(request.method === 'HEAD' ? undefined : body);
  });
  ({ ref } = server);
  process.env['AWS_ACCESS_KEY_ID'] = pair.accessKeyId;
  process.env['AWS_SECRET_ACCESS_KEY'] = pair.secretAccessKey;
});
beforeEach(() => (asked = []));
afterAll(() => server.close());

const isListing = ({ url }: IncomingMessage) => url?.includes('list-type=2') === true;
/** With credentials that are read, and with those of the default chain. */
const stores: [name: string, store: () => ObjectStore][] = [
  [
    'read credentials',
    () =>
      s3Store(
        ref,
        s3Caller(
          ref,
          keptCredentials(() => Promise.resolve({ value: pair, freshUntil: Infinity })),
        ),
      ),
  ],
  ['the default chain', () => s3Store(ref, s3Caller(ref, undefined))],
];

describe.each(stores)('with %s', (_name, store) => {
  test.each([400, 403])(
    'a HEAD answered %s is a refusal of the credentials where a listing names one',
    async (status) => {
      answer = (request) => (isListing(request) ? { status: 400, code: 'ExpiredToken' } : { status });
      await expect(store().head({ key: 'k' })).rejects.toMatchObject({ code: 'CredentialsRefused' });
    },
  );

  test('a HEAD answered 403 is the object’s where a listing is answered', async () => {
    answer = (request) => (isListing(request) ? LISTED : { status: 403 });
    await expect(store().head({ key: 'k' })).rejects.toMatchObject({ code: 'AccessDenied' });
  });

  test('a HEAD that is to slow down is known as such without a body', async () => {
    answer = () => ({ status: 503 });
    await expect(store().head({ key: 'k' })).rejects.toMatchObject({ code: 'Throttled', retryable: true });
  });

  test('a bucket of another region is told so, and no request is sent after it', async () => {
    answer = () => ({ status: 301, code: 'PermanentRedirect', headers: { 'x-amz-bucket-region': 'eu-west-1' } });
    await expect(store().checkBucket()).rejects.toMatchObject({
      code: 'BadRequest',
      message: expect.stringMatching(/in the region eu-west-1.*Correct its `region`/) as string,
    });
    expect(asked).toHaveLength(1);
  });

  test('tags of a version that may not be read are read without it', async () => {
    answer = ({ url }) =>
      url?.includes('versionId') === true
        ? { status: 403, code: 'AccessDenied' }
        : { status: 200, body: '<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>' };
    await expect(store().tags({ key: 'k', versionId: 'v' })).resolves.toEqual({ a: 'b' });
  });
});

describe('a signature that does not fit', () => {
  const store = () => stores[0]![1]();
  const create = () => store().createUpload({ key: 'k', headers: { metadata: {} }, algorithm: 'CRC32' });

  test('is the one request’s own where the key lists', async () => {
    answer = (request) => (isListing(request) ? LISTED : { status: 403, code: 'SignatureDoesNotMatch' });
    await expect(create()).rejects.toMatchObject({
      code: 'BadRequest',
      message: expect.stringMatching(/not ASCII/) as string,
    });
  });

  test('is the key’s where it does not', async () => {
    answer = () => ({ status: 403, code: 'SignatureDoesNotMatch' });
    await expect(create()).rejects.toMatchObject({ code: 'CredentialsRefused' });
  });
});
