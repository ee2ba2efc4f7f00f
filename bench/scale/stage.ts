/** What a row needs: a synthetic store, Temporal, worker processes, and a client that starts runs and waits for them. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { silent } from '../../dev/log';
import { startTemporal, type TemporalServer } from '../../dev/servers/temporal';
import { FERRY_ARGS } from '../../dev/stack';
import type { Settings } from '../../dev/synthetic/settings';
import type { RunResult } from '../../src/domain/run-result';
import type { TransferEntry } from '../../src/domain/transfer';
import { startMeasured, type MeasuredProcess } from '../measured-process';
import { CREDENTIALS, SOURCE, startSynthetic, TARGET, type SyntheticProcess } from '../synthetic-process';

export interface Stage {
  readonly folder: string;
  readonly store: SyntheticProcess;
  readonly temporal: TemporalServer;
  readonly client: Client;
  /** An entry of a configuration that moves the source below `out/` of the target. */
  entry(name: string, more?: EntryOptions): TransferEntry;
  worker(environment?: Readonly<Record<string, string>>): Promise<MeasuredProcess>;
  /** One that has run a transfer of nothing: its start is not what is measured. */
  warmWorker(): Promise<MeasuredProcess>;
  /** As `ferry run --wait` would. */
  run(entry: TransferEntry): Promise<StageRun>;
  start(entry: TransferEntry): Promise<StartedStageRun>;
  stop(): Promise<void>;
}

export interface EntryOptions {
  readonly source?: Readonly<Record<string, unknown>>;
  readonly target?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

export interface StageRun {
  readonly result: RunResult;
  /** From its start to its result. */
  readonly seconds: number;
}

export interface StartedStageRun {
  readonly workflowId: string;
  readonly runId: string;
  ended(): Promise<StageRun>;
}

/** Below it stands what is written, so that reports and other prefixes stay apart. */
export const OUT = 'out/';

export async function openStage(folder: string, settings: Settings): Promise<Stage> {
  mkdirSync(folder, { recursive: true });
  const opened: { stop(): Promise<unknown> }[] = [];
  const stop = async () => {
    for (const part of opened.splice(0).reverse()) await part.stop();
  };
  try {
    const store = await startSynthetic(folder, settings);
    opened.push(store);
    const temporal = await startTemporal({ folder: join(folder, 'temporal'), headless: true, log: silent });
    opened.push(temporal);
    const connection = await Connection.connect({ address: temporal.address });
    const client = new Client({ connection });
    const place = { region: 'us-east-1', endpoint: store.endpoint, forcePathStyle: true, listing: 'ordered' };
    let workers = 0;
    const start = async (entry: TransferEntry): Promise<StartedStageRun> => {
      const begun = performance.now();
      const handle = await client.workflow.start('transferBucket', {
        workflowId: `ferry-${entry.name}`,
        taskQueue: 'ferry',
        args: [entry],
        priority: { priorityKey: 3, fairnessKey: entry.name },
      });
      return {
        workflowId: handle.workflowId,
        runId: handle.firstExecutionRunId,
        async ended() {
          const result = (await handle.result()) as RunResult;
          return { result, seconds: (performance.now() - begun) / 1000 };
        },
      };
    };
    const entry: Stage['entry'] = (name, { source = {}, target = {}, ...more } = {}) => ({
      name,
      source: { bucket: SOURCE, ...place, ...source },
      target: { bucket: TARGET, prefix: OUT, ...place, ...target },
      reports: { folder: join(folder, 'reports', name) },
      ...more,
    });
    const worker = async (environment: Readonly<Record<string, string>> = {}): Promise<MeasuredProcess> => {
      const process = await startMeasured({
        name: `ferry-worker-${(workers += 1)}`,
        args: [...FERRY_ARGS, 'worker'],
        environment: {
          ...CREDENTIALS,
          TEMPORAL_ADDRESS: temporal.address,
          TEMPORAL_NAMESPACE: temporal.namespace,
          FERRY_LOG_LEVEL: 'warn',
          ...environment,
        },
        folder,
      });
      opened.push(process.process);
      return process;
    };
    const run = async (each: TransferEntry) => (await start(each)).ended();
    return {
      ...{ folder, store, temporal, client, stop, start, entry, worker, run },
      async warmWorker() {
        const warm = await worker();
        await run(entry('warm', { source: { prefix: 'nothing/' }, target: { prefix: 'nothing/' } }));
        return warm;
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
