/** Lets AWS Batch move the parts: submits a job, or finds the one that an earlier attempt submitted, and waits until it is over. */
import type { PartsProgress } from '../domain/copy-task';
import { countStored, storedAsTold, type StoredTold } from './count-stored';
import type { Engine, MoveOptions } from './engine';
import { endDoubles, findOrSubmit, type FoundJob, type JobRequest } from './find-job';
import { tellAttempts, type AttemptTold } from './job-attempts';
import { judgeEnd, type JobEnd, type TaskFailure } from './job-end';
import type { JobPoller } from './job-poller';
import { isOver, lastOfArn, type JobService, type JobView } from './job-service';
import { retrying } from './retry';

/** Plain JSON; a hint for the next attempt and a line for people. */
export interface JobProgress extends StoredTold {
  readonly jobId: string;
  readonly status: string;
  readonly queue: string;
  /** Those of the job that are over. */
  readonly attempts: readonly AttemptTold[];
  /** It waits for room in its queue since then: ms. */
  readonly runnableSince?: number;
  /** When it was submitted, or found: ms. */
  readonly begun: number;
  /** It has been looked for doubles. */
  readonly looked?: true;
  /** Jobs of the same upload that were ended, as there were two. */
  readonly doubles?: number;
  /** Its share of the transfer's limit: bytes a second. */
  readonly bandwidth?: number;
}

export interface RunJobOptions extends MoveOptions {
  /** What an earlier attempt has last told. */
  readonly last?: Pick<JobProgress, 'jobId'> & Partial<JobProgress>;
  /** An earlier attempt may have submitted a job. @default false */
  readonly retried?: boolean;
  readonly poller: Pick<JobPoller, 'next'>;
  /** Leaves the job to itself, and throws: another process takes it up. */
  readonly leave?: AbortSignal;
  readonly onProgress?: (progress: JobProgress) => void;
  /** By then a listing shows what was submitted: ms after that. @default 30_000 */
  readonly lookAgainMs?: number;
}

export interface RunJobResult {
  /** `over`: what it has done is to be read from the store. `stopped`: it was terminated because of `stop`. */
  readonly state: 'over' | 'stopped';
  /** `noRoom`: its queue had no room for it until the deadline; it was ended, and the other queue is to be tried. */
  readonly end: JobEnd | 'noRoom' | 'stopped';
  readonly failures: readonly TaskFailure[];
  readonly job: JobView;
  readonly attempts: readonly AttemptTold[];
  readonly doubles: number;
}

/** ListParts costs a request for each 1,000 parts, so not every poll asks for it. */
const POLLS_PER_PARTS = 3;
const LOOK_AGAIN_MS = 30_000;

export async function runJob(
  request: JobRequest,
  engine: Engine,
  jobs: JobService,
  options: RunJobOptions,
): Promise<RunJobResult> {
  const { stop, leave, last, retried = false } = options;
  const ends = AbortSignal.any([stop, leave].filter((signal) => signal !== undefined));
  try {
    const found = await findOrSubmit(request, engine, jobs, { last, retried, ends });
    return await new Watch(request, engine, jobs, options, found).untilOver().finally(() => found.share?.end());
  } catch (error) {
    // It waited for its share still.
    if (stop?.aborted && error === stop.reason && !leave?.aborted)
      return { state: 'stopped', end: 'stopped', failures: [], job: NEVER_SUBMITTED, attempts: [], doubles: 0 };
    throw error;
  }
}

const MOVING: ReadonlySet<JobView['status']> = new Set(['STARTING', 'RUNNING']);
const NEVER_SUBMITTED: JobView = { jobId: 'none', status: 'FAILED', queue: '', statusReason: 'Never submitted', attempts: [] }; // prettier-ignore

class Watch {
  private job: JobView;
  /** Of each task. */
  private stored: readonly PartsProgress[];
  private attempts: readonly AttemptTold[];
  private runnableSince: number | undefined;
  private doubles: number;
  private ending: 'stopped' | 'noRoom' | undefined;
  private readonly begun: number;
  private looked: boolean;

  constructor(
    private readonly request: JobRequest,
    private readonly engine: Engine,
    private readonly jobs: JobService,
    private readonly options: RunJobOptions,
    private readonly found: FoundJob,
  ) {
    const { last } = options;
    this.job = found.job;
    const same = last?.jobId === found.job.jobId ? last : undefined;
    this.stored = storedAsTold(request.tasks, same);
    this.attempts = same?.attempts ?? [];
    this.runnableSince = same?.runnableSince;
    this.doubles = last?.doubles ?? 0;
    this.looked = same?.looked === true;
    this.begun = same?.begun ?? Date.now();
  }

  async untilOver(): Promise<RunJobResult> {
    for (let poll = 0; !isOver(this.job); poll++) {
      await this.count(poll % POLLS_PER_PARTS === 0);
      this.tell();
      this.found.share?.moves(MOVING.has(this.job.status));
      await this.endIfAsked();
      if (Date.now() - this.begun >= this.lookAgainMs) await this.lookForDoubles();
      await this.next();
    }
    await this.count(true);
    this.tell();
    // One that a lost answer has left may be seen only now; it would begin when there is room.
    if (!this.found.sure) await this.lookLate();
    const { job, attempts, doubles, ending } = this;
    const facts = { job, attempts, doubles };
    if (ending !== undefined)
      return { state: ending === 'stopped' ? 'stopped' : 'over', end: ending, failures: [], ...facts };
    return { state: 'over', ...(await judgeEnd(this.request.tasks, this.engine, job)), ...facts };
  }

  private get lookAgainMs(): number {
    return this.options.lookAgainMs ?? LOOK_AGAIN_MS;
  }

  /** At the next poll; at once where it is to be ended, and when it is time to look for doubles. */
  private async next(): Promise<void> {
    const { stop, leave, poller } = this.options;
    const { jobId } = this.job;
    const isWatched = this.ending === undefined;
    const lookInMs = Math.max(1, this.begun + this.lookAgainMs - Date.now());
    const look = isWatched && !this.looked ? AbortSignal.timeout(lookInMs) : undefined;
    const woken = isWatched ? [leave, stop, look] : [leave];
    const found = await interrupted(poller.next(jobId), woken);
    leave?.throwIfAborted();
    if (found === 'interrupted') return;
    this.job = found ?? { ...this.job, status: 'FAILED', statusReason: 'Batch no longer knows the job' };
    if (this.job.status !== 'RUNNABLE') this.runnableSince = undefined;
    else this.runnableSince ??= Date.now();
  }

  private async endIfAsked(): Promise<void> {
    const { stop } = this.options;
    if (this.ending === undefined && stop?.aborted) {
      await this.terminate('Bucket Ferry: paused or cancelled; the parts are kept');
      this.ending = 'stopped';
    }
    if (this.ending === undefined && this.hasWaitedTooLong()) {
      await this.terminate('Bucket Ferry: no room in the queue until the deadline; the on-demand queue is tried');
      this.ending = 'noRoom';
    }
  }

  private hasWaitedTooLong(): boolean {
    const { onDemandQueue, runnableDeadlineMs } = this.request.batch;
    if (onDemandQueue === undefined || this.runnableSince === undefined) return false;
    // The configuration may name it by its ARN.
    if (lastOfArn(this.job.queue) === lastOfArn(onDemandQueue)) return false;
    return Date.now() - this.runnableSince >= runnableDeadlineMs;
  }

  private async terminate(reason: string): Promise<void> {
    await retrying(() => this.jobs.terminate(this.job.jobId, reason));
  }

  /** Once. The one that is furthest on is waited for from now on, be it this one or not. */
  private async lookForDoubles(): Promise<void> {
    if (this.looked || this.ending !== undefined) return;
    this.looked = true;
    const { job, ended } = await endDoubles(this.request, this.jobs);
    this.doubles += ended;
    if (job === undefined) return;
    // What was told of the other's attempts is not this one's.
    if (job.jobId !== this.job.jobId) this.attempts = [];
    this.job = job;
  }

  /** What this job has done stands in the store; no other is needed. */
  private async lookLate(): Promise<void> {
    const { leave } = this.options;
    while (!this.looked && Date.now() - this.begun < this.lookAgainMs) {
      await interrupted(this.options.poller.next(this.job.jobId), [leave]);
      leave?.throwIfAborted();
    }
    if (this.looked) return;
    const { job, ended } = await endDoubles(this.request, this.jobs);
    if (job !== undefined)
      await retrying(() => this.jobs.terminate(job.jobId, 'Bucket Ferry: another job has copied the same'));
    this.doubles += ended + (job === undefined ? 0 : 1);
  }

  private async count(due: boolean): Promise<void> {
    const ended = this.job.attempts.length > this.attempts.length;
    if ((due && this.ending === undefined) || ended) this.stored = await countStored(this.request.tasks, this.engine, this.stored); // prettier-ignore
    if (ended) this.attempts = tellAttempts(this.attempts, this.job, this.storedInAll.bytes);
  }

  private get storedInAll(): PartsProgress {
    const sum = (of: keyof PartsProgress) => this.stored.reduce((total, counts) => total + counts[of], 0);
    return { parts: sum('parts'), bytes: sum('bytes') };
  }

  private tell(): void {
    const { job, stored, attempts, runnableSince, doubles, begun, looked, found } = this;
    const { tasks, share } = this.request;
    const rate = found.share?.rate;
    const each = Object.fromEntries(tasks.map(({ pinned: { key } }, i) => [key, stored[i]?.bytes ?? 0]));
    this.options.onProgress?.({
      ...{ jobId: job.jobId, status: job.status, queue: job.queue, begun, ...this.storedInAll, attempts },
      ...(share === undefined ? {} : { each }),
      ...(runnableSince === undefined ? {} : { runnableSince }),
      ...(looked ? { looked } : {}),
      ...(doubles === 0 ? {} : { doubles }),
      ...(rate === undefined ? {} : { bandwidth: rate }),
    });
  }
}

/** `interrupted`: one of the signals came first. */
async function interrupted<T>(answer: Promise<T>, signals: readonly (AbortSignal | undefined)[]) {
  const signal = AbortSignal.any(signals.filter((each) => each !== undefined));
  if (signal.aborted) return 'interrupted' as const;
  let wake = () => undefined as void;
  const aborted = new Promise<'interrupted'>((resolve) => {
    wake = () => resolve('interrupted');
    signal.addEventListener('abort', wake, { once: true });
  });
  // Nobody may be left to hear of it.
  answer.catch(() => undefined);
  return Promise.race([answer, aborted]).finally(() => signal.removeEventListener('abort', wake));
}
