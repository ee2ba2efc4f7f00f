/** One live job for the same uploads: found by its name, submitted where there is none, and a double ended. */
import type { TransferLimit } from '../domain/bandwidth';
import { JOB_SHARE } from '../domain/bandwidth-share';
import type { CopyTask } from '../domain/copy-task';
import { toJobTask } from '../domain/job-task';
import type { BatchSpec } from '../domain/transfer';
import type { JobShare } from './bandwidth';
import type { Engine } from './engine';
import type { JobService, JobStatus, JobView } from './job-service';
import { hashOf } from './key-hash';
import { retrying } from './retry';

export interface JobRequest {
  /** At least one. */
  readonly tasks: readonly CopyTask[];
  /** The id of those that share jobs, of which these may be a part; absent: one alone. */
  readonly share?: string | undefined;
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

/** What the name of a job is made of. */
export interface JobKeys {
  readonly share?: string | undefined;
  readonly uploads: readonly Pick<CopyTask, 'targetKey' | 'uploadId'>[];
}

/** Deterministic: at most one live job for the same uploads. At most 128 letters, digits, hyphens and underscores. */
export function jobNameOf({ share, uploads }: JobKeys): string {
  const ids = uploads.map(({ uploadId = '' }) => uploadId).join('\n');
  return `${jobNamesBegin(share ?? hashOf(uploads[0]?.targetKey ?? ''))}${hashOf(ids).slice(0, 16)}`;
}

/** Of all jobs of those that share. */
export function jobNamesBegin(share: string): string {
  return `ferry-${share.slice(0, 16)}-`;
}

function jobKeysOf({ tasks: uploads, share }: Pick<JobRequest, 'tasks' | 'share'>): JobKeys {
  return { uploads, share };
}

/** Where a job of a transfer may be. */
export function queuesOf({ queue, onDemandQueue }: BatchSpec): string[] {
  return onDemandQueue === undefined ? [queue] : [queue, onDemandQueue];
}

export async function findOrSubmit(
  request: JobRequest,
  { bandwidth }: Pick<Engine, 'bandwidth'>,
  jobs: JobService,
  { last, retried, ends }: FindJobOptions,
): Promise<FoundJob> {
  const { tasks, batch, onDemand = false } = request;
  const jobName = jobNameOf(jobKeysOf(request));
  const limit = tasks[0]?.limit;
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
    const told = limit === undefined || share === undefined ? {} : { limit: given(limit, share) };
    const task = JSON.stringify(toJobTask(tasks.map((each) => ({ ...each, ...told }))));
    const order = { queue, jobDefinition: batch.jobDefinition, jobName, task, attempts };
    // Refused for their number they are no jobs. Any other error leaves that open, and the next attempt looks.
    const { jobId } = await retrying(() => jobs.submit(order), { only: 'Throttled', stop: ends });
    return { job: { jobId, queue, status: 'SUBMITTED', attempts: [] }, share, sure: !retried };
  } catch (error) {
    share?.end();
    throw error;
  }
}

/** Ends all live jobs for the same uploads but the one that is furthest on; returns that, and how many others there were. */
export async function endDoubles(
  request: JobRequest,
  jobs: JobService,
): Promise<{ readonly job: JobView | undefined; readonly ended: number }> {
  const [job, ...doubles] = await liveJobs(request.batch, jobs, jobNameOf(jobKeysOf(request)));
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
