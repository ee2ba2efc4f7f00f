/** Lets AWS Batch move the parts: submits a job, or finds the one that an earlier attempt submitted, and waits until it is over. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TransferLimit } from '../domain/bandwidth';
import { JOB_SHARE } from '../domain/bandwidth-share';
import type { CopyTask } from '../domain/copy-task';
import type { BatchSpec } from '../domain/transfer';
import { isTransferError, TransferError } from '../domain/transfer-error';
import type { JobShare } from './bandwidth';
import type { Engine, MoveOptions } from './engine';
import { isOver, type JobService, type JobView } from './job-service';
import { hashOf } from './key-hash';
import { retrying } from './retry';
import { storedParts } from './stored-parts';

export interface RunJobRequest {
  readonly task: CopyTask;
  readonly batch: BatchSpec;
}

/** Plain JSON; a hint for the next attempt and a line for people. */
export interface JobProgress {
  readonly jobId: string;
  readonly status: string;
  readonly parts: number;
  readonly bytes: number;
  /** Its share of the transfer's limit: bytes a second. */
  readonly bandwidth?: number;
}

export interface RunJobOptions extends MoveOptions {
  /** The job that an earlier attempt waited for. */
  readonly last?: Pick<JobProgress, 'jobId' | 'bandwidth'>;
  readonly pollMs: number;
  /** Leaves the job to itself, and throws: another process takes it up. */
  readonly leave?: AbortSignal;
  readonly onProgress?: (progress: JobProgress) => void;
}

export interface RunJobResult {
  /** `over`: what it has done is to be read from the store. `stopped`: it was terminated because of `stop`. */
  readonly state: 'over' | 'stopped';
  readonly job: JobView;
}

/** Exit codes of `ferry job`; see docs/architecture.md. */
const EXIT_INTERRUPTED = 75;
const EXIT_NOT_UNDERSTOOD = 64;
/** ListParts costs a request for each 1,000 parts, so not every poll asks for it. */
const POLLS_PER_PARTS = 3;

export async function runJob(
  request: RunJobRequest,
  engine: Engine,
  jobs: JobService,
  options: RunJobOptions,
): Promise<RunJobResult> {
  const { stop, leave } = options;
  try {
    const { job, share } = await findOrSubmit(request, engine, jobs, options);
    return await untilOver(request, engine, jobs, { ...options, job, share }).finally(() => share?.end());
  } catch (error) {
    // It waited for its share still.
    if (stop?.aborted && error === stop.reason && !leave?.aborted) return { state: 'stopped', job: NEVER_SUBMITTED };
    throw error;
  }
}

const MOVING: ReadonlySet<JobView['status']> = new Set(['STARTING', 'RUNNING']);
const NEVER_SUBMITTED: JobView = { jobId: 'none', status: 'FAILED', statusReason: 'Never submitted', attempts: 0 };

interface Found {
  readonly job: JobView;
  /** Absent: nobody shares out a limit here. */
  readonly share: JobShare | undefined;
}

async function untilOver(
  request: RunJobRequest,
  engine: Engine,
  jobs: JobService,
  { stop, leave, pollMs, share, onProgress = () => undefined, ...options }: RunJobOptions & Found,
): Promise<RunJobResult> {
  const { rate } = share ?? {};
  const given = rate === undefined ? {} : { bandwidth: rate };
  let { job } = options;
  let stored = { parts: 0, bytes: 0 };
  let terminated = false;
  for (let poll = 0; !isOver(job); poll++) {
    if (poll % POLLS_PER_PARTS === 0 && !terminated) stored = await countStored(request.task, engine, stored);
    onProgress({ jobId: job.jobId, status: job.status, ...stored, ...given });
    share?.moves(MOVING.has(job.status));
    if (stop?.aborted && !terminated) {
      await retrying(() => jobs.terminate(job.jobId, 'Bucket Ferry: paused or cancelled; the parts are kept'));
      terminated = true;
    }
    const wake = [leave, terminated ? undefined : stop].filter((signal) => signal !== undefined);
    await sleep(pollMs, undefined, { signal: AbortSignal.any(wake) }).catch(() => undefined);
    leave?.throwIfAborted();
    job = (await retrying(() => jobs.describe(job.jobId))) ?? {
      ...job,
      status: 'FAILED',
      statusReason: 'Batch no longer knows the job',
    };
  }
  onProgress({ jobId: job.jobId, status: job.status, ...stored, ...given });
  if (terminated) return { state: 'stopped', job };
  if (job.status === 'FAILED') await explainFailure(request.task, engine, job);
  return { state: 'over', job };
}

/** Deterministic: at most one live job an upload. At most 128 letters, digits, hyphens and underscores. */
export function jobNameOf({ targetKey, uploadId }: Pick<CopyTask, 'targetKey' | 'uploadId'>): string {
  return `ferry-${hashOf(targetKey).slice(0, 16)}-${hashOf(uploadId ?? '').slice(0, 16)}`;
}

/** Where a job of a transfer may be. */
export function queuesOf({ queue, onDemandQueue }: BatchSpec): string[] {
  return onDemandQueue === undefined ? [queue] : [queue, onDemandQueue];
}

async function findOrSubmit(
  { task, batch }: RunJobRequest,
  { bandwidth }: Engine,
  jobs: JobService,
  { last, stop, leave }: RunJobOptions,
): Promise<Found> {
  const jobName = jobNameOf(task);
  const { limit } = task;
  const goesOn = async (job: JobView, rate: number | undefined): Promise<Found> => {
    const given = rate === undefined ? {} : { rate };
    return { job, share: limit && (await bandwidth?.job?.(limit, { jobName, given })) };
  };
  if (last !== undefined) {
    const job = await retrying(() => jobs.describe(last.jobId));
    if (job !== undefined) return goesOn(job, last.bandwidth);
  }
  const { queue, jobDefinition } = batch;
  const live = await retrying(() => jobs.findLive(queuesOf(batch), jobName));
  if (live !== undefined) return goesOn(live, limit?.bandwidth && limit.bandwidth * JOB_SHARE);
  const ends = [stop, leave].filter((signal) => signal !== undefined);
  const share = limit && (await bandwidth?.job?.(limit, { jobName, stop: AbortSignal.any(ends) }));
  try {
    const told = limit === undefined || share === undefined ? task : { ...task, limit: given(limit, share) };
    const { jobId } = await jobs.submit({ queue, jobDefinition, jobName, task: JSON.stringify(told) });
    return { job: { jobId, status: 'SUBMITTED', attempts: 0 }, share };
  } catch (error) {
    share?.end();
    throw error;
  }
}

/** What a job is told of the limit is of this moment, not of the configuration. */
function given({ transfer }: TransferLimit, { rate }: JobShare): TransferLimit {
  return { transfer, ...(rate === undefined ? {} : { bandwidth: rate }) };
}

async function countStored(
  task: CopyTask,
  engine: Engine,
  last: { parts: number; bytes: number },
): Promise<{ parts: number; bytes: number }> {
  try {
    const upload = { key: task.targetKey, uploadId: task.uploadId ?? '' };
    const stored = { parts: 0, bytes: 0 };
    for (const { size } of (await storedParts(engine.openStore(task.target), upload, task.plan)).values()) {
      stored.parts += 1;
      stored.bytes += size;
    }
    return stored;
  } catch (error) {
    if (isTransferError(error)) return last;
    throw error;
  }
}

/** Returns where the job may be run again; what made it fail is read from the store, not from the job. */
async function explainFailure(task: CopyTask, engine: Engine, job: JobView): Promise<void> {
  const { key, etag } = task.pinned;
  const source = await retrying(() => engine.openStore(task.source).head({ key }));
  if (source === undefined) throw new TransferError('SourceGone', `${key} was deleted while it was copied`, { key });
  if (source.etag !== etag)
    throw new TransferError('SourceChanged', `${key} was replaced while it was copied`, { key });
  if (job.exitCode === EXIT_INTERRUPTED || (job.statusReason ?? '').startsWith('Host EC2')) return;
  const where = `Batch job ${job.jobId}${job.logStream === undefined ? '' : `, log stream ${job.logStream}`}`;
  if (job.exitCode === EXIT_NOT_UNDERSTOOD) {
    throw new TransferError(
      'JobNotUnderstood',
      `${where}: the job's image does not understand the task; deploy worker and image together`,
      { key },
    );
  }
  throw new TransferError(
    'JobFailed',
    `${where} failed: ${job.statusReason ?? 'no reason given'} (exit code ${job.exitCode ?? 'none'})`,
    { key },
  );
}
