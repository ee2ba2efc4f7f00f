/** What the Batch route asks of AWS Batch; `aws/` answers it. Every method rejects with `TransferError`. */

/** docs.aws.amazon.com/batch/latest/userguide/job_states.html */
export type JobStatus = 'SUBMITTED' | 'PENDING' | 'RUNNABLE' | 'STARTING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED';

export interface JobView {
  readonly jobId: string;
  readonly status: JobStatus;
  readonly statusReason?: string;
  /** Of the last attempt. */
  readonly exitCode?: number;
  readonly attempts: number;
  readonly logStream?: string;
}

export interface JobService {
  /** The newest job of exactly this name that is not over, in any of the queues. SubmitJob has no client token: this is how a lost answer is found. */
  findLive(queues: readonly string[], jobName: string): Promise<JobView | undefined>;
  submit(job: { queue: string; jobDefinition: string; jobName: string; task: string }): Promise<{ jobId: string }>;
  /** Undefined: Batch has forgotten it. */
  describe(jobId: string): Promise<JobView | undefined>;
  terminate(jobId: string, reason: string): Promise<void>;
  /** Rejects where a queue or the definition does not exist or is disabled. */
  check(queues: readonly string[], jobDefinition: string): Promise<void>;
}

export function isOver({ status }: JobView): boolean {
  return status === 'SUCCEEDED' || status === 'FAILED';
}
