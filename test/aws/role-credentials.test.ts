/** A role, assumed at the STS endpoint of dev/ over its real protocol, and used on a server that notes who asks. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { STSClient } from '@aws-sdk/client-sts';
import { startCloud, type Cloud } from '../../dev/cloud/server';
import { randomAccount } from '../../dev/servers/s3-server';
import { roleCredentials } from '../../src/aws/role-credentials';
import { s3Caller } from '../../src/aws/s3-client';
import { s3Store } from '../../src/aws/s3-store';
import { temporaryFolder } from '../dev/folders';

const ours = randomAccount();
const theirs = randomAccount();
const ROLE = 'arn:aws:iam::111122223333:role/ferry-reader';
const SHORT = 'arn:aws:iam::111122223333:role/short';
const folder = temporaryFolder();
let cloud: Cloud;
let server: Server;
let endpoint: string;
/** Key id and session token of each request. */
let asked: { key: string | undefined; token: string | undefined }[] = [];
let refusals: string[] = [];

beforeAll(async () => {
  cloud = await startCloud({
    folder,
    accounts: [{ name: 'ours', ...ours }],
    assumable: {
      [ROLE]: { account: theirs, externalId: 'ferry-4711' },
      [SHORT]: { account: theirs, sessionSeconds: 1 },
    },
    job: { command: {}, environment: {} },
    log: () => undefined,
  });
  server = createServer((request, response) => {
    const { authorization = '', 'x-amz-security-token': token } = request.headers;
    asked.push({ key: /Credential=([^/]+)/.exec(authorization)?.[1], token: token?.toString() });
    const refused = refusals.shift();
    response.writeHead(refused === undefined ? 200 : 400, { 'content-type': 'application/xml', etag: '"e"' });
    response.end(
      refused === undefined ? '<ListBucketResult></ListBucketResult>' : `<Error><Code>${refused}</Code></Error>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  asked = [];
  refusals = [];
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await cloud.stop();
});

const client = (credentials = ours) =>
  new STSClient({ endpoint: cloud.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
const assumed = () => cloud.requests()['AssumeRole'] ?? 0;
const role = (roleArn = ROLE, externalId?: string) =>
  roleCredentials(client(), { kind: 'assumeRole', roleArn, ...(externalId ? { externalId } : {}) });

test('a role is assumed once, however many ask, and gives a session', async () => {
  const before = assumed();
  const source = role(ROLE, 'ferry-4711');
  const all = await Promise.all([source.get(), source.get(), source.get()]);
  expect(all[0]).toEqual({ ...theirs, sessionToken: expect.stringMatching(/^.{64}$/) });
  expect(new Set(all).size).toBe(1);
  expect(assumed() - before).toBe(1);
});

test('a session is renewed before it ends', async () => {
  const source = role(SHORT);
  const first = await source.get();
  await new Promise((resolve) => setTimeout(resolve, 550));
  const second = await source.get();
  expect(second.sessionToken).not.toBe(first.sessionToken);
});

test.each([
  ['the wrong external id', ROLE, 'wrong'],
  ['no external id', ROLE, undefined],
  ['a role that is not there', `${ROLE}s`, undefined],
])('%s: refused, with the role and what to do', async (_what, arn, externalId) => {
  await expect(role(arn, externalId).get()).rejects.toMatchObject({
    code: 'CredentialsRefused',
    message: expect.stringMatching(`The role ${arn} may not be assumed. Its trust policy must name our role`),
  });
});

test('an STS that does not know us is said to refuse, with its name', async () => {
  const source = roleCredentials(client(randomAccount()), { kind: 'assumeRole', roleArn: ROLE });
  await expect(source.get()).rejects.toMatchObject({
    code: 'CredentialsRefused',
    message: expect.stringContaining('AWS STS'),
  });
});

test('a store is asked with the session; one that it says has expired is replaced, once', async () => {
  const ref = {
    bucket: 'theirs',
    prefix: '',
    region: 'us-east-1',
    endpoint,
    forcePathStyle: true,
    requesterPays: false,
    listing: 'auto',
    credentials: { kind: 'assumeRole', roleArn: ROLE },
  } as const;
  const store = s3Store(ref, s3Caller(ref, role(ROLE, 'ferry-4711')));
  await store.checkBucket();
  refusals = ['ExpiredToken'];
  await store.checkBucket();
  expect(asked.map(({ key }) => key)).toEqual(Array(3).fill(theirs.accessKeyId));
  const [first, second, third] = asked.map(({ token }) => token);
  expect(second).toBe(first);
  expect(third).not.toBe(first);
  // A HEAD has no body that could name the refusal: a listing tells what it was.
  refusals = ['', 'ExpiredToken'];
  asked = [];
  await expect(store.head({ key: 'k' })).resolves.toMatchObject({ size: 0 });
  expect(asked).toHaveLength(3);
  refusals = [''];
  await expect(store.head({ key: 'k' })).rejects.toMatchObject({ code: 'BadRequest' });
  refusals = ['ExpiredToken', 'ExpiredToken'];
  await expect(store.checkBucket()).rejects.toMatchObject({ code: 'CredentialsRefused' });
});
