/** How much one Batch job is given to do, and what that takes: of the rule by which objects share a job. */
import { JOB_SHARE } from './bandwidth-share';
import type { BatchSpec, Transfer } from './transfer';

/**
 * Bytes a second that a job is reckoned to move: what the smallest hosts sustain. docs/performance.md has what ours have done.
 */
const JOB_RATE = 100_000_000;
/**
 * A job should have minutes of work, as its host's start costs minutes: AWS advises three to five
 * (docs.aws.amazon.com/batch/latest/userguide/best-practices.html).
 */
const JOB_SECONDS = 300;

/** Objects share a job until they come to so many bytes. */
export function bytesPerJob({ batch, limits: { bandwidth } }: Pick<Transfer, 'batch' | 'limits'>): number {
  if (batch === undefined) return 0;
  const atLimit = bandwidth === undefined ? Infinity : bandwidth * JOB_SHARE * JOB_SECONDS;
  return Math.min(batch.bytesPerJob, atLimit);
}

export const DEFAULT_BYTES_PER_JOB: BatchSpec['bytesPerJob'] = JOB_RATE * JOB_SECONDS;

/** Its host is paid for while it starts, and while the image is pulled. */
const START_SECONDS = 120;
/** US dollars an hour for a host of two vCPUs and 8 GiB in us-east-1, from memory: Spot moves by the hour. */
const HOST_HOUR = { spot: 0.04, onDemand: 0.1 } as const;

export interface JobsCost {
  /** Of all hosts together. */
  readonly hostHours: number;
  /** US dollars. */
  readonly spot: number;
  readonly onDemand: number;
}

export function costOfJobs(jobs: number, bytes: number): JobsCost {
  const hostHours = (jobs * START_SECONDS + bytes / JOB_RATE) / 3600;
  return { hostHours, spot: hostHours * HOST_HOUR.spot, onDemand: hostHours * HOST_HOUR.onDemand };
}
