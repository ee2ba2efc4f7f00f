/**
 * The place of a drill: a stack, and for each worker, for the jobs and for jobs by hand a proxy of their own before the
 * store. Each process names itself in its requests, so it is known of each who sent it.
 */
import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { BatchClient, RegisterJobDefinitionCommand } from '@aws-sdk/client-batch';
import { S3Client } from '@aws-sdk/client-s3';
import { Client, Connection } from '@temporalio/client';
import { FERRY_QUEUES, ferryJobDefinition } from '../cloud/ferry-job';
import type { Log } from '../log';
import { startProcess, type ManagedProcess } from '../process';
import { startProxy, type ProxiedRequest, type Proxy } from '../proxy/proxy';
import { runFerry, type FerryResult } from '../run-ferry';
import type { S3Server } from '../servers/s3-server';
import { FERRY_ARGS, inherited, SOURCE_PARAMETER, startStack, type Stack } from '../stack';
import { ROUTE } from './delivery';

/** Who sends through a proxy. */
export interface Route {
  readonly name: string;
  readonly proxy: Proxy;
}

export interface WorkerSeat extends Route {
  process: ManagedProcess;
  /** What this process calls itself in its requests. */
  sender: string;
  /** When the process began. */
  since: number;
}

export interface Site {
  readonly stack: Stack;
  /** Sees both buckets, and passes no proxy. */
  readonly admin: S3Client;
  readonly batch: BatchClient;
  readonly temporal: Client;
  readonly workers: readonly WorkerSeat[];
  readonly jobs: Route;
  readonly hand: Route;
  routes(): readonly Route[];
  startWorker(seat: WorkerSeat): Promise<void>;
  startByHand(task: string): Promise<ByHand>;
  /** Writes the configuration of one transfer, whose prefixes are its name. */
  configure(name: string): Promise<string>;
  ferry(args: readonly string[], config: string): Promise<FerryResult>;
  stop(): Promise<void>;
}

/** A process that somebody started by hand. */
export interface ByHand {
  readonly process: ManagedProcess;
  readonly sender: string;
}

/** A request, and the process that sent it. */
export interface SentRequest extends ProxiedRequest {
  readonly sender: string;
}

const JOB_DEFINITION = 'ferry-drill';
const JOB_ROLE = 'arn:aws:iam::000000000000:role/ferry-job';
const MEMORY = '256MiB';

export interface SiteOptions {
  readonly folder: string;
  readonly store: S3Server['kind'];
  readonly log: Log;
  /** @default 3 */
  readonly workers?: number;
  /** Opens what everyone finds in place of the stack's own SSM, STS and Batch. */
  readonly openCloud?: (stack: Stack) => Promise<{ readonly endpoint: string; stop(): Promise<unknown> }>;
  /** What jobs get besides. */
  readonly jobEnvironment?: Readonly<Record<string, string>>;
  /** `route` of the transfers. @default that of the delivery */
  readonly route?: Readonly<Record<string, string>>;
  /** `batch` of the transfers, besides queues and job definition. */
  readonly batch?: Readonly<Record<string, string | number>>;
}

export async function openSite(options: SiteOptions): Promise<Site> {
  const { folder, store, log, openCloud } = options;
  const stack = await startStack({ folder, store, log });
  const opened: { stop(): Promise<unknown> }[] = [stack];
  const stop = async () => {
    for (const part of opened.splice(0).reverse()) await part.stop();
  };
  try {
    const route = async (name: string): Promise<Route> => {
      const proxy = await startProxy({ upstream: stack.store.endpoint });
      opened.push(proxy);
      return { name, proxy };
    };
    const variablesOf = ({ proxy }: Route) => ({ AWS_ENDPOINT_URL_S3: proxy.endpoint, FERRY_MEMORY: MEMORY });
    const { region, target, admin, endpoint, buckets } = stack.store;
    const ownCloud = await openCloud?.(stack);
    if (ownCloud) opened.push(ownCloud);
    const cloud = ownCloud?.endpoint ?? stack.cloud.endpoint;
    const finds = { ...stack.environment, ...cloudVariables(cloud) };
    const jobs = await route('jobs');
    const hand = await route('by-hand');
    const person = await route('person');
    const batch = new BatchClient({ endpoint: cloud, region, credentials: { ...target } });
    const definition = ferryJobDefinition(JOB_ROLE, { ...variablesOf(jobs), ...options.jobEnvironment });
    await batch.send(
      new RegisterJobDefinitionCommand({
        ...definition,
        type: 'container',
        jobDefinitionName: JOB_DEFINITION,
      } as never),
    );
    let started = 0;
    const newSender = (name: string) => `${name}.${(started += 1)}`;
    const start = async (seat: Route) => {
      const sender = newSender(seat.name);
      const environment = { ...cloudVariables(cloud), ...variablesOf(seat), AWS_SDK_UA_APP_ID: sender };
      return { process: await stack.startWorker({ name: seat.name, environment }), sender, since: Date.now() };
    };
    const seats = Array.from({ length: options.workers ?? 3 }, (_, i) => `worker-${i + 1}`);
    const workers = await Promise.all(
      seats.map(async (name): Promise<WorkerSeat> => {
        const seat = await route(name);
        return { ...seat, ...(await start(seat)) };
      }),
    );
    const connection = await Connection.connect({ address: stack.temporal.address });
    opened.push({
      async stop() {
        // Not asked to end in peace: there is nothing to be kept.
        await Promise.all(workers.map(({ process }) => process.stop(0)));
        batch.destroy();
        // The connection to Temporal goes with this process: closed under a request that is tried again, it would end it.
      },
    });
    return {
      stack,
      batch,
      workers,
      jobs,
      hand,
      temporal: new Client({ connection, namespace: stack.temporal.namespace }),
      admin: new S3Client({
        endpoint,
        region,
        credentials: { ...admin },
        forcePathStyle: true,
        requestChecksumCalculation: 'WHEN_REQUIRED',
        responseChecksumValidation: 'WHEN_REQUIRED',
      }),
      routes: () => [...workers, jobs, hand],
      async startWorker(seat) {
        Object.assign(seat, await start(seat));
      },
      async startByHand(task) {
        const sender = newSender(hand.name);
        const byHand = await startProcess({
          name: 'ferry job, by hand',
          command: process.execPath,
          args: [...FERRY_ARGS, 'job'],
          environment: {
            ...inherited(),
            ...finds,
            ...variablesOf(hand),
            AWS_SDK_UA_APP_ID: sender,
            FERRY_TASK: task,
          },
          logFile: join(folder, 'logs', `${sender}.log`),
        });
        opened.push({ stop: () => byHand.stop(0) });
        return { process: byHand, sender };
      },
      async configure(name) {
        const listing = store === 'versitygw' ? 'ordered' : 'unordered';
        const place = { prefix: `${name}/`, region, forcePathStyle: true, listing };
        const entry = {
          name,
          source: { bucket: buckets.source, ...place, credentials: { ssm: SOURCE_PARAMETER } },
          target: { bucket: buckets.target, ...place },
          route: options.route ?? ROUTE,
          batch: {
            ...options.batch,
            queue: FERRY_QUEUES[0],
            jobDefinition: JOB_DEFINITION,
            onDemandQueue: FERRY_QUEUES[1],
          },
        };
        const file = join(folder, `${name}.yaml`);
        // JSON is YAML.
        await writeFile(file, JSON.stringify({ transfers: [entry] }, null, 2));
        return file;
      },
      ferry: (args, config) =>
        runFerry(args, { environment: { ...finds, ...variablesOf(person), FERRY_CONFIG: config } }),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Where the AWS SDK finds what stands in for the cloud. */
function cloudVariables(endpoint: string) {
  return { AWS_ENDPOINT_URL_SSM: endpoint, AWS_ENDPOINT_URL_STS: endpoint, AWS_ENDPOINT_URL_BATCH: endpoint };
}

/** Everything that was sent through these proxies, by whom: the AWS SDK names its application in each request. */
export function sentBy(routes: readonly Route[]): SentRequest[] {
  return routes.flatMap(({ proxy }) =>
    proxy
      .requests()
      .map((request) => ({ ...request, sender: /\bapp\/(\S+)/.exec(request.userAgent ?? '')?.[1] ?? '?' })),
  );
}
