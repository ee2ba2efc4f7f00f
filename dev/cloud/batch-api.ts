/** Stands in for AWS Batch: its operations by name, with the limits and the errors of the service. */
import { z } from 'zod';
import { AwsError, clientException } from './aws-error';
import { arn, parseInput } from './batch-input';
import type { JobDefinitions } from './job-definitions';
import type { JobRunner } from './job-runner';
import { type Job, JOB_STATUSES, type JobStore } from './job-store';
import { toDetail, toSummary } from './job-view';
import type { Queues } from './queues';
import { specOf } from './submission';

export interface BatchApi {
  /** One operation by the last part of its path, as `submitjob`; throws `AwsError`. */
  call(operation: string, body: Buffer, input: unknown): unknown;
}

export interface BatchApiOptions {
  readonly store: JobStore;
  readonly runner: JobRunner;
  readonly queues: Queues;
  readonly definitions: JobDefinitions;
}

const PAGE = 100;

const DESCRIBE = z.object({ jobs: z.array(z.string()).max(100) });
const END = z.object({ jobId: z.string().min(1), reason: z.string().min(1).max(1_024) });
const LIST = z.object({
  jobQueue: z.string().min(1),
  jobStatus: z.enum(JOB_STATUSES).default('RUNNING'),
  filters: z.array(z.object({ name: z.string(), values: z.array(z.string()).min(1) })).optional(),
  maxResults: z.number().int().min(1).max(PAGE).default(PAGE),
  nextToken: z.string().optional(),
});
const DESCRIBE_DEFINITIONS = z
  .looseObject({
    jobDefinitionName: z.string().optional(),
    jobDefinitions: z.array(z.string()).optional(),
    status: z.string().optional(),
  })
  .refine(({ jobDefinitions, ...others }) => jobDefinitions === undefined || Object.keys(others).length === 0, {
    message: "jobDefinitions can't be used with other parameters",
  });
const DEREGISTER = z.object({ jobDefinition: z.string().min(1) });

export function createBatchApi({ store, runner, queues, definitions }: BatchApiOptions): BatchApi {
  const jobOf = (id: string): Job => {
    const job = store.get(id.replace(arn('job', ''), ''));
    if (!job) throw clientException(`Job ${id} is not found.`);
    return job;
  };

  const operations: Readonly<Record<string, (input: unknown, body: Buffer) => unknown>> = {
    submitjob(input, body) {
      const job = store.add(specOf(input, body.length, { queues, definitions }));
      runner.submit(job);
      return { jobArn: job.arn, jobId: job.id, jobName: job.name };
    },
    describejobs(input) {
      const ids = parseInput(DESCRIBE, input).jobs.map((id) => id.replace(arn('job', ''), ''));
      return { jobs: ids.flatMap((id) => store.described(id) ?? []).map(toDetail) };
    },
    listjobs(input) {
      const { jobQueue, jobStatus, filters, maxResults, nextToken } = parseInput(LIST, input);
      const [filter, second] = filters ?? [];
      if (second || (filter && filter.name !== 'JOB_NAME')) {
        throw clientException('This stand-in filters by JOB_NAME alone, once.');
      }
      const { jobs, next } = store.list({
        queueArn: queues.resolve(jobQueue).arn,
        status: jobStatus,
        ...(filter ? { names: filter.values } : {}),
        limit: maxResults,
        ...(nextToken === undefined ? {} : { after: nextToken }),
      });
      return { jobSummaryList: jobs.map(toSummary), nextToken: next };
    },
    terminatejob(input) {
      const { jobId, reason } = parseInput(END, input);
      runner.terminate(jobOf(jobId), reason);
      return {};
    },
    canceljob(input) {
      const { jobId, reason } = parseInput(END, input);
      runner.cancel(jobOf(jobId), reason);
      return {};
    },
    registerjobdefinition(input) {
      const { name, arn: jobDefinitionArn, revision } = definitions.register(input);
      return { jobDefinitionName: name, jobDefinitionArn, revision };
    },
    deregisterjobdefinition(input) {
      definitions.deregister(parseInput(DEREGISTER, input).jobDefinition);
      return {};
    },
    describejobdefinitions(input) {
      const { jobDefinitionName, jobDefinitions, status } = parseInput(DESCRIBE_DEFINITIONS, input);
      const found = definitions
        .list()
        .filter(
          (each) =>
            (jobDefinitionName === undefined || each.name === jobDefinitionName) &&
            (jobDefinitions?.some((wanted) => wanted === each.arn || wanted === `${each.name}:${each.revision}`) ??
              true) &&
            (status === undefined || (status === 'ACTIVE') === each.active),
        );
      return { jobDefinitions: found.map(toDefinitionView) };
    },
    createjobqueue(input) {
      const { name, arn: jobQueueArn } = queues.createQueue(input);
      return { jobQueueName: name, jobQueueArn };
    },
    createcomputeenvironment: (input) => queues.createComputeEnvironment(input),
    describejobqueues: (input) => queues.describeQueues(input),
    describecomputeenvironments: (input) => queues.describeComputeEnvironments(input),
  };

  return {
    call(operation, body, input) {
      const handler = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
      if (!handler) throw new AwsError('UnknownOperationException', 404, `This stand-in has no Batch ${operation}`);
      return handler(input, body);
    },
  };
}

function toDefinitionView(definition: ReturnType<JobDefinitions['resolve']>) {
  return {
    jobDefinitionName: definition.name,
    jobDefinitionArn: definition.arn,
    revision: definition.revision,
    status: definition.active ? 'ACTIVE' : 'INACTIVE',
    type: 'container',
    containerProperties: definition.container,
    parameters: definition.parameters,
    retryStrategy: definition.retryStrategy,
    timeout: definition.timeout,
    platformCapabilities: ['EC2'],
  };
}
