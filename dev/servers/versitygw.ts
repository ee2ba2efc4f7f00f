/** Runs versitygw, a strict and fast S3 over a plain folder: the second stand-in for S3. It lists in byte order. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PutBucketPolicyCommand, type S3Client } from '@aws-sdk/client-s3';
import { portOrFree } from '../ports';
import { startProcess } from '../process';
import { waitUntilReady } from '../wait';
import { resolveProgram } from './program';
import {
  type Account,
  ensureBucket,
  REGION,
  resolveS3ServerOptions,
  type S3Server,
  type S3ServerOptions,
  setupClient,
} from './s3-server';

const START_TIMEOUT_MS = 30_000;

const READ = ['s3:ListBucket', 's3:GetObject', 's3:GetObjectTagging', 's3:GetObjectAttributes'];

/** Resolves when both buckets are there, each open to its account alone. */
export async function startVersitygw(options: S3ServerOptions): Promise<S3Server> {
  const { folder, log } = options;
  const { accounts, buckets } = resolveS3ServerOptions(options);
  const objects = join(folder, 'data');
  const users = join(folder, 'iam');
  const versions = join(folder, 'versions');
  await mkdir(objects, { recursive: true });
  await mkdir(versions, { recursive: true });
  await mkdir(users, { recursive: true, mode: 0o700 });
  await writeFile(join(users, 'users.json'), JSON.stringify(usersOf([accounts.source, accounts.target])), {
    mode: 0o600,
  });
  const program = await resolveProgram('versitygw', { log });
  const port = await portOrFree(options.port);
  const endpoint = `http://127.0.0.1:${port}`;
  const server = await startProcess({
    name: 'versitygw',
    command: program.path,
    // Without --keep-alive it closes each connection after one answer.
    args: [
      ...['--port', `127.0.0.1:${port}`, '--iam-dir', users, '--keep-alive', '--quiet'],
      ...['posix', '--versioning-dir', versions, objects],
    ],
    // The admin's secret goes by the environment: arguments can be read by every user of the machine.
    environment: {
      ...process.env,
      ROOT_ACCESS_KEY: accounts.admin.accessKeyId,
      ROOT_SECRET_KEY: accounts.admin.secretAccessKey,
    },
    logFile: join(folder, 'versitygw.log'),
    graceMs: 2_000,
  });
  const client = setupClient(endpoint, accounts.admin);
  try {
    await waitUntilReady({
      process: server,
      until: 'two buckets with their policies',
      timeoutMs: START_TIMEOUT_MS,
      everyMs: 20,
      probe: async () => {
        await openBucket(client, buckets.source, accounts.source, READ);
        await openBucket(client, buckets.target, accounts.target, ['s3:*']);
      },
    });
  } catch (error) {
    await server.stop(0);
    throw error;
  } finally {
    client.destroy();
  }
  log(`versitygw listens on ${endpoint}, with the buckets ${buckets.source} and ${buckets.target}`);
  return {
    kind: 'versitygw',
    endpoint,
    region: REGION,
    ...accounts,
    buckets,
    async stop() {
      await server.stop();
    },
  };
}

/** Its own file of accounts: users by name, without any right until a bucket's policy gives one. */
function usersOf(accounts: readonly Account[]) {
  const users = accounts.map(({ accessKeyId, secretAccessKey }) => {
    const user = { access: accessKeyId, secret: secretAccessKey, role: 'user', userID: 0, groupID: 0, projectID: 0 };
    return [accessKeyId, user] as const;
  });
  return { accessAccounts: Object.fromEntries(users) };
}

async function openBucket(client: S3Client, bucket: string, account: Account, actions: readonly string[]) {
  await ensureBucket(client, bucket);
  const statement = {
    Effect: 'Allow',
    Principal: { AWS: [account.accessKeyId] },
    Action: actions,
    Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
  };
  const policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  await client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: policy }));
}
