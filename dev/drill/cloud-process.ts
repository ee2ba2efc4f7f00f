/** The play of SSM, STS and Batch as a process of its own: it can be killed, and comes back with its jobs. Commands go over HTTP. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { COMMANDS } from '../cloud/batch-commands';
import type { DisturbanceCounts } from '../cloud/disturbances';
import type { BatchJobView } from '../cloud/job-view';
import type { PlayOptions } from '../cloud/play-options';
import { freePort } from '../ports';
import { startProcess, type ManagedProcess } from '../process';
import { CLOUD, inherited, SOURCE_PARAMETER, type Stack } from '../stack';
import { waitUntilReady } from '../wait';

export interface CloudProcess {
  readonly endpoint: string;
  /** Every job, oldest first. */
  jobs(): Promise<readonly BatchJobView[]>;
  disturbances(): Promise<DisturbanceCounts>;
  /** Gives a command, and returns what it answers. */
  command(name: keyof typeof COMMANDS, input: object): Promise<unknown>;
  /** SIGKILL, and after a while the same again on the same port. What was submitted is known still. */
  kill(downMs: number): Promise<void>;
  stop(): Promise<unknown>;
}

const READY_MS = 20_000;

export async function startCloudProcess({ folder, store }: Stack, play: PlayOptions): Promise<CloudProcess> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const environment = {
    ...inherited(),
    FERRY_CLOUD_PORT: String(port),
    // Not that of the stack's own, whose jobs these are not.
    FERRY_CLOUD_FOLDER: join(folder, 'cloud-process'),
    FERRY_CLOUD_PLAY: JSON.stringify(play),
    FERRY_CLOUD_PARAMETERS: JSON.stringify({ [SOURCE_PARAMETER]: store.source }),
    AWS_REGION: store.region,
    AWS_ACCESS_KEY_ID: store.target.accessKeyId,
    AWS_SECRET_ACCESS_KEY: store.target.secretAccessKey,
  };
  const call = async (path: string, request: RequestInit = {}): Promise<unknown> => {
    // A connection each: one that is kept would be found broken after a kill.
    const headers = { 'content-type': 'application/json', connection: 'close' };
    const response = await fetch(`${endpoint}/play/${path}`, { ...request, headers });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(`/play/${path} was answered with ${response.status}: ${JSON.stringify(answer)}`);
    return answer;
  };
  const start = async (): Promise<ManagedProcess> => {
    const play_ = await startProcess({
      name: 'the play of Batch',
      command: process.execPath,
      args: [CLOUD],
      environment,
      logFile: join(folder, 'logs', 'cloud-process.log'),
    });
    const probe = () => call('jobs');
    await waitUntilReady({ process: play_, until: 'it tells its jobs', timeoutMs: READY_MS, probe });
    return play_;
  };
  let running = await start();
  return {
    endpoint,
    jobs: () => call('jobs') as Promise<readonly BatchJobView[]>,
    disturbances: () => call('disturbances') as Promise<DisturbanceCounts>,
    command: (name, input) => call(name, { method: 'POST', body: JSON.stringify(input) }),
    async kill(downMs) {
      await running.stop(0);
      await delay(downMs);
      running = await start();
    },
    stop: () => running.stop(),
  };
}
