/** The AWS Batch entrypoint: moves the parts of its tasks, and says by its exit code how that went. */
import { openCloud } from '../aws/cloud';
import { localEngine } from '../aws/local-engine';
import type { Environment } from '../config/environment';
import type { CopyTask } from '../domain/copy-task';
import { isTransferError } from '../domain/transfer-error';
import { formatBytes, formatRate } from '../domain/sizes';
import { fixedBandwidth } from '../transfer/bandwidth';
import { copyParts } from '../transfer/copy-parts';
import type { Engine } from '../transfer/engine';
import { readTasks } from './read-task';

/** The contract with the job definition's retry strategy: docs/architecture.md, "Batch job". */
export const JOB_EXIT = { stored: 0, failed: 1, notUnderstood: 64, interrupted: 75 } as const;

export type JobExit = (typeof JOB_EXIT)[keyof typeof JOB_EXIT];

/** SIGTERM reaches a job up to two minutes before its host is taken away; parts in flight get this long. */
const GRACE_MS = 20_000;
const PROGRESS_EVERY_MS = 5_000;

export interface JobOptions {
  readonly environment: Environment;
  readonly log: (message: string) => void;
  /** Aborted when the process is asked to end. */
  readonly stop: AbortSignal;
}

/** One object after the other; one that fails leaves the others to be copied. */
export async function runCopyJob({ environment, log, stop }: JobOptions): Promise<JobExit> {
  let tasks: ReturnType<typeof readTasks>;
  try {
    tasks = readTasks(environment.task);
  } catch (error) {
    return exitOf(error, log);
  }
  const [{ target, limit }] = tasks;
  const cloud = openCloud({ awsRegion: target.region, ...environment });
  const engine = { ...localEngine(cloud, environment, 'job'), bandwidth: fixedBandwidth(limit) };
  const over = graceAfter(stop);
  const ends = new Set<JobExit>();
  for (const [i, task] of tasks.entries()) {
    if (stop.aborted) return JOB_EXIT.interrupted;
    const say = tasks.length === 1 ? log : (message: string) => log(`${i + 1} of ${tasks.length}: ${message}`);
    ends.add(await Promise.race([copyTask(task, engine, { log: say, stop }), over]));
  }
  // What may pass is worth another try of the whole; what is stored is not sent again.
  return [JOB_EXIT.interrupted, JOB_EXIT.failed].find((end) => ends.has(end)) ?? JOB_EXIT.stored;
}

async function copyTask(
  task: CopyTask,
  engine: Engine,
  { log, stop }: Pick<JobOptions, 'log' | 'stop'>,
): Promise<JobExit> {
  const { bandwidth } = task.limit ?? {};
  const pace = bandwidth === undefined ? '' : `, at ${formatRate(bandwidth)} at most`;
  log(`copying ${task.pinned.key} (${formatBytes(task.pinned.size)}) into ${task.target.bucket}${pace}`);
  let loggedAt = 0;
  try {
    const { state, stored, sent } = await copyParts(task, engine, {
      stop,
      onProgress: ({ parts, bytes }) => {
        if (Date.now() - loggedAt < PROGRESS_EVERY_MS) return;
        loggedAt = Date.now();
        log(`${parts} parts stored, ${formatBytes(bytes)}`);
      },
    });
    log(`${state}: ${stored.parts} parts stored, ${sent.parts} of them sent by this job`);
    return state === 'complete' ? JOB_EXIT.stored : JOB_EXIT.interrupted;
  } catch (error) {
    return exitOf(error, log);
  }
}

/** Throws what is no failure of a transfer. */
function exitOf(error: unknown, log: (message: string) => void): JobExit {
  if (!isTransferError(error)) throw error;
  log(`${error.code}: ${error.message}`);
  if (error.code === 'JobNotUnderstood') return JOB_EXIT.notUnderstood;
  return error.retryable ? JOB_EXIT.interrupted : JOB_EXIT.failed;
}

function graceAfter(stop: AbortSignal): Promise<typeof JOB_EXIT.interrupted> {
  return new Promise((resolve) => {
    const over = () => setTimeout(() => resolve(JOB_EXIT.interrupted), GRACE_MS).unref();
    stop.addEventListener('abort', over, { once: true });
  });
}
