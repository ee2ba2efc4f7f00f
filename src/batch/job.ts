/** The AWS Batch entrypoint: moves the parts of one task, and says by its exit code how that went. */
import { openCloud } from '../aws/cloud';
import { localEngine } from '../aws/local-engine';
import type { Environment } from '../config/environment';
import { isTransferError } from '../domain/transfer-error';
import { formatBytes, formatRate } from '../domain/sizes';
import { fixedBandwidth } from '../transfer/bandwidth';
import { copyParts } from '../transfer/copy-parts';
import { readTask } from './read-task';

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

export async function runCopyJob({ environment, log, stop }: JobOptions): Promise<JobExit> {
  try {
    const task = readTask(environment.task);
    const cloud = openCloud({ awsRegion: task.target.region, ...environment });
    const engine = { ...localEngine(cloud, environment, 'job'), bandwidth: fixedBandwidth(task.limit) };
    const { bandwidth } = task.limit ?? {};
    const pace = bandwidth === undefined ? '' : `, at ${formatRate(bandwidth)} at most`;
    log(`copying ${task.pinned.key} (${formatBytes(task.pinned.size)}) into ${task.target.bucket}${pace}`);
    let loggedAt = 0;
    const move = copyParts(task, engine, {
      stop,
      onProgress: ({ parts, bytes }) => {
        if (Date.now() - loggedAt < PROGRESS_EVERY_MS) return;
        loggedAt = Date.now();
        log(`${parts} parts stored, ${formatBytes(bytes)}`);
      },
    });
    const result = await Promise.race([move, graceAfter(stop)]);
    if (result === 'interrupted') return JOB_EXIT.interrupted;
    const { state, stored, sent } = result;
    log(`${state}: ${stored.parts} parts stored, ${sent.parts} of them sent by this job`);
    return state === 'complete' ? JOB_EXIT.stored : JOB_EXIT.interrupted;
  } catch (error) {
    if (!isTransferError(error)) throw error;
    log(`${error.code}: ${error.message}`);
    if (error.code === 'JobNotUnderstood') return JOB_EXIT.notUnderstood;
    return error.retryable ? JOB_EXIT.interrupted : JOB_EXIT.failed;
  }
}

function graceAfter(stop: AbortSignal): Promise<'interrupted'> {
  return new Promise((resolve) => {
    stop.addEventListener('abort', () => setTimeout(() => resolve('interrupted'), GRACE_MS).unref(), { once: true });
  });
}
