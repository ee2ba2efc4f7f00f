/** The whole cloud on one machine: Temporal, one S3 server with two accounts, SSM and Batch; and how a process finds them. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { NODE_FLAGS } from '../src/cli/heap';
import type { PlayOptions } from './cloud/play-options';
import { startCloud, type Cloud } from './cloud/server';
import { FERRY_QUEUE_PLANS, ferryJobDefinition } from './cloud/ferry-job';
import { silent, type Log } from './log';
import { packageFolder } from './package-folder';
import { startProcess, type ManagedProcess } from './process';
import { startProxy, type Proxy } from './proxy/proxy';
import type { S3Server } from './servers/s3-server';
import { startSeaweedFs } from './servers/seaweedfs';
import { startTemporal, type TemporalServer } from './servers/temporal';
import { startVersitygw } from './servers/versitygw';

export interface StackOptions {
  /** Holds everything that the servers keep. */
  readonly folder: string;
  /** @default seaweedfs */
  readonly store?: S3Server['kind'];
  /** Puts the fault proxy between everyone and the store. */
  readonly proxy?: boolean;
  /** @default none */
  readonly ports?: { readonly temporal?: number; readonly ui?: number; readonly s3?: number; readonly cloud?: number };
  /** Without it there is no Temporal UI. */
  readonly ui?: boolean;
  /** How Batch is played. @default as AWS does, with room for two jobs in each queue */
  readonly batch?: PlayOptions;
  readonly log?: Log;
}

export interface Stack {
  readonly folder: string;
  readonly temporal: TemporalServer;
  readonly store: S3Server;
  readonly proxy: Proxy | undefined;
  readonly cloud: Cloud;
  /** Where a client finds the store: the proxy, if there is one. */
  readonly s3Endpoint: string;
  /** What a process of our own account needs to find everything. It holds that account's keys. */
  readonly environment: Readonly<Record<string, string>>;
  /** Starts `ferry worker`; the stack ends it if nobody else does. */
  startWorker(options?: WorkerProcessOptions): Promise<ManagedProcess>;
  stop(): Promise<void>;
}

export interface WorkerProcessOptions {
  readonly name?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export const SOURCE_PARAMETER = '/ferry/sources/client';
/** What the client's account would offer in place of a key. */
export const SOURCE_ROLE = { arn: 'arn:aws:iam::111122223333:role/ferry-reader', externalId: 'ferry-4711' } as const;
const JOB_ROLE = 'arn:aws:iam::000000000000:role/ferry-job';

/** The command as `npm run build` leaves it, be this file compiled or not. */
const FERRY = join(packageFolder(__dirname), 'dist', 'src', 'cli', 'main.js');

/** What Node is given to run it, as its first line says. */
export const FERRY_ARGS: readonly string[] = [...NODE_FLAGS, FERRY];

/** The play of SSM, STS and Batch as a program of its own. */
export const CLOUD = join(packageFolder(__dirname), 'dist', 'dev', 'cloud', 'main.js');

export async function startStack(options: StackOptions): Promise<Stack> {
  const { folder, ports = {}, log = silent } = options;
  assertBuilt();
  await mkdir(folder, { recursive: true });
  const opened: { stop(): Promise<unknown> }[] = [];
  const stop = async () => {
    for (const part of opened.splice(0).reverse()) await part.stop();
  };
  const open = async <T extends { stop(): Promise<unknown> }>(part: Promise<T>): Promise<T> => {
    const started = await part;
    opened.push(started);
    return started;
  };
  const port = (number: number | undefined) => (number === undefined ? {} : { port: number });
  try {
    const startStore = options.store === 'versitygw' ? startVersitygw : startSeaweedFs;
    const parts = await Promise.allSettled([
      open(startStore({ folder: join(folder, 's3'), ...port(ports.s3), log })),
      open(
        startTemporal({
          folder: join(folder, 'temporal'),
          ...port(ports.temporal),
          ...(ports.ui === undefined ? {} : { uiPort: ports.ui }),
          headless: options.ui !== true,
          log,
        }),
      ),
    ]);
    const [store, temporal] = [valueOf(parts[0]), valueOf(parts[1])];
    const proxy = options.proxy ? await open(startProxy({ upstream: store.endpoint })) : undefined;
    const cloud = await open(
      startCloud({
        ...options.batch,
        folder: join(folder, 'cloud'),
        ...port(ports.cloud),
        accounts: [{ name: 'our account', ...store.target }],
        roles: { [JOB_ROLE]: store.target },
        assumable: {
          [SOURCE_ROLE.arn]: { account: store.source, externalId: SOURCE_ROLE.externalId },
        },
        job: { command: { ferry: [process.execPath, ...FERRY_ARGS] }, environment: { AWS_REGION: store.region } },
        queues: FERRY_QUEUE_PLANS,
        jobDefinitions: [ferryJobDefinition(JOB_ROLE)],
        log,
      }),
    );
    cloud.putParameter(SOURCE_PARAMETER, JSON.stringify(store.source));
    const environment = {
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
      AWS_REGION: store.region,
      AWS_ENDPOINT_URL_SSM: cloud.endpoint,
      AWS_ENDPOINT_URL_STS: cloud.endpoint,
      AWS_ENDPOINT_URL_BATCH: cloud.endpoint,
      AWS_ACCESS_KEY_ID: store.target.accessKeyId,
      AWS_SECRET_ACCESS_KEY: store.target.secretAccessKey,
      FERRY_BATCH_POLL: '1s',
    };
    return {
      folder,
      temporal,
      store,
      proxy,
      cloud,
      s3Endpoint: proxy?.endpoint ?? store.endpoint,
      environment,
      stop,
      startWorker: ({ name = 'worker', environment: more = {} } = {}) =>
        open(
          startProcess({
            name,
            command: process.execPath,
            args: [...FERRY_ARGS, 'worker'],
            environment: { ...inherited(), ...environment, ...more },
            logFile: join(folder, 'logs', `${name}.log`),
            graceMs: 45_000,
          }),
        ),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What of this process's environment a child may see: nothing that could lead it to another cloud. */
export function inherited(): Record<string, string> {
  const { PATH = '', HOME = '', LANG = '' } = process.env;
  return { PATH, HOME, LANG };
}

function valueOf<T>(settled: PromiseSettledResult<T>): T {
  if (settled.status === 'rejected') throw settled.reason;
  return settled.value;
}

function assertBuilt(): void {
  if (!existsSync(FERRY)) throw new Error(`${FERRY} does not exist: run \`npm run build\` first`);
}
