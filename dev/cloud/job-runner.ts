/** Takes each job through the states of Batch: waits for a slot, runs attempts, retries, times out, terminates. */
import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../log';
import type { ManagedProcess, ProcessEnd } from '../process';
import { type JobHost, nextLogStream, startJobProcess } from './job-process';
import { isOver, type Job, type JobStatus } from './job-store';
import { type AttemptOutcome, shouldRetry } from './retry';

export interface JobRunnerOptions {
  readonly host: JobHost;
  /** Jobs of one queue that run at once. */
  readonly slots: number;
  /** How long a job stays in each state that only passes. */
  readonly stateDelayMs: number;
  /** From SIGTERM to SIGKILL, when a job is terminated or its time is over. */
  readonly killAfterMs: number;
  readonly log: Log;
}

export interface JobRunner {
  submit(job: Job): void;
  /** Ends it wherever it is; it fails with this reason and is not retried. */
  terminate(job: Job, reason: string): void;
  /** Ends it if it has not begun to start; leaves it alone otherwise. */
  cancel(job: Job, reason: string): void;
  /** Sends a signal to its process; the outcome is what Batch would tell of it. False when none runs. */
  kill(job: Job, signal: NodeJS.Signals, outcome?: AttemptOutcome): boolean;
  pid(job: Job): number | undefined;
  /** No attempt begins until what it returns is called: a queue that finds no host. */
  withholdCapacity(): () => void;
  stop(): Promise<void>;
}

interface Attempt {
  process?: ManagedProcess;
  /** Why it was ended from outside: fails the job for good. */
  verdict?: string;
  /** What is told of its end in place of what the process shows. */
  outcome?: AttemptOutcome;
}

const ENDED = 'Essential container in task exited';
const TIMED_OUT = 'Job attempt duration exceeded timeout';
const STOP_GRACE_MS = 2_000;

export function createJobRunner(options: JobRunnerOptions): JobRunner {
  const { host, log } = options;
  const waiting = new Map<string, Job[]>();
  const current = new Map<Job, Attempt>();
  const stopping = new AbortController();
  let withheld = 0;

  const move = (job: Job, status: JobStatus, note = ''): void => {
    job.status = status;
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
    waiting.set(job.queue.name, [...(waiting.get(job.queue.name) ?? []), job]);
    fillSlots(job.queue.name);
  }

  function fillSlots(queue: string): void {
    const line = (waiting.get(queue) ?? []).filter((job) => !isOver(job));
    const busy = [...current.keys()].filter((job) => job.queue.name === queue).length;
    const started = stopping.signal.aborted || withheld > 0 ? [] : line.splice(0, Math.max(0, options.slots - busy));
    waiting.set(queue, line);
    for (const job of started) inBackground(runAttempt(job));
  }

  async function runAttempt(job: Job): Promise<void> {
    const attempt: Attempt = {};
    current.set(job, attempt);
    try {
      move(job, 'STARTING');
      await passingDelay();
      const startedAt = Date.now();
      job.logStreamName = nextLogStream(job);
      const outcome =
        attempt.verdict === undefined ? await runProcess(job, attempt) : { statusReason: attempt.verdict };
      job.attempts.push({ ...outcome, logStreamName: job.logStreamName, startedAt, stoppedAt: Date.now() });
      settle(job, attempt, outcome);
    } finally {
      current.delete(job);
      fillSlots(job.queue.name);
    }
  }

  async function runProcess(job: Job, attempt: Attempt): Promise<AttemptOutcome> {
    try {
      attempt.process = await startJobProcess(job, host);
    } catch (error) {
      const reason = `CannotStartContainerError: ${error instanceof Error ? error.message : String(error)}`;
      return { reason, statusReason: 'Task failed to start' };
    }
    const { process } = attempt;
    if (stopping.signal.aborted) await process.stop(0);
    job.startedAt ??= Date.now();
    move(job, 'RUNNING', `, attempt ${job.attempts.length + 1}, process ${process.pid}`);
    if (attempt.verdict !== undefined) void process.stop(options.killAfterMs);
    const timer = job.timeoutSeconds && setTimeout(() => end(attempt, TIMED_OUT), job.timeoutSeconds * 1000);
    const exit = await process.ended;
    clearTimeout(timer);
    return { exitCode: exitCodeOf(exit), statusReason: attempt.verdict ?? ENDED, ...attempt.outcome };
  }

  function settle(job: Job, attempt: Attempt, outcome: AttemptOutcome): void {
    if (stopping.signal.aborted) return fail(job, 'The stand-in was stopped');
    if (attempt.verdict !== undefined) return fail(job, attempt.verdict);
    if (outcome.exitCode === 0) {
      job.statusReason = ENDED;
      job.stoppedAt = Date.now();
      return move(job, 'SUCCEEDED');
    }
    if (!shouldRetry(job.retryStrategy, job.attempts.length, outcome)) return fail(job, outcome.statusReason ?? ENDED);
    move(job, 'RUNNABLE', `: exit code ${outcome.exitCode ?? 'none'}, tried again`);
    inBackground(passingDelay().then(() => enqueue(job)));
  }

  function end(attempt: Attempt, verdict: string): void {
    attempt.verdict ??= verdict;
    void attempt.process?.stop(options.killAfterMs);
  }

  return {
    submit: (job) => inBackground(prepare(job)),
    terminate(job, reason) {
      if (isOver(job)) return;
      job.isTerminated = true;
      const attempt = current.get(job);
      if (attempt) end(attempt, reason);
      else fail(job, reason);
    },
    cancel(job, reason) {
      if (isOver(job) || current.has(job)) return;
      job.isCancelled = true;
      fail(job, reason);
    },
    kill(job, signal, outcome) {
      const attempt = current.get(job);
      if (!attempt?.process) return false;
      if (outcome) attempt.outcome = outcome;
      return attempt.process.signal(signal);
    },
    pid: (job) => current.get(job)?.process?.pid,
    withholdCapacity() {
      withheld += 1;
      let given = false;
      return () => {
        if (given) return;
        given = true;
        withheld -= 1;
        for (const queue of waiting.keys()) fillSlots(queue);
      };
    },
    async stop() {
      stopping.abort();
      const processes = [...current.values()].flatMap((attempt) => attempt.process ?? []);
      await Promise.all(processes.map((process) => process.stop(STOP_GRACE_MS)));
    },
  };
}

/** As a shell and Docker count: 128 and the signal's number for a process that was killed. */
function exitCodeOf({ code, signal }: ProcessEnd): number {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}
