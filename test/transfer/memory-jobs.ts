/** A `JobService` over a Map: each look at a job takes it a step further. */
import type { TransferError } from '../../src/domain/transfer-error';
import { isOver, type JobOrder, type JobService, type JobView } from '../../src/transfer/job-service';

type Step = Omit<JobView, 'jobId' | 'attempts' | 'queue'> & Partial<Pick<JobView, 'attempts'>>;

interface Job {
  readonly name: string;
  readonly queue: string;
  view: JobView;
  steps: readonly Step[];
}

export class MemoryJobs implements JobService {
  readonly jobs = new Map<string, Job>();
  readonly submitted: JobOrder[] = [];
  readonly terminated: string[] = [];
  readonly checked: { readonly queues: readonly string[]; readonly jobDefinition: string }[] = [];
  /** What `check` and the next `describe` answer with. */
  refusal: TransferError | undefined;
  /** Of a listing that is behind. */
  readonly unseen = new Set<string>();
  onFind: () => void = () => undefined;
  /** Called before each look. */
  onDescribe: (jobId: string) => void = () => undefined;

  /** `steps`: the states that the looks at a submitted job see; the last one stays. */
  constructor(private readonly steps: readonly Step[] = [{ status: 'SUCCEEDED', exitCode: 0 }]) {}

  add(jobId: string, name: string, queue: string, steps: readonly Step[]): void {
    this.jobs.set(jobId, { name, queue, steps, view: { jobId, queue, attempts: [], status: 'SUBMITTED' } });
  }

  findLive(queues: readonly string[], jobName: string): Promise<readonly JobView[]> {
    this.onFind();
    const jobs = [...this.jobs].filter(([jobId]) => !this.unseen.has(jobId)).map(([, job]) => job);
    const begin = jobName.endsWith('*') ? jobName.slice(0, -1) : undefined;
    const named = (name: string) => (begin === undefined ? name === jobName : name.startsWith(begin));
    const live = jobs.filter(({ name, queue, view }) => named(name) && queues.includes(queue) && !isOver(view));
    return Promise.resolve(live.map(({ view }) => view));
  }

  submit(job: JobOrder): Promise<{ jobId: string }> {
    const { refusal } = this;
    this.refusal = undefined;
    if (refusal !== undefined) return Promise.reject(refusal);
    this.submitted.push(job);
    const jobId = `job-${this.submitted.length}`;
    this.add(jobId, job.jobName, job.queue, this.steps);
    return Promise.resolve({ jobId });
  }

  describe(jobIds: readonly string[]): Promise<ReadonlyMap<string, JobView>> {
    for (const jobId of jobIds) this.onDescribe(jobId);
    const { refusal } = this;
    this.refusal = undefined;
    if (refusal !== undefined) return Promise.reject(refusal);
    const found = jobIds.flatMap((jobId) => {
      const job = this.jobs.get(jobId);
      if (job === undefined) return [];
      const [step, ...later] = job.steps;
      if (step !== undefined) {
        job.view = { jobId, queue: job.queue, attempts: [], ...step };
        job.steps = later;
      }
      return [[jobId, job.view] as const];
    });
    return Promise.resolve(new Map(found));
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
