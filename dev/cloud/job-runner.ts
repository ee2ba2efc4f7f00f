/** Takes each job through the states of Batch: waits for room, runs attempts, retries, times out, terminates. */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../log';
import { type Attempt, createAttempt, ENDED, hostGone } from './attempt';
import type { Compute } from './compute';
import { createJobLines } from './job-lines';
import { type JobHost, nextLogStream } from './job-process';
import { type CurrentAttempt, isOver, type Job, type JobStatus } from './job-store';
import { endLeftover } from './leftover';
import { type AttemptOutcome, shouldRetry } from './retry';

export interface JobRunnerOptions {
  readonly host: JobHost;
  readonly compute: Compute;
  /** Writes down what has changed of a job. */
  save(job: Job): void;
  /** How long a job stays in each state that only passes. */
  readonly stateDelayMs: number;
  /** From SIGTERM to SIGKILL. */
  readonly killAfterMs: number;
  /** What a second of a job's timeout lasts. */
  readonly secondMs: number;
  readonly log: Log;
}

export interface JobRunner {
  submit(job: Job): void;
  /** Goes on with the jobs of an earlier process; those that ran have lost their host. */
  recover(jobs: readonly Job[]): void;
  /** Ends it wherever it is; it fails with this reason and is not retried. */
  terminate(job: Job, reason: string): void;
  /** Ends it if it has not begun to start; leaves it alone otherwise. */
  cancel(job: Job, reason: string): void;
  /** Sends a signal to its process; the outcome is what Batch would tell of it. False when none runs. */
  kill(job: Job, signal: NodeJS.Signals, outcome?: AttemptOutcome): boolean;
  /** Takes its host away, after SIGTERM and a time if there is one. False when its host is not there to be taken. */
  reclaim(job: Job, noticeMs: number): boolean;
  /** Starts what has room by now. */
  fill(): void;
  /** Ends every process. What ran stays as it is written down, for a next start. */
  stop(): Promise<void>;
}

const TIMED_OUT = 'Job attempt duration exceeded timeout';
const STOP_GRACE_MS = 2_000;

export function createJobRunner(options: JobRunnerOptions): JobRunner {
  const { host, compute, save, killAfterMs, log } = options;
  const lines = createJobLines();
  const running = new Map<Job, Attempt>();
  const stopping = new AbortController();

  const move = (job: Job, status: JobStatus, note = ''): void => {
    job.status = status;
    save(job);
    log(`batch: ${job.name} (${job.id.slice(0, 8)}) ${status}${note}`);
  };
  const fail = (job: Job, reason: string): void => {
    job.statusReason = reason;
    job.stoppedAt = Date.now();
    move(job, 'FAILED', `: ${reason}`);
  };
  const passingDelay = () => delay(options.stateDelayMs, undefined, { signal: stopping.signal });
  /** Runs on its own; ends silently when the stand-in stops. */
  const inBackground = (work: Promise<void>): void => {
    work.catch((error: unknown) => {
      if (!stopping.signal.aborted) log(`batch: the stand-in failed: ${String(error)}`);
    });
  };

  async function prepare(job: Job): Promise<void> {
    for (const status of ['PENDING', 'RUNNABLE'] as const) {
      await passingDelay();
      if (isOver(job)) return;
      move(job, status);
    }
    await passingDelay();
    enqueue(job);
  }

  function enqueue(job: Job): void {
    lines.add(job);
    fill();
  }

  function fill(): void {
    if (stopping.signal.aborted) return;
    lines.offer((job) => {
      const computeEnvironment = compute.take(job.queue.computeEnvironments, job.vcpus);
      if (computeEnvironment !== undefined) inBackground(runAttempt(job, computeEnvironment));
      return computeEnvironment !== undefined;
    });
  }

  async function runAttempt(job: Job, computeEnvironment: string): Promise<void> {
    const instanceId = `i-${randomBytes(9).toString('hex').slice(1)}`;
    const current = { computeEnvironment, instanceId, logStreamName: nextLogStream(job), startedAt: Date.now() };
    const attempt = createAttempt(job, current, host, killAfterMs);
    running.set(job, attempt);
    job.current = current;
    try {
      move(job, 'STARTING');
      await passingDelay();
      job.current = { ...current, startedAt: Date.now() };
      const outcome = job.verdict === undefined ? await runProcess(job, attempt) : {};
      if (!stopping.signal.aborted) conclude(job, job.current, outcome);
    } finally {
      running.delete(job);
      compute.give(computeEnvironment, job.vcpus);
      fill();
    }
  }

  async function runProcess(job: Job, attempt: Attempt): Promise<AttemptOutcome> {
    let timer: NodeJS.Timeout | undefined;
    const outcome = await attempt.run((pid) => {
      if (stopping.signal.aborted) return void attempt.stop(0);
      const current = job.current as CurrentAttempt;
      job.current = { ...current, pid };
      job.logStreamName = current.logStreamName;
      job.startedAt ??= Date.now();
      move(job, 'RUNNING', `, attempt ${job.attempts.length + 1}, process ${pid}`);
      if (job.timeoutSeconds !== undefined) {
        timer = setTimeout(() => end(job, attempt, TIMED_OUT), job.timeoutSeconds * options.secondMs);
      }
    });
    clearTimeout(timer);
    return outcome;
  }

  /** Ends the attempt that is under way, and decides what comes of the job. */
  function conclude(job: Job, { logStreamName, startedAt }: CurrentAttempt, outcome: AttemptOutcome): void {
    const statusReason = job.verdict ?? outcome.statusReason ?? ENDED;
    job.attempts.push({ ...outcome, statusReason, logStreamName, startedAt, stoppedAt: Date.now() });
    delete job.current;
    if (job.verdict !== undefined) return fail(job, job.verdict);
    if (outcome.exitCode === 0) {
      job.statusReason = ENDED;
      job.stoppedAt = Date.now();
      return move(job, 'SUCCEEDED');
    }
    if (!shouldRetry(job.retryStrategy, job.attempts.length, outcome)) return fail(job, statusReason);
    move(job, 'RUNNABLE', `: ${statusReason}, exit code ${outcome.exitCode ?? 'none'}, tried again`);
    inBackground(passingDelay().then(() => enqueue(job)));
  }

  function end(job: Job, attempt: Attempt, verdict: string): void {
    job.verdict ??= verdict;
    save(job);
    attempt.end();
  }

  return {
    submit: (job) => inBackground(prepare(job)),
    recover(jobs) {
      for (const job of jobs.filter((each) => !isOver(each))) {
        if (job.current) {
          if (job.current.pid !== undefined) endLeftover(job.current.pid, job.id);
          conclude(job, job.current, { statusReason: hostGone(job.current.instanceId) });
        } else if (job.status === 'RUNNABLE') {
          enqueue(job);
        } else {
          inBackground(prepare(job));
        }
      }
    },
    terminate(job, reason) {
      if (isOver(job)) return;
      job.isTerminated = true;
      const attempt = running.get(job);
      if (attempt) end(job, attempt, reason);
      else fail(job, reason);
    },
    cancel(job, reason) {
      if (isOver(job) || running.has(job)) return;
      job.isCancelled = true;
      fail(job, reason);
    },
    kill: (job, signal, outcome) => running.get(job)?.signal(signal, outcome) ?? false,
    reclaim(job, noticeMs) {
      const taken = running.get(job)?.reclaim(noticeMs) ?? false;
      if (taken) log(`batch: the host of ${job.name} (${job.id.slice(0, 8)}) is reclaimed`);
      return taken;
    },
    fill,
    async stop() {
      stopping.abort();
      await Promise.all([...running.values()].map((attempt) => attempt.stop(STOP_GRACE_MS)));
    },
  };
}
