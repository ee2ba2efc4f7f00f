/** Keeps every job since the start, in the order of submission, and answers which ones a listing means. */
import { randomUUID } from 'node:crypto';
import { arn } from './batch-input';
import type { JobDefinition } from './job-definitions';
import type { JobQueue } from './queues';
import type { AttemptOutcome, RetryStrategy } from './retry';

export const JOB_STATUSES = ['SUBMITTED', 'PENDING', 'RUNNABLE', 'STARTING', 'RUNNING', 'SUCCEEDED', 'FAILED'] as const;

export type JobStatus = (typeof JOB_STATUSES)[number];

export interface JobAttempt extends AttemptOutcome {
  readonly logStreamName: string;
  readonly startedAt: number;
  readonly stoppedAt: number;
}

/** What a submission asks for, with the definition's defaults filled in. */
export interface JobSpec {
  readonly name: string;
  readonly queue: JobQueue;
  readonly definition: JobDefinition;
  readonly command: readonly string[];
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  readonly parameters: Readonly<Record<string, string>>;
  readonly retryStrategy: RetryStrategy;
  readonly timeoutSeconds?: number;
  readonly tags: Readonly<Record<string, string>>;
}

export interface Job extends JobSpec {
  readonly id: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly attempts: JobAttempt[];
  status: JobStatus;
  statusReason?: string;
  startedAt?: number;
  stoppedAt?: number;
  /** Of the latest attempt. */
  logStreamName?: string;
  isCancelled: boolean;
  isTerminated: boolean;
}

export interface JobQuery {
  readonly queueArn: string;
  readonly status?: JobStatus;
  /** Compared without regard to case; a trailing `*` compares the start alone. Leaves the status out of account. */
  readonly names?: readonly string[];
  readonly limit: number;
  readonly after?: string;
}

export interface JobStore {
  add(spec: JobSpec): Job;
  get(id: string): Job | undefined;
  all(): readonly Job[];
  /** Newest first, as Batch lists; `next` is set while there are more. */
  list(query: JobQuery): { readonly jobs: readonly Job[]; readonly next?: string };
}

export function createJobStore(): JobStore {
  const jobs = new Map<string, Job>();
  return {
    add(spec) {
      const id = randomUUID();
      const job: Job = {
        ...spec,
        id,
        arn: arn('job', id),
        createdAt: Date.now(),
        attempts: [],
        status: 'SUBMITTED',
        isCancelled: false,
        isTerminated: false,
      };
      jobs.set(id, job);
      return job;
    },
    get: (id) => jobs.get(id),
    all: () => [...jobs.values()],
    list(query) {
      const newestFirst = [...jobs.values()].reverse().filter((job) => isMeant(job, query));
      const start = query.after === undefined ? 0 : newestFirst.findIndex((job) => job.id === query.after) + 1;
      const page = newestFirst.slice(start, start + query.limit);
      const last = page.at(-1);
      return { jobs: page, ...(last && start + query.limit < newestFirst.length ? { next: last.id } : {}) };
    },
  };
}

/** Whether nothing will happen to the job any more. */
export function isOver(job: Job): boolean {
  return job.status === 'SUCCEEDED' || job.status === 'FAILED';
}

function isMeant(job: Job, query: JobQuery): boolean {
  if (job.queue.arn !== query.queueArn) return false;
  if (query.names === undefined) return job.status === query.status;
  const name = job.name.toLowerCase();
  return query.names.some((each) => {
    const pattern = each.toLowerCase();
    return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
  });
}
