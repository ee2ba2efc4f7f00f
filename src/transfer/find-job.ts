/** One live job for an upload: found by its name, submitted where there is none, and a double ended. */
import type { TransferLimit } from '../domain/bandwidth';
import { JOB_SHARE } from '../domain/bandwidth-share';
import type { CopyTask } from '../domain/copy-task';
import type { BatchSpec } from '../domain/transfer';
import type { JobShare } from './bandwidth';
import type { Engine } from './engine';
import type { JobService, JobStatus, JobView } from './job-service';
import { hashOf } from './key-hash';
import { retrying } from './retry';

export interface JobRequest {
  readonly task: CopyTask;
  readonly batch: BatchSpec;
  /** The other queue: Spot has taken it away too often, or has no room for it. @default false */
  readonly onDemand?: boolean;
}

export interface FoundJob {
  readonly job: JobView;
  /** Absent: nobody shares out a limit here. */
  readonly share: JobShare | undefined;
  /** No attempt before this one can have submitted another. */
  readonly sure: boolean;
}

export interface FindJobOptions {
  /** The job that an earlier attempt waited for. */
  readonly last?: { readonly jobId: string; readonly bandwidth?: number } | undefined;
  /** An earlier attempt may have submitted one. */
  readonly retried: boolean;
  readonly ends: AbortSignal;
}

/** Deterministic: at most one live job an upload. At most 128 letters, digits, hyphens and underscores. */
export function jobNameOf({ targetKey, uploadId }: Pick<CopyTask, 'targetKey' | 'uploadId'>): string {
  return `ferry-${hashOf(targetKey).slice(0, 16)}-${hashOf(uploadId ?? '').slice(0, 16)}`;
}

/** Where a job of a transfer may be. */
export function queuesOf({ queue, onDemandQueue }: BatchSpec): string[] {
  return onDemandQueue === undefined ? [queue] : [queue, onDemandQueue];
}

export async function findOrSubmit(
  { task, batch, onDemand = false }: JobRequest,
  { bandwidth }: Pick<Engine, 'bandwidth'>,
  jobs: JobService,
  { last, retried, ends }: FindJobOptions,
): Promise<FoundJob> {
  const jobName = jobNameOf(task);
  const { limit } = task;
  const goesOn = async (job: JobView, rate: number | undefined): Promise<FoundJob> => {
    const given = rate === undefined ? {} : { rate };
    return { job, share: limit && (await bandwidth?.job?.(limit, { jobName, given })), sure: !retried };
  };
  if (last !== undefined) {
    const job = (await retrying(() => jobs.describe([last.jobId]))).get(last.jobId);
    if (job !== undefined) return goesOn(job, last.bandwidth);
  }
  const [live] = await liveJobs(batch, jobs, jobName);
  if (live !== undefined) return goesOn(live, limit?.bandwidth && limit.bandwidth * JOB_SHARE);
  const share = limit && (await bandwidth?.job?.(limit, { jobName, stop: ends }));
  const queue = onDemand ? (batch.onDemandQueue ?? batch.queue) : batch.queue;
  // Nobody takes an on-demand host away; what is interrupted there may be tried again all the same.
  const attempts = 1 + batch.reclaimsBeforeOnDemand;
  try {
    const told = limit === undefined || share === undefined ? task : { ...task, limit: given(limit, share) };
    const order = { queue, jobDefinition: batch.jobDefinition, jobName, task: JSON.stringify(told), attempts };
    // Refused for their number they are no jobs. Any other error leaves that open, and the next attempt looks.
    const { jobId } = await retrying(() => jobs.submit(order), { only: 'Throttled', stop: ends });
    return { job: { jobId, queue, status: 'SUBMITTED', attempts: [] }, share, sure: !retried };
  } catch (error) {
    share?.end();
    throw error;
  }
}

/** Ends all live jobs of the upload but the one that is furthest on; returns that, and how many others there were. */
export async function endDoubles(
  { task, batch }: JobRequest,
  jobs: JobService,
): Promise<{ readonly job: JobView | undefined; readonly ended: number }> {
  const [job, ...doubles] = await liveJobs(batch, jobs, jobNameOf(task));
  for (const { jobId } of doubles) {
    await retrying(() => jobs.terminate(jobId, 'Bucket Ferry: another job copies the same object; an answer was lost'));
  }
  return { job, ended: doubles.length };
}

const FURTHEST_FIRST: readonly JobStatus[] = ['RUNNING', 'STARTING', 'RUNNABLE', 'PENDING', 'SUBMITTED'];

/** The one that is furthest on first, so that whoever looks comes to the same. */
async function liveJobs(batch: BatchSpec, jobs: JobService, jobName: string): Promise<readonly JobView[]> {
  const live = await retrying(() => jobs.findLive(queuesOf(batch), jobName));
  const rank = ({ status }: JobView) => FURTHEST_FIRST.indexOf(status);
  return [...live].sort((a, b) => rank(a) - rank(b) || (a.jobId < b.jobId ? -1 : 1));
}

/** What a job is told of the limit is of this moment, not of the configuration. */
function given({ transfer }: TransferLimit, { rate }: JobShare): TransferLimit {
  return { transfer, ...(rate === undefined ? {} : { bandwidth: rate }) };
}
