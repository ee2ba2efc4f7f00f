/** The `JobService` over AWS Batch. */
import {
  DescribeJobDefinitionsCommand,
  DescribeJobQueuesCommand,
  DescribeJobsCommand,
  ListJobsCommand,
  SubmitJobCommand,
  TerminateJobCommand,
  type AttemptDetail,
  type BatchClient,
  type DescribeJobDefinitionsCommandInput,
  type EvaluateOnExit,
  type JobDetail,
  type JobSummary,
} from '@aws-sdk/client-batch';
import { MAX_JOB_TASK_BYTES } from '../domain/job-task';
import { isTransferError, TransferError } from '../domain/transfer-error';
import {
  isOver,
  lastOfArn,
  MOST_DESCRIBED,
  type JobAttempt,
  type JobService,
  type JobStatus,
  type JobView,
} from '../transfer/job-service';
import { toTransferError } from './s3-error';

/**
 * What no rule fits is tried again, so the last one fits everything
 * (docs.aws.amazon.com/batch/latest/userguide/job_retries.html). 75 is `ferry job` that was interrupted.
 */
const RECLAIMED_OR_INTERRUPTED = [
  { onStatusReason: 'Host EC2*', action: 'RETRY' },
  { onExitCode: '75', action: 'RETRY' },
  { onReason: '*', action: 'EXIT' },
] satisfies EvaluateOnExit[];

export function batchJobs(client: BatchClient): JobService {
  const call = async <T>(operation: string, send: () => Promise<T>): Promise<T> => {
    try {
      return await send();
    } catch (error) {
      throw toTransferError(error, 'AWS Batch', { operation });
    }
  };

  async function describe(jobIds: readonly string[]): Promise<ReadonlyMap<string, JobView>> {
    const answer = await call('DescribeJobs', () => client.send(new DescribeJobsCommand({ jobs: [...jobIds] })));
    return new Map((answer.jobs ?? []).map((job) => [job.jobId ?? '', toView(job)]));
  }

  return {
    describe,

    async findLive(queues, jobName) {
      const live: JobView[] = [];
      for (const jobQueue of queues) {
        const ids: string[] = [];
        for await (const { jobId = '' } of namedJobs(jobQueue, jobName)) ids.push(jobId);
        // A listing may be behind. The newest come first, and one upload has few.
        const jobs = ids.length === 0 ? [] : (await describe(ids.slice(0, MOST_DESCRIBED))).values();
        for (const job of jobs) if (!isOver(job)) live.push(job);
      }
      return live;
    },

    async submit({ queue, jobDefinition, jobName, task, attempts }) {
      if (Buffer.byteLength(task) > MAX_JOB_TASK_BYTES) {
        throw new TransferError(
          'BadRequest',
          `The task measures ${Buffer.byteLength(task)} bytes; Batch takes ${MAX_JOB_TASK_BYTES}`,
        );
      }
      const command = new SubmitJobCommand({
        jobName,
        jobQueue: queue,
        jobDefinition,
        containerOverrides: { environment: [{ name: 'FERRY_TASK', value: task }] },
        retryStrategy: { attempts, evaluateOnExit: RECLAIMED_OR_INTERRUPTED },
      });
      try {
        const { jobId } = await call('SubmitJob', () => client.send(command));
        return { jobId: jobId ?? '' };
      } catch (error) {
        if (!isTransferError(error, 'BadRequest')) throw error;
        // What Batch refuses it tells in words, which are not passed on: most likely one of these has gone since preflight.
        const message = `${error.message}. Do the queue ${queue} and the job definition ${jobDefinition} exist, and are they enabled?`;
        throw new TransferError('BadRequest', message, error.location, { cause: error });
      }
    },

    async terminate(jobId, reason) {
      await call('TerminateJob', () => client.send(new TerminateJobCommand({ jobId, reason })));
    },

    async check(queues, jobDefinition) {
      const found = await call('DescribeJobQueues', () =>
        client.send(new DescribeJobQueuesCommand({ jobQueues: [...queues] })),
      );
      for (const queue of queues) {
        const known = found.jobQueues?.find(
          ({ jobQueueName, jobQueueArn }) => queue === jobQueueName || queue === jobQueueArn,
        );
        if (known === undefined) throw missing(`The Batch queue ${queue} does not exist`);
        if (known.state !== 'ENABLED') throw missing(`The Batch queue ${queue} is ${known.state ?? 'not enabled'}`);
      }
      const definitions = await call('DescribeJobDefinitions', () =>
        client.send(new DescribeJobDefinitionsCommand(definitionsLike(jobDefinition))),
      );
      if (!(definitions.jobDefinitions ?? []).some(({ status }) => status === 'ACTIVE'))
        throw missing(`The Batch job definition ${jobDefinition} does not exist`);
    },
  };

  async function* namedJobs(jobQueue: string, jobName: string): AsyncGenerator<JobSummary> {
    const begin = jobName.endsWith('*') ? jobName.slice(0, -1) : undefined;
    // The filter does not tell small letters from capitals.
    const named = (name = '') => (begin === undefined ? name === jobName : name.startsWith(begin));
    let nextToken: string | undefined;
    do {
      const command: ListJobsCommand = new ListJobsCommand({
        jobQueue,
        filters: [{ name: 'JOB_NAME', values: [jobName] }],
        nextToken,
      });
      const answer = await call('ListJobs', () => client.send(command));
      for (const job of answer.jobSummaryList ?? []) if (named(job.jobName)) yield job;
      ({ nextToken } = answer);
    } while (nextToken !== undefined);
  }
}

/**
 * SubmitJob takes a name or an ARN, with or without its revision. A list of definitions names each with its revision, and
 * goes with no other parameter: docs.aws.amazon.com/batch/latest/APIReference/API_DescribeJobDefinitions.html
 */
function definitionsLike(jobDefinition: string): DescribeJobDefinitionsCommandInput {
  if (/:\d+$/.test(jobDefinition)) return { jobDefinitions: [jobDefinition] };
  return { jobDefinitionName: lastOfArn(jobDefinition), status: 'ACTIVE' };
}

function missing(what: string): TransferError {
  return new TransferError('BadRequest', `${what}. Correct it under \`batch\`, or create it`);
}

function toView(job: JobDetail): JobView {
  const attempt = job.attempts?.at(-1);
  const exitCode = job.container?.exitCode ?? attempt?.container?.exitCode;
  const statusReason = job.statusReason ?? attempt?.statusReason;
  const logStream = job.container?.logStreamName ?? attempt?.container?.logStreamName;
  return {
    jobId: job.jobId ?? '',
    status: job.status as JobStatus,
    queue: lastOfArn(job.jobQueue ?? ''),
    attempts: (job.attempts ?? []).map(toAttempt),
    ...(statusReason === undefined ? {} : { statusReason }),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(logStream === undefined ? {} : { logStream }),
  };
}

function toAttempt({ container, statusReason }: AttemptDetail): JobAttempt {
  const { exitCode, logStreamName: logStream, reason: own } = container ?? {};
  const reason = statusReason ?? own;
  return {
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(reason === undefined ? {} : { reason }),
    ...(logStream === undefined ? {} : { logStream }),
  };
}
