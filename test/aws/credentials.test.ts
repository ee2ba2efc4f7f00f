/** Against the SSM endpoint of dev/, which speaks AWS's protocol and checks every signature. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SSMClient } from '@aws-sdk/client-ssm';
import { startCloud, type Cloud } from '../../dev/cloud/server';
import { randomAccount } from '../../dev/servers/s3-server';
import { ssmCredentials } from '../../src/aws/ssm-credentials';

const account = randomAccount();
const pair = { accessKeyId: 'AKIACLIENT', secretAccessKey: 'the-secret' };
let folder: string;
let cloud: Cloud;
let ssm: SSMClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ferry-ssm-'));
  cloud = await startCloud({
    folder,
    accounts: [{ name: 'ours', ...account }],
    job: { command: {}, environment: {} },
    log: () => undefined,
  });
  ssm = new SSMClient({ endpoint: cloud.endpoint, region: 'us-east-1', credentials: account, maxAttempts: 1 });
});
afterAll(async () => {
  await cloud.stop();
  await rm(folder, { recursive: true });
});

const readings = () => cloud.requests()['GetParameters'] ?? 0;
const one = (parameter: string, ttlMs = 60_000) => ssmCredentials(ssm, { kind: 'ssm', parameter }, ttlMs);

test('one JSON parameter is read once, however many ask', async () => {
  cloud.putParameter('/one', JSON.stringify({ ...pair, sessionToken: 'token' }));
  const before = readings();
  const source = one('/one');
  const all = await Promise.all([source.get(), source.get(), source.get()]);
  expect(all[0]).toEqual({ ...pair, sessionToken: 'token' });
  expect(new Set(all).size).toBe(1);
  expect(readings() - before).toBe(1);
});

test('two parameters are read in one request, and what surrounds them is cut off', async () => {
  cloud.putParameter('/id', `${pair.accessKeyId}\n`);
  cloud.putParameter('/secret', pair.secretAccessKey);
  const before = readings();
  const source = ssmCredentials(ssm, { kind: 'ssmPair', accessKeyId: '/id', secretAccessKey: '/secret' }, 60_000);
  expect(await source.get()).toEqual(pair);
  expect(readings() - before).toBe(1);
});

test('refused credentials are read anew; the same ones again are told by being the same', async () => {
  cloud.putParameter('/rotating', JSON.stringify(pair));
  const source = one('/rotating');
  const old = await source.get();
  expect(await source.replace(old)).toBe(old);
  cloud.putParameter('/rotating', JSON.stringify({ ...pair, secretAccessKey: 'new' }));
  const renewed = await source.replace(old);
  expect(renewed).toEqual({ ...pair, secretAccessKey: 'new' });
  const before = readings();
  // Another request was refused with the old ones as well: they have been replaced already.
  expect(await source.replace(old)).toBe(renewed);
  expect(readings() - before).toBe(0);
});

test('after their time they are read again', async () => {
  cloud.putParameter('/short', JSON.stringify(pair));
  const source = one('/short', 0);
  const first = await source.get();
  const before = readings();
  expect(await source.get()).toBe(first);
  expect(readings() - before).toBe(1);
});

test.each([
  ['is no JSON', 'not json but the-secret'],
  ['is a text', JSON.stringify('the-secret')],
  ['lacks the secret', JSON.stringify({ accessKeyId: 'AKIACLIENT', secret: 'the-secret' })],
])('a parameter that %s is named, and never quoted', async (_what, value) => {
  cloud.putParameter('/malformed', value);
  const error = (await one('/malformed')
    .get()
    .catch((thrown: unknown) => thrown)) as Error;
  expect(error).toMatchObject({ code: 'CredentialsMissing', retryable: false });
  expect(error.message).toContain('/malformed must hold JSON');
  expect(JSON.stringify(error) + error.message + (error.stack ?? '')).not.toContain('the-secret');
});

test('a parameter that is not there is named, and asked for again the next time', async () => {
  const source = one('/absent');
  await expect(source.get()).rejects.toMatchObject({
    code: 'CredentialsMissing',
    message: expect.stringContaining('/absent'),
  });
  cloud.putParameter('/absent', JSON.stringify(pair));
  expect(await source.get()).toEqual(pair);
});

test('SSM that does not know us is said to refuse, with the name of the service', async () => {
  const stranger = new SSMClient({
    endpoint: cloud.endpoint,
    region: 'us-east-1',
    credentials: randomAccount(),
    maxAttempts: 1,
  });
  const source = ssmCredentials(stranger, { kind: 'ssm', parameter: '/one' }, 0);
  await expect(source.get()).rejects.toMatchObject({
    code: 'CredentialsRefused',
    message: expect.stringContaining('SSM Parameter Store'),
  });
});
