/** How a job looks from outside: to Batch's API in detail and in a list, and to a test. */
import { join } from 'node:path';
import type { Job, JobStatus } from './job-store';

/** A job as the machine that runs it sees it. */
export interface BatchJobView {
  readonly jobId: string;
  readonly jobName: string;
  readonly jobQueue: string;
  readonly jobDefinition: string;
  readonly status: JobStatus;
  readonly statusReason?: string;
  readonly createdAt: number;
  /** Once it is over. */
  readonly stoppedAt?: number;
  readonly attempts: readonly BatchAttemptView[];
  /** Of the process that runs now. */
  readonly pid?: number;
  /** Where it runs, or is about to. */
  readonly computeEnvironment?: string;
  readonly instanceId?: string;
  /** The output of the latest attempt. */
  readonly logFile?: string;
  readonly logStreamName?: string;
}

export interface BatchAttemptView {
  readonly exitCode?: number;
  readonly reason?: string;
  readonly statusReason?: string;
  readonly logFile: string;
  readonly startedAt: number;
  readonly stoppedAt: number;
}

export function toView(job: Job, logFolder: string): BatchJobView {
  const { pid, computeEnvironment, instanceId } = job.current ?? {};
  return {
    jobId: job.id,
    jobName: job.name,
    jobQueue: job.queue.name,
    jobDefinition: `${job.definition.name}:${job.definition.revision}`,
    status: job.status,
    createdAt: job.createdAt,
    ...defined({ statusReason: job.statusReason, stoppedAt: job.stoppedAt, pid, computeEnvironment, instanceId }),
    attempts: job.attempts.map((attempt) => ({
      ...defined({ exitCode: attempt.exitCode, reason: attempt.reason, statusReason: attempt.statusReason }),
      logFile: join(logFolder, attempt.logStreamName),
      startedAt: attempt.startedAt,
      stoppedAt: attempt.stoppedAt,
    })),
    ...(job.logStreamName === undefined
      ? {}
      : { logFile: join(logFolder, job.logStreamName), logStreamName: job.logStreamName }),
  };
}

/** What DescribeJobs tells. */
export function toDetail(job: Job) {
  const last = job.attempts.at(-1);
  return {
    ...toSummary(job),
    jobQueue: job.queue.arn,
    attempts: job.attempts.map(({ startedAt, stoppedAt, statusReason, exitCode, reason, logStreamName }) => ({
      container: { exitCode, reason, logStreamName, networkInterfaces: [] },
      startedAt,
      stoppedAt,
      statusReason,
    })),
    retryStrategy: job.retryStrategy,
    parameters: job.parameters,
    container: {
      ...job.definition.container,
      command: job.command,
      environment: job.environment,
      exitCode: last?.exitCode,
      reason: last?.reason,
      logStreamName: job.logStreamName,
    },
    ...(job.timeoutSeconds === undefined ? {} : { timeout: { attemptDurationSeconds: job.timeoutSeconds } }),
    dependsOn: [],
    tags: job.tags,
    platformCapabilities: ['EC2'],
    isCancelled: job.isCancelled,
    isTerminated: job.isTerminated,
  };
}

/** What ListJobs tells. */
export function toSummary(job: Job) {
  const last = job.attempts.at(-1);
  return {
    jobArn: job.arn,
    jobId: job.id,
    jobName: job.name,
    jobDefinition: job.definition.arn,
    createdAt: job.createdAt,
    status: job.status,
    statusReason: job.statusReason,
    startedAt: job.startedAt,
    stoppedAt: job.stoppedAt,
    container: { exitCode: last?.exitCode, reason: last?.reason },
  };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
