/** Builds the workers of one process: workflows with the short activities, and the copies. */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createControlActivities } from '../activities/control-activities';
import { createCopyActivities } from '../activities/copy-activities';
import { openCloud } from '../aws/cloud';
import { localEngine } from '../aws/local-engine';
import type { Environment, TemporalConnection } from '../config/environment';
import { resolveRunInput } from '../config/run-input';
import { formatRate } from '../domain/sizes';
import { TransferError } from '../domain/transfer-error';
import { SharedBandwidth } from '../transfer/shared-bandwidth';
import type { ShareNews } from '../transfer/transfer-share';
import { awaitEnds } from './await-ends';
import { awaitWorkflow } from './await-workflow';
import { cancelWorkflows } from './cancel-workflows';
import { PollerBoard } from './poller-board';

export type QueueName = 'workflows' | 'copy';

export interface WorkerOptions {
  readonly environment: Environment;
  readonly temporal: TemporalConnection;
  readonly queues: readonly QueueName[];
}

export interface RunningWorkers {
  /** Ends polling, lets activities finish what is in flight, and resolves `done`. */
  shutdown(): void;
  readonly done: Promise<void>;
}

/** Built by `npm run build` beside this code. */
const WORKFLOW_BUNDLE = join(__dirname, '..', '..', 'workflow-bundle.js');
const TASK_QUEUES = { workflows: 'ferry', copy: 'ferry-copy' } as const;

/** Cancels reach an activity with its next heartbeat, so heartbeats may not be held back long. */
const COMMON = { maxHeartbeatThrottleInterval: '3s', shutdownGraceTime: '20s', shutdownForceTime: '40s' } as const;
/** What the other workers are told at the end is on its way by then. */
const FAREWELL_MS = 200;
/** A waiting Batch job takes a slot and nothing else. */
const CONTROL_SLOTS = 500;
/**
 * More than the lanes of one transfer can fill, so that another's copy begins at once: what copies hold is the byte budget's
 * affair, and whose turn it is within this process, the engine's.
 */
const COPY_SLOTS = 256;

export async function startWorkers({ environment, temporal, queues }: WorkerOptions): Promise<RunningWorkers> {
  const { namespace, connectionOptions } = temporal;
  const cloud = openCloud(environment);
  const connection = await NativeConnection.connect(connectionOptions).catch((error: unknown) => {
    throw unreachable(connectionOptions.address, error);
  });
  const clientConnection = await Connection.connect(connectionOptions);
  const client = new Client({ connection: clientConnection, namespace });
  const board = new PollerBoard({ connection: connectionOptions, namespace });
  const bandwidth = new SharedBandwidth({
    board,
    process: `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`,
    onShare: tell,
  });
  const engine = { ...localEngine(cloud, environment), bandwidth };
  const common = { ...COMMON, connection, namespace };
  const create: Readonly<Record<QueueName, () => Promise<Worker>>> = {
    workflows: () =>
      Worker.create({
        ...common,
        taskQueue: TASK_QUEUES.workflows,
        workflowBundle: { codePath: WORKFLOW_BUNDLE },
        maxConcurrentActivityTaskExecutions: CONTROL_SLOTS,
        activities: createControlActivities({
          engine,
          freshStores: () => openCloud(environment),
          openReports: cloud.openReports,
          jobs: cloud.jobs,
          jobPollMs: environment.batchPollMs,
          resolveRunInput,
          awaitWorkflow: (workflowId) => awaitWorkflow(client, workflowId),
          awaitEnds: (children, signal) => awaitEnds(client, children, signal),
          cancelWorkflows: (idPrefix) => cancelWorkflows(client, idPrefix),
        }),
      }),
    copy: () =>
      Worker.create({
        ...common,
        taskQueue: TASK_QUEUES.copy,
        maxConcurrentActivityTaskExecutions: COPY_SLOTS,
        activities: createCopyActivities({ engine, openReports: cloud.openReports }),
      }),
  };
  const workers = await Promise.all(queues.map((queue) => create[queue]()));
  const done = Promise.all(workers.map((worker) => worker.run())).then(async () => {
    bandwidth.close();
    await sleep(FAREWELL_MS);
    await board.close();
    await clientConnection.close();
    await connection.close();
  });
  return {
    done,
    shutdown: () => {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    },
  };
}

function tell({ transfer, limit, share }: ShareNews): void {
  const [all, own] = [limit, share].map((rate) => (rate === undefined ? 'none' : formatRate(rate)));
  Runtime.instance().logger.info('The share of a limit of bandwidth has changed', { transfer, limit: all, share: own });
}

function unreachable(address: string | undefined, error: unknown): TransferError {
  const reason = error instanceof Error ? error.name : 'unknown reason';
  return new TransferError(
    'Unreachable',
    `Temporal cannot be reached at ${address ?? 'localhost:7233'} (${reason}). Start it, or set TEMPORAL_ADDRESS`,
  );
}
