/** A `JobService` over a Map: each look at a job takes it a step further. */
import type { TransferError } from '../../src/domain/transfer-error';
import { isOver, type JobService, type JobView } from '../../src/transfer/job-service';

type Step = Omit<JobView, 'jobId' | 'attempts'> & { readonly attempts?: number };
export type Submitted = Parameters<JobService['submit']>[0];

interface Job {
  readonly name: string;
  readonly queue: string;
  view: JobView;
  steps: readonly Step[];
}

export class MemoryJobs implements JobService {
  readonly jobs = new Map<string, Job>();
  readonly submitted: Submitted[] = [];
  readonly terminated: string[] = [];
  readonly checked: { readonly queues: readonly string[]; readonly jobDefinition: string }[] = [];
  /** What `check` and the next `describe` answer with. */
  refusal: TransferError | undefined;
  /** Called before each look. */
  onDescribe: (jobId: string) => void = () => undefined;

  /** `steps`: the states that the looks at a submitted job see; the last one stays. */
  constructor(private readonly steps: readonly Step[] = [{ status: 'SUCCEEDED', exitCode: 0 }]) {}

  add(jobId: string, name: string, queue: string, steps: readonly Step[]): void {
    this.jobs.set(jobId, { name, queue, steps, view: { jobId, attempts: 0, status: 'SUBMITTED' } });
  }

  findLive(queues: readonly string[], jobName: string): Promise<JobView | undefined> {
    const live = [...this.jobs.values()].reverse();
    return Promise.resolve(
      live.find(({ name, queue, view }) => name === jobName && queues.includes(queue) && !isOver(view))?.view,
    );
  }

  submit(job: Submitted): Promise<{ jobId: string }> {
    this.submitted.push(job);
    const jobId = `job-${this.submitted.length}`;
    this.add(jobId, job.jobName, job.queue, this.steps);
    return Promise.resolve({ jobId });
  }

  describe(jobId: string): Promise<JobView | undefined> {
    this.onDescribe(jobId);
    const { refusal } = this;
    this.refusal = undefined;
    if (refusal !== undefined) return Promise.reject(refusal);
    const job = this.jobs.get(jobId);
    const [step, ...later] = job?.steps ?? [];
    if (job !== undefined && step !== undefined) {
      job.view = { jobId, attempts: 1, ...step };
      job.steps = later;
    }
    return Promise.resolve(job?.view);
  }

  terminate(jobId: string, reason: string): Promise<void> {
    this.terminated.push(jobId);
    const job = this.jobs.get(jobId);
    if (job !== undefined) job.steps = [{ status: 'FAILED', exitCode: 137, statusReason: reason }];
    return Promise.resolve();
  }

  check(queues: readonly string[], jobDefinition: string): Promise<void> {
    this.checked.push({ queues, jobDefinition });
    return this.refusal === undefined ? Promise.resolve() : Promise.reject(this.refusal);
  }
}
