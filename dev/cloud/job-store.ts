/** Keeps every job, in the order of submission and over restarts, and answers which ones a listing means. */
import { randomUUID } from 'node:crypto';
import { arn } from './batch-input';
import type { JobDefinition } from './job-definitions';
import type { Journal } from './journal';
import type { JobQueue } from './queues';
import type { AttemptOutcome, RetryStrategy } from './retry';
import type { Sight } from './visibility';

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
  /** What it takes of a compute environment's room. */
  readonly vcpus: number;
  readonly parameters: Readonly<Record<string, string>>;
  readonly retryStrategy: RetryStrategy;
  readonly timeoutSeconds?: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** An attempt that is under way. */
export interface CurrentAttempt {
  readonly computeEnvironment: string;
  readonly instanceId: string;
  readonly logStreamName: string;
  readonly startedAt: number;
  /** Once its process runs. */
  readonly pid?: number;
}

/** What changes of a job. */
export interface JobState {
  readonly attempts: JobAttempt[];
  current?: CurrentAttempt | undefined;
  status: JobStatus;
  statusReason?: string;
  startedAt?: number;
  stoppedAt?: number;
  /** Of the latest attempt. */
  logStreamName?: string;
  /** Why it was ended from outside: fails it for good. */
  verdict?: string;
  isCancelled: boolean;
  isTerminated: boolean;
}

export interface Job extends JobSpec, JobState, Sight {
  readonly id: string;
  readonly arn: string;
  readonly createdAt: number;
  /** Grows from submission to submission. */
  readonly sequence: number;
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
  /** Writes down what has changed of it. */
  save(job: Job): void;
  /** Unless it is over for so long that it is forgotten. */
  get(id: string): Job | undefined;
  /** As `get`, once DescribeJobs sees it. */
  described(id: string): Job | undefined;
  /** All that are in memory, forgotten ones too. */
  all(): readonly Job[];
  /** Newest first, as Batch lists; `next` is set while there are more. */
  list(query: JobQuery): { readonly jobs: readonly Job[]; readonly next?: string };
}

export interface JobStoreOptions {
  readonly journal: Journal;
  /** How long a job is known after its end. */
  readonly keepMs: number;
  drawSight(createdAt: number): Sight;
  /** The queue of a job of the journal; a job without a queue is forgotten. */
  queueOf(name: string): JobQueue | undefined;
}

const SUBMITTED = 'job';
const STATE = 'job-state';

export function createJobStore({ journal, keepMs, drawSight, queueOf }: JobStoreOptions): JobStore {
  const jobs = new Map<string, Job>();
  const isKnown = ({ stoppedAt = Infinity }: Job) => Date.now() < stoppedAt + keepMs;
  const get = (id: string): Job | undefined => {
    const job = jobs.get(id);
    return job && isKnown(job) ? job : undefined;
  };
  const save = (job: Job) => journal.write(STATE, job.id, stateOf(job));

  for (const [id, value] of [...journal.read(SUBMITTED)]) {
    const { queue: name, ...rest } = value as Omit<Job, 'queue'> & { readonly queue: string };
    const queue = queueOf(name);
    const job = queue && { ...rest, queue, ...(journal.read(STATE).get(id) as JobState), sequence: jobs.size };
    if (job && isKnown(job)) {
      jobs.set(id, job);
    } else {
      journal.remove(SUBMITTED, id);
      journal.remove(STATE, id);
    }
  }

  return {
    add(spec) {
      const id = randomUUID();
      const createdAt = Date.now();
      const job: Job = {
        ...spec,
        id,
        arn: arn('job', id),
        createdAt,
        ...drawSight(createdAt),
        sequence: jobs.size,
        attempts: [],
        status: 'SUBMITTED',
        isCancelled: false,
        isTerminated: false,
      };
      jobs.set(id, job);
      journal.write(SUBMITTED, id, { ...job, queue: job.queue.name });
      return job;
    },
    save,
    get,
    described(id) {
      const job = get(id);
      return job && job.describedAt <= Date.now() ? job : undefined;
    },
    all: () => [...jobs.values()],
    list(query) {
      const newestFirst = [...jobs.values()].reverse().filter((job) => isKnown(job) && isMeant(job, query));
      const start = query.after === undefined ? 0 : newestFirst.findIndex((job) => job.id === query.after) + 1;
      const page = newestFirst.slice(start, start + query.limit);
      const last = page.at(-1);
      return { jobs: page, ...(last && start + query.limit < newestFirst.length ? { next: last.id } : {}) };
    },
  };
}

function stateOf(job: Job): JobState {
  const { attempts, current, status, statusReason, startedAt, stoppedAt, logStreamName, verdict } = job;
  const state = { attempts, current, status, statusReason, startedAt, stoppedAt, logStreamName, verdict };
  // A copy: what is kept must not change with the job.
  return JSON.parse(
    JSON.stringify({ ...state, isCancelled: job.isCancelled, isTerminated: job.isTerminated }),
  ) as JobState;
}

/** Whether nothing will happen to the job any more. */
export function isOver(job: Job): boolean {
  return job.status === 'SUCCEEDED' || job.status === 'FAILED';
}

function isMeant(job: Job, query: JobQuery): boolean {
  if (job.queue.arn !== query.queueArn || job.listedAt > Date.now()) return false;
  if (query.names === undefined) return job.status === query.status;
  const name = job.name.toLowerCase();
  return query.names.some((each) => {
    const pattern = each.toLowerCase();
    return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
  });
}
