/** Runs a real Temporal server with its UI on this machine; what it holds stays in its folder for the next start. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import type { Log } from '../log';
import { freePort, portOrFree } from '../ports';
import { type ManagedProcess, startProcess } from '../process';
import { waitUntilReady } from '../wait';
import { resolveProgram } from './program';

export interface TemporalOptions {
  /** Holds the database and the log. */
  readonly folder: string;
  /** Preferred; another one is taken when it is in use. @default a free one */
  readonly port?: number;
  readonly uiPort?: number;
  /** Without the UI. @default false */
  readonly headless?: boolean;
  /** Of the server's dynamic configuration, beside what is always set. */
  readonly settings?: Readonly<Record<string, string | number>>;
  readonly log: Log;
}

export interface TemporalServer {
  readonly address: string;
  /** Absent when headless. */
  readonly uiUrl?: string;
  readonly namespace: 'default';
  readonly process: ManagedProcess;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;

/** Resolves when the server answers for its namespace. */
export async function startTemporal(options: TemporalOptions): Promise<TemporalServer> {
  const { folder, log } = options;
  await mkdir(folder, { recursive: true });
  const program = await resolveProgram('temporal', { log });
  const port = await portOrFree(options.port);
  const uiPort = options.headless ? undefined : await portOrFree(options.uiPort);
  const server = await startProcess({
    name: 'temporal',
    command: program.path,
    args: [...(await temporalArguments(folder, port, uiPort)), ...settingsOf(options)],
    environment: withoutTemporalSettings(process.env),
    logFile: join(folder, 'temporal.log'),
  });
  const address = `127.0.0.1:${port}`;
  try {
    await waitUntilReady({
      process: server,
      until: 'an answer for the namespace default',
      timeoutMs: START_TIMEOUT_MS,
      probe: () => describeDefaultNamespace(address),
    });
  } catch (error) {
    await server.stop(0);
    throw error;
  }
  const uiUrl = uiPort === undefined ? undefined : `http://127.0.0.1:${uiPort}`;
  log(`temporal listens on ${address}${uiUrl ? `, its UI on ${uiUrl}` : ''}`);
  return {
    address,
    ...(uiUrl === undefined ? {} : { uiUrl }),
    namespace: 'default',
    process: server,
    async stop() {
      await server.stop();
    },
  };
}

function settingsOf({ settings = {} }: TemporalOptions): string[] {
  return Object.entries(settings).flatMap(([key, value]) => ['--dynamic-config-value', `${key}=${value}`]);
}

async function temporalArguments(folder: string, port: number, uiPort: number | undefined): Promise<string[]> {
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port)],
    ...['--http-port', String(await freePort()), '--metrics-port', String(await freePort())],
    ...['--db-filename', join(folder, 'temporal.db')],
    // A copy on one machine need not survive a power cut: three to four times as fast.
    ...['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=off'],
    // As docker/temporal/dynamicconfig.yaml: transfers share the task queues by their names. Off unless told otherwise.
    ...['--dynamic-config-value', 'matching.enableFairness=true'],
    ...['--log-level', 'warn', '--disable-config-file', '--disable-config-env'],
    ...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort), '--ui-disable-news-fetch']),
  ];
}

/** The operator's own TEMPORAL_… variables name another server: they must not reach this one. */
function withoutTemporalSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('TEMPORAL_')));
}

async function describeDefaultNamespace(address: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: 2_000 });
  try {
    await connection.workflowService.describeNamespace({ namespace: 'default' });
  } finally {
    await connection.close();
  }
}
