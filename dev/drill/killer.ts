/** Kills one process at a time, and keeps the record of it. */
import { setTimeout as delay } from 'node:timers/promises';
import { senderOf } from '../cloud/job-process';
import type { BatchJobView } from '../cloud/job-view';
import type { ManagedProcess } from '../process';
import { toldJobs, type ToldJob } from './job-tasks';
import type { Kill } from './kill-record';
import type { ByHand, Site, WorkerSeat } from './site';

export interface RunningJob extends ToldJob {
  readonly view: BatchJobView;
}

/** What Batch tells of it: that its host was taken away. Then Batch itself runs the job again. */
export const HOST_GONE = { statusReason: 'Host EC2 (instance i-0123456789abcdef0) terminated.' } as const;

export interface Killer {
  readonly kills: readonly Kill[];
  /** Kills a worker and starts another in its seat; false when the given process has already gone. */
  worker(seat: WorkerSeat, moment: Kill['moment'], process?: ManagedProcess): Promise<boolean>;
  /** False when it was over before. */
  job(job: RunningJob, moment: Kill['moment'], outcome?: typeof HOST_GONE): Promise<boolean>;
  byHand(process: ByHand, what: string): Promise<boolean>;
  /** The jobs that have a process now. */
  runningJobs(): Promise<RunningJob[]>;
  /** No more kills; waits for the one under way. */
  close(): Promise<void>;
}

export function createKiller(site: Site, onKill: (kill: Kill) => void): Killer {
  const kills: Kill[] = [];
  let closed = false;
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = (work: () => Promise<boolean>): Promise<boolean> => {
    const turn = last.then(() => (closed ? false : work()));
    last = turn.catch(() => undefined);
    return turn;
  };
  const keep = (kill: Kill) => {
    kills.push(kill);
    onKill(kill);
  };
  const end = async (process: ManagedProcess, kill: Omit<Kill, 'at'>) => {
    const at = Date.now();
    if (!process.signal('SIGKILL')) return false;
    await process.ended;
    keep({ ...kill, at });
    return true;
  };
  const viewOf = (jobId: string) => site.stack.cloud.jobs().find((job) => job.jobId === jobId);

  return {
    kills,
    worker: (seat, moment, process = seat.process) =>
      inTurn(async () => {
        const { name: what, sender } = seat;
        if (!(await end(process, { victim: 'worker', moment, what, sender }))) return false;
        await site.startWorker(seat);
        return true;
      }),
    job: ({ view: { jobId, pid, attempts }, keys }, moment, outcome) =>
      inTurn(async () => {
        const at = Date.now();
        const isThere = () => viewOf(jobId)?.pid === pid && viewOf(jobId)?.status === 'RUNNING';
        if (!isThere() || !site.stack.cloud.killJob(jobId, 'SIGKILL', outcome)) return false;
        while (isThere()) await delay(2);
        keep({ victim: 'job', moment, what: keys.join(', '), sender: senderOf(jobId, attempts.length + 1), at });
        return true;
      }),
    byHand: ({ process, sender }, what) =>
      inTurn(() => end(process, { victim: 'hand', moment: 'random', what, sender })),
    async runningJobs() {
      const live = site.stack.cloud.jobs().filter(({ status, pid }) => status === 'RUNNING' && pid !== undefined);
      if (live.length === 0) return [];
      const jobs = live.map(({ jobId }) => jobId);
      const told = await toldJobs(site.batch, jobs);
      return live.flatMap((view) => {
        const known = told.get(view.jobId);
        return known === undefined ? [] : [{ view, ...known }];
      });
    },
    async close() {
      closed = true;
      await last;
    },
  };
}
