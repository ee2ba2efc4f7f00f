/**
 * Runs moto_server, a simulation of AWS in Python that others wrote: the second opinion on what our clients of Batch, SSM
 * and STS send. Its Batch runs nothing: a job has SUCCEEDED by the time SubmitJob answers.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../log';
import { freePort } from '../ports';
import { type ManagedProcess, startProcess } from '../process';
import { waitUntilReady } from '../wait';
import { resolveProgram } from './program';

export interface MotoOptions {
  /** Holds the log; what the server keeps is in memory. */
  readonly folder: string;
  /** Given, SubmitJob answers after so many seconds, in which the job can be seen; then it has FAILED. */
  readonly jobsFailAfterSeconds?: number;
  readonly log: Log;
}

export interface MotoServer {
  readonly endpoint: string;
  readonly process: ManagedProcess;
  /** From here on it asks for a known key, a right signature and a policy, as AWS does. */
  demandRights(): Promise<void>;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;

/** Resolves when it answers and has been told to run nothing. */
export async function startMoto({ folder, jobsFailAfterSeconds, log }: MotoOptions): Promise<MotoServer> {
  await mkdir(folder, { recursive: true });
  const program = await resolveProgram('moto_server', { log });
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const server = await startProcess({
    name: 'moto_server',
    command: program.path,
    args: ['--host', '127.0.0.1', '--port', String(port)],
    environment: {
      ...withoutMotoSettings(process.env),
      ...(jobsFailAfterSeconds === undefined ? {} : { MOTO_SIMPLE_BATCH_FAIL_AFTER: String(jobsFailAfterSeconds) }),
    },
    folder,
    logFile: join(folder, 'moto.log'),
  });
  try {
    await waitUntilReady({
      process: server,
      until: 'an answer to its configuration',
      timeoutMs: START_TIMEOUT_MS,
      // Else each job would be a Docker container.
      probe: () => tell('config', JSON.stringify({ batch: { use_docker: false } })),
    });
  } catch (error) {
    await server.stop(0);
    throw error;
  }
  log(`moto_server listens on ${endpoint}`);
  return {
    endpoint,
    process: server,
    demandRights: () => tell('reset-auth', '0'),
    async stop() {
      await server.stop();
    },
  };

  async function tell(what: string, body: string): Promise<void> {
    const answer = await fetch(`${endpoint}/moto-api/${what}`, { method: 'POST', body });
    if (!answer.ok) throw new Error(`moto_server answered ${answer.status} to ${what}`);
    await answer.arrayBuffer();
  }
}

/** Its settings are variables: the operator's own would change what the tests see. */
function withoutMotoSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isSetting = /^(MOTO_|INITIAL_NO_AUTH_ACTION_COUNT$|TEST_)/;
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !isSetting.test(name)));
}
