/** One attempt of a job on a host of its own: runs its process, ends it when it is told to, and tells how it ended. */
import { constants } from 'node:os';
import type { ManagedProcess, ProcessEnd } from '../process';
import { type JobHost, startJobProcess } from './job-process';
import type { CurrentAttempt, Job } from './job-store';
import type { AttemptOutcome } from './retry';

export interface Attempt {
  /** Resolves when it has ended; `onRunning` is called once its process runs. */
  run(onRunning: (pid: number) => void): Promise<AttemptOutcome>;
  /** SIGTERM, and SIGKILL when that does not help in time; what has not begun yet ends as it begins. */
  end(): void;
  /** Takes its host away; with notice the process may end before. False when none runs, or the host goes already. */
  reclaim(noticeMs: number): boolean;
  /** Sends a signal to its process; the outcome is what is told of it. False when none runs. */
  signal(signal: NodeJS.Signals, outcome?: AttemptOutcome): boolean;
  stop(graceMs: number): Promise<void>;
}

export const ENDED = 'Essential container in task exited';

export function hostGone(instanceId: string): string {
  return `Host EC2 (instance ${instanceId}) terminated.`;
}

export function createAttempt(job: Job, current: CurrentAttempt, host: JobHost, killAfterMs: number): Attempt {
  let process: ManagedProcess | undefined;
  let isToEnd = false;
  let told: AttemptOutcome | undefined;
  let goes = false;
  const outcomeOf = (end: ProcessEnd): AttemptOutcome => {
    const exitCode = exitCodeOf(end);
    if (!goes) return { exitCode, statusReason: ENDED, ...told };
    // Whoever has done its work before the host went has done it; of a process that was killed nobody could tell.
    if (exitCode === 0) return { exitCode, statusReason: ENDED };
    return { ...(end.code === null ? {} : { exitCode }), statusReason: hostGone(current.instanceId) };
  };
  return {
    async run(onRunning) {
      try {
        process = await startJobProcess(job, current, host);
      } catch (error) {
        const reason = `CannotStartContainerError: ${error instanceof Error ? error.message : String(error)}`;
        return { reason, statusReason: 'Task failed to start' };
      }
      onRunning(process.pid);
      if (isToEnd) void process.stop(killAfterMs);
      return outcomeOf(await process.ended);
    },
    end() {
      isToEnd = true;
      void process?.stop(killAfterMs);
    },
    reclaim(noticeMs) {
      if (!process || process.end() || goes) return false;
      goes = true;
      void process.stop(noticeMs);
      return true;
    },
    signal(signal, outcome) {
      if (!process || process.end()) return false;
      told = outcome;
      return process.signal(signal);
    },
    async stop(graceMs) {
      await process?.stop(graceMs);
    },
  };
}

/** As a shell and Docker count: 128 and the signal's number for a process that was killed. */
function exitCodeOf({ code, signal }: ProcessEnd): number {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}
