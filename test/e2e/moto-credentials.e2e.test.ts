/**
 * Where the client's credentials come from, against moto_server: SecureStrings of its SSM, sessions of its STS, and its
 * S3, which takes them. From the middle of this file on, moto asks for a known key, a signature and a policy.
 */
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { type MotoServer, startMoto } from '../../dev/servers/moto';
import { randomAccount } from '../../dev/servers/s3-server';
import { openCloud } from '../../src/aws/cloud';
import { roleCredentials } from '../../src/aws/role-credentials';
import { ssmCredentials } from '../../src/aws/ssm-credentials';
import type { CredentialsRef } from '../../src/domain/transfer';
import { temporaryFolder } from '../dev/folders';
import { actAs, motoRoles } from './support/moto';

const folder = temporaryFolder();
const region = 'eu-west-1';
const BUCKET = 'client-exports';
const EXTERNAL_ID = 'ferry-4711';
const START_MS = 300_000;

const theirs = randomAccount();
const SSM = { json: '/ferry/sources/acme', text: '/ferry/sources/text', id: '/pair/id', secret: '/pair/secret' };
const VALUES = {
  [SSM.json]: JSON.stringify(theirs),
  [SSM.text]: 'no JSON',
  [SSM.id]: theirs.accessKeyId,
  [SSM.secret]: `${theirs.secretAccessKey}\n`,
};
let moto: MotoServer;
let roles: ReturnType<typeof motoRoles>;
const clients: { destroy(): void }[] = [];

beforeAll(async () => {
  moto = await startMoto({ folder: join(folder, 'moto'), log: () => undefined });
  roles = motoRoles(moto.endpoint);
  actAs(randomAccount(), moto.endpoint);
  const ssm = kept(new SSMClient({ region }));
  for (const [Name, Value] of Object.entries(VALUES)) {
    await ssm.send(new PutParameterCommand({ Name, Value, Type: 'SecureString' }));
  }
  await kept(new S3Client({ region, forcePathStyle: true })).send(new CreateBucketCommand({ Bucket: BUCKET }));
}, START_MS);
afterAll(async () => {
  for (const client of clients) client.destroy();
  await moto.stop();
});

function kept<T extends { destroy(): void }>(client: T): T {
  clients.push(client);
  return client;
}

const fromSsm = (ref: Extract<CredentialsRef, { kind: 'ssm' | 'ssmPair' }>) =>
  ssmCredentials(kept(new SSMClient({ region, maxAttempts: 1 })), ref, 0).get();
const fromRole = (roleArn: string, externalId?: string) => {
  const ref = { kind: 'assumeRole' as const, roleArn, ...(externalId === undefined ? {} : { externalId }) };
  return roleCredentials(kept(new STSClient({ region, maxAttempts: 1 })), ref).get();
};
/** Lists it, as preflight does. */
const checkBucket = (credentials: CredentialsRef) =>
  openCloud({ ssmCacheMs: 0, s3Endpoint: moto.endpoint })
    .openStore({
      bucket: BUCKET,
      prefix: '',
      region,
      forcePathStyle: true,
      requesterPays: false,
      listing: 'ordered',
      credentials,
    })
    .checkBucket();

test('one parameter that holds JSON, and two that hold the halves, are decrypted', async () => {
  expect(await fromSsm({ kind: 'ssm', parameter: SSM.json })).toEqual(theirs);
  expect(await fromSsm({ kind: 'ssmPair', accessKeyId: SSM.id, secretAccessKey: SSM.secret })).toEqual(theirs);
});

test.each([
  ['one', { kind: 'ssm', parameter: '/no/key' } as const, 'There is no SSM parameter /no/key'],
  [
    'one of two',
    { kind: 'ssmPair', accessKeyId: SSM.id, secretAccessKey: '/no/secret' } as const,
    'There is no SSM parameter /no/secret',
  ],
  ['one without JSON', { kind: 'ssm', parameter: SSM.text } as const, `${SSM.text} must hold JSON with`],
])('a parameter that is of no use is named: %s', async (_what, ref, message) => {
  await expect(fromSsm(ref)).rejects.toMatchObject({
    code: 'CredentialsMissing',
    message: expect.stringContaining(message),
  });
});

test('a role gives a session with its token', async () => {
  const session = { accessKeyId: expect.stringMatching(/^ASIA/), secretAccessKey: expect.any(String) };
  expect(await fromRole(await roles.arnOf('any'), EXTERNAL_ID)).toEqual({
    ...session,
    sessionToken: expect.stringMatching(/^.{100}/),
  });
});

describe('where rights are asked for', () => {
  let reader: string;
  let worker: ReturnType<typeof randomAccount>;
  let stranger: ReturnType<typeof randomAccount>;

  beforeAll(async () => {
    actAs(randomAccount(), moto.endpoint);
    worker = await roles.createUser('worker', ['sts:AssumeRole', 'ssm:GetParameters']);
    stranger = await roles.createUser('stranger', ['s3:GetObject']);
    reader = await roles.createRole('reader', ['s3:ListBucket', 's3:GetObject'], EXTERNAL_ID);
    await moto.demandRights();
  });

  test('a session of the role opens the bucket that the worker itself may not list', async () => {
    actAs(worker, moto.endpoint);
    await checkBucket({ kind: 'assumeRole', roleArn: reader, externalId: EXTERNAL_ID });
    await expect(checkBucket({ kind: 'default' })).rejects.toMatchObject({ code: 'AccessDenied' });
  });

  // moto takes a condition as met that names a value which is not sent: a missing external id is tried on the stand-in.
  test.each([
    ['another external id', () => worker, 'wrong'],
    ['a user without the right', () => stranger, EXTERNAL_ID],
  ])('a role is refused to %s, with what to do', async (_what, user, externalId) => {
    actAs(user(), moto.endpoint);
    await expect(fromRole(reader, externalId)).rejects.toMatchObject({
      code: 'CredentialsRefused',
      message: expect.stringContaining(`The role ${reader} may not be assumed. Its trust policy must name our role`),
    });
  });

  test.each([
    ['a user without the right', () => stranger],
    ['a key that nobody knows', randomAccount],
  ])('a parameter is refused to %s, with the right that is missing', async (_what, user) => {
    actAs(user(), moto.endpoint);
    // moto answers in XML here, where SSM speaks JSON: only the status is left to judge by. AWS tells the two apart.
    await expect(fromSsm({ kind: 'ssm', parameter: SSM.json })).rejects.toMatchObject({
      code: 'CredentialsRefused',
      message: expect.stringContaining('Its role needs ssm:GetParameters on the parameter'),
    });
  });

  test('keys that nobody knows are refused by STS and by the bucket, with its name', async () => {
    const refused = (service: string) => ({
      code: 'CredentialsRefused',
      message: expect.stringContaining(`The credentials for ${service} are refused`),
    });
    actAs(randomAccount(), moto.endpoint);
    await expect(fromRole(reader, EXTERNAL_ID)).rejects.toMatchObject(refused('AWS STS'));
    await expect(checkBucket({ kind: 'default' })).rejects.toMatchObject(refused(`the bucket ${BUCKET}`));
    actAs(worker, moto.endpoint);
    const ofNobody = { kind: 'ssm', parameter: SSM.json } as const;
    await expect(checkBucket(ofNobody)).rejects.toMatchObject(refused(`the bucket ${BUCKET}`));
  });
});
