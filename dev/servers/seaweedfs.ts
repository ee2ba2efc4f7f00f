/** Runs SeaweedFS, a production object store: the main stand-in for S3. It does not list in byte order. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, portOrFree } from '../ports';
import { type ManagedProcess, startProcess } from '../process';
import { waitUntilReady } from '../wait';
import { resolveProgram } from './program';
import {
  type Account,
  ensureBucket,
  REGION,
  resolveS3ServerOptions,
  type S3Buckets,
  type S3Server,
  type S3ServerOptions,
  setupClient,
} from './s3-server';

const START_TIMEOUT_MS = 60_000;

/** Resolves when both buckets are there and take objects. */
export async function startSeaweedFs(options: S3ServerOptions): Promise<S3Server> {
  const { folder, log } = options;
  const { accounts, buckets } = resolveS3ServerOptions(options);
  await mkdir(join(folder, 'data'), { recursive: true });
  const identities = join(folder, 's3.json');
  await writeFile(identities, JSON.stringify(identitiesOf(accounts, buckets), null, 2), { mode: 0o600 });
  const program = await resolveProgram('weed', { log });
  const ports = await choosePorts(options.port);
  const endpoint = `http://127.0.0.1:${ports.s3}`;
  const server = await startProcess({
    name: 'seaweedfs',
    command: program.path,
    args: weedArguments(folder, identities, ports),
    folder,
    logFile: join(folder, 'seaweedfs.log'),
    // It takes 25 s to leave on SIGTERM; what it has answered for is on disk.
    graceMs: 0,
  });
  const cleaned = server.ended.then(() => removeSockets(ports));
  await waitForBuckets(server, endpoint, accounts.admin, buckets);
  log(`seaweedfs listens on ${endpoint}, with the buckets ${buckets.source} and ${buckets.target}`);
  return {
    kind: 'seaweedfs',
    endpoint,
    region: REGION,
    ...accounts,
    buckets,
    async stop() {
      await server.stop();
      await cleaned;
    },
  };
}

async function waitForBuckets(server: ManagedProcess, endpoint: string, admin: Account, buckets: S3Buckets) {
  const client = setupClient(endpoint, admin);
  try {
    await waitUntilReady({
      process: server,
      until: 'two buckets that can be created',
      timeoutMs: START_TIMEOUT_MS,
      probe: async () => {
        await ensureBucket(client, buckets.source);
        await ensureBucket(client, buckets.target);
      },
    });
  } catch (error) {
    await server.stop();
    throw error;
  } finally {
    client.destroy();
  }
}

/** Who may do what. Tagging and multipart uploads come with Write; reading tags needs Tagging. */
function identitiesOf(accounts: Pick<S3Server, 'admin' | 'source' | 'target'>, buckets: S3Buckets) {
  const identity = (name: string, { accessKeyId, secretAccessKey }: Account, actions: readonly string[]) => ({
    name,
    credentials: [{ accessKey: accessKeyId, secretKey: secretAccessKey }],
    actions,
  });
  const on = (bucket: string, ...actions: string[]) => actions.map((action) => `${action}:${bucket}`);
  return {
    identities: [
      identity('admin', accounts.admin, ['Admin', 'Read', 'Write', 'List', 'Tagging']),
      identity('source', accounts.source, on(buckets.source, 'Read', 'List')),
      identity('target', accounts.target, on(buckets.target, 'Read', 'Write', 'List', 'Tagging')),
    ],
  };
}

interface Ports {
  readonly s3: number;
  readonly s3Grpc: number;
  readonly master: number;
  readonly masterGrpc: number;
  readonly volume: number;
  readonly volumeGrpc: number;
  readonly filer: number;
  readonly filerGrpc: number;
}

/** Every port by itself: a gRPC port left to its default lies 10,000 above the other, free or not. */
async function choosePorts(preferred: number | undefined): Promise<Ports> {
  return {
    s3: await portOrFree(preferred),
    s3Grpc: await freePort(),
    master: await freePort(),
    masterGrpc: await freePort(),
    volume: await freePort(),
    volumeGrpc: await freePort(),
    filer: await freePort(),
    filerGrpc: await freePort(),
  };
}

function weedArguments(folder: string, identities: string, ports: Ports): string[] {
  return [
    'server',
    `-dir=${join(folder, 'data')}`,
    '-ip=127.0.0.1',
    '-ip.bind=127.0.0.1',
    // It reports to its makers unless told not to.
    '-master.telemetry=false',
    // A master by itself: no election to wait for.
    '-master.peers=none',
    '-master.heartbeatInterval=50ms',
    `-master.port=${ports.master}`,
    `-master.port.grpc=${ports.masterGrpc}`,
    // Small volumes, as many as the disk holds: each bucket takes some of its own.
    '-master.volumeSizeLimitMB=1024',
    '-volume.max=0',
    `-volume.port=${ports.volume}`,
    `-volume.port.grpc=${ports.volumeGrpc}`,
    '-filer',
    `-filer.port=${ports.filer}`,
    `-filer.port.grpc=${ports.filerGrpc}`,
    '-s3',
    `-s3.port=${ports.s3}`,
    `-s3.port.grpc=${ports.s3Grpc}`,
    `-s3.config=${identities}`,
    '-s3.port.iceberg=0',
    '-s3.port.lance=0',
    '-s3.iam=false',
    '-s3.autoCreateBucket=false',
  ];
}

/** It also listens on sockets in /tmp, and leaves them there when it is killed. */
async function removeSockets(ports: Ports): Promise<void> {
  const names = [
    `s3-${ports.s3}`,
    `filer-${ports.filer}`,
    `s3-grpc-${ports.s3Grpc}`,
    `master-grpc-${ports.masterGrpc}`,
  ];
  names.push(`volume-grpc-${ports.volumeGrpc}`, `filer-grpc-${ports.filerGrpc}`);
  await Promise.all(names.map((name) => rm(`/tmp/seaweedfs-${name}.sock`, { force: true })));
}
