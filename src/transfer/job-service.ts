/** What the Batch route asks of AWS Batch; `aws/` answers it. Every method rejects with `TransferError`. */

/** docs.aws.amazon.com/batch/latest/userguide/job_states.html */
export type JobStatus = 'SUBMITTED' | 'PENDING' | 'RUNNABLE' | 'STARTING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED';

/** One that is over. */
export interface JobAttempt {
  readonly exitCode?: number;
  readonly reason?: string;
  readonly logStream?: string;
}

export interface JobView {
  readonly jobId: string;
  readonly status: JobStatus;
  /** By its name. */
  readonly queue: string;
  readonly statusReason?: string;
  /** Of the last attempt. */
  readonly exitCode?: number;
  /** Of the last attempt, or of the one that runs. */
  readonly logStream?: string;
  readonly attempts: readonly JobAttempt[];
}

export interface JobOrder {
  readonly queue: string;
  readonly jobDefinition: string;
  readonly jobName: string;
  readonly task: string;
  /** Batch itself tries it so often where its host was taken away or it was interrupted: 1 to 10. */
  readonly attempts: number;
}

export interface JobService {
  /** Jobs of exactly this name, or with `*` at its end of all that begin so, that are not over, in any of the queues. SubmitJob has no client token: this is how a lost answer is found. */
  findLive(queues: readonly string[], jobName: string): Promise<readonly JobView[]>;
  /** Asks once: what fails otherwise than `Throttled` may have made the job. */
  submit(job: JobOrder): Promise<{ readonly jobId: string }>;
  /** At most 100. Those that Batch has forgotten are missing. */
  describe(jobIds: readonly string[]): Promise<ReadonlyMap<string, JobView>>;
  terminate(jobId: string, reason: string): Promise<void>;
  /** Rejects where a queue or the definition does not exist or is disabled. */
  check(queues: readonly string[], jobDefinition: string): Promise<void>;
}

export function isOver({ status }: JobView): boolean {
  return status === 'SUCCEEDED' || status === 'FAILED';
}

/** docs.aws.amazon.com/batch/latest/APIReference/API_DescribeJobs.html */
export const MOST_DESCRIBED = 100;

/** An ARN of a queue or a definition ends in its name; a name is its own. */
export function lastOfArn(reference: string): string {
  return reference.split('/').at(-1) ?? '';
}
