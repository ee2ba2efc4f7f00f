/** The Batch jobs of one transfer that this process waits for: each has a part of the limit, or waits until one is free. */
import { JOB_SHARE, MOST_JOBS, type Claim } from '../domain/bandwidth-share';
import type { BandwidthBoard, JobShare, JobShareRequest } from './bandwidth';

interface Job {
  /** Bytes a second; 0 while it waits for room, undefined where there is no limit. */
  rate: number | undefined;
  moves: boolean;
  /** Set while it waits for room. */
  begin?: (() => void) | undefined;
}

export class JobRoom {
  private readonly jobs = new Map<string, Job>();

  /** `onChange` is called where the others should be looked at, or told, before long. */
  constructor(
    private readonly transfer: string,
    private readonly board: BandwidthBoard,
    private readonly onChange: () => void,
  ) {}

  /** Of those that run and those that wait. */
  get size(): number {
    return this.jobs.size;
  }

  /** Resolves when there is room for it among the jobs of all processes; at once where it runs already. */
  async job({ jobName, given, stop }: JobShareRequest): Promise<JobShare> {
    stop?.throwIfAborted();
    const job: Job = { rate: given === undefined ? 0 : given.rate, moves: false };
    this.jobs.set(jobName, job);
    const end = () => {
      if (this.jobs.get(jobName) !== job) return;
      this.jobs.delete(jobName);
      this.board.withdraw(this.transfer, jobName);
    };
    try {
      if (given === undefined) await this.room(job, stop);
    } catch (error) {
      end();
      throw error;
    }
    this.onChange();
    const moves = (yes: boolean) => {
      if (job.moves === yes) return;
      job.moves = yes;
      this.onChange();
    };
    return { ...(job.rate === undefined ? {} : { rate: job.rate }), moves, end };
  }

  /** Without claims all may begin: nobody is kept waiting for those who cannot be seen. */
  admit(limit: number | undefined, claims?: readonly Claim[]): void {
    for (const [jobName, job] of this.jobs) {
      if (job.begin === undefined || (claims !== undefined && !hasRoom(jobName, claims))) continue;
      job.rate = limit === undefined ? undefined : Math.floor(limit * JOB_SHARE);
      job.begin();
      job.begin = undefined;
    }
  }

  show(): void {
    for (const [process, { rate = 0, moves }] of this.jobs)
      this.board.show(this.transfer, { process, copies: moves ? 1 : 0, want: rate, job: true });
  }

  withdraw(): void {
    for (const name of this.jobs.keys()) this.board.withdraw(this.transfer, name);
  }

  private room(job: Job, stop: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = () => reject(stop?.reason as Error);
      stop?.addEventListener('abort', giveUp, { once: true });
      job.begin = () => {
        stop?.removeEventListener('abort', giveUp);
        resolve();
      };
      this.onChange();
    });
  }
}

/** Jobs that have their share already come first, then the others by name. One that nobody sees yet has none. */
function hasRoom(jobName: string, claims: readonly Claim[]): boolean {
  const jobs = claims.filter(({ job }) => job === true);
  const before = jobs.filter(({ process, want }) => want > 0 || process < jobName);
  return jobs.some(({ process }) => process === jobName) && before.length < MOST_JOBS;
}
