/** Asks Batch for all the jobs that a worker waits for at once, 100 a request, and not for each by itself. */
import { MOST_DESCRIBED, type JobService, type JobView } from './job-service';
import { retrying } from './retry';

interface Waiting {
  readonly resolve: (job: JobView | undefined) => void;
  readonly reject: (error: unknown) => void;
}

export class JobPoller {
  private readonly waiting = new Map<string, Waiting[]>();
  private due = false;

  constructor(
    private readonly jobs: Pick<JobService, 'describe'>,
    private readonly everyMs: number,
  ) {}

  /** The job as the next poll finds it; undefined where Batch has forgotten it. Rejects with the error of the request. */
  next(jobId: string): Promise<JobView | undefined> {
    return new Promise((resolve, reject) => {
      const others = this.waiting.get(jobId);
      if (others === undefined) this.waiting.set(jobId, [{ resolve, reject }]);
      else others.push({ resolve, reject });
      if (this.due) return;
      this.due = true;
      setTimeout(() => void this.poll(), this.everyMs);
    });
  }

  private async poll(): Promise<void> {
    this.due = false;
    const asked = [...this.waiting];
    this.waiting.clear();
    for (let at = 0; at < asked.length; at += MOST_DESCRIBED) await this.ask(asked.slice(at, at + MOST_DESCRIBED));
  }

  private async ask(asked: readonly (readonly [string, readonly Waiting[]])[]): Promise<void> {
    try {
      const jobs = await retrying(() => this.jobs.describe(asked.map(([jobId]) => jobId)));
      for (const [jobId, waiting] of asked) for (const { resolve } of waiting) resolve(jobs.get(jobId));
    } catch (error) {
      for (const [, waiting] of asked) for (const { reject } of waiting) reject(error);
    }
  }
}
