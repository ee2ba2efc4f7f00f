/** Keeps the job queues and the compute environments that they name. */
import { z } from 'zod';
import { clientException } from './aws-error';
import { arn, parseInput } from './batch-input';
import { withoutArn } from './job-definitions';

const CREATE_QUEUE = z.looseObject({
  jobQueueName: z.string().regex(/^[A-Za-z0-9_-]{1,128}$/),
  priority: z.number().int().default(1),
  state: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  computeEnvironmentOrder: z
    .array(z.object({ order: z.number().int(), computeEnvironment: z.string() }))
    .min(1)
    .max(3),
});

const CREATE_ENVIRONMENT = z.looseObject({
  computeEnvironmentName: z.string().regex(/^[A-Za-z0-9_-]{1,128}$/),
  type: z.enum(['MANAGED', 'UNMANAGED']).default('MANAGED'),
  state: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
});

const NAMES = z.looseObject({
  jobQueues: z.array(z.string()).optional(),
  computeEnvironments: z.array(z.string()).optional(),
});

export interface JobQueue {
  readonly name: string;
  readonly arn: string;
  readonly priority: number;
  readonly state: 'ENABLED' | 'DISABLED';
  readonly computeEnvironments: readonly string[];
}

export interface Queues {
  createQueue(input: unknown): JobQueue;
  createComputeEnvironment(input: unknown): { computeEnvironmentName: string; computeEnvironmentArn: string };
  /** By name or ARN; throws when there is none. */
  resolve(reference: string): JobQueue;
  describeQueues(input: unknown): unknown;
  describeComputeEnvironments(input: unknown): unknown;
}

export function createQueues(): Queues {
  const queues = new Map<string, JobQueue>();
  const environments = new Map<string, z.infer<typeof CREATE_ENVIRONMENT>>();
  const nameOf = (reference: string) => withoutArn(reference, 'compute-environment');
  return {
    createQueue(input) {
      const request = parseInput(CREATE_QUEUE, input);
      const name = request.jobQueueName;
      if (queues.has(name)) throw clientException(`Object already exists: ${name}`);
      const ordered = request.computeEnvironmentOrder.toSorted((left, right) => left.order - right.order);
      const names = ordered.map((each) => nameOf(each.computeEnvironment));
      const missing = names.find((each) => !environments.has(each));
      if (missing !== undefined) throw clientException(`${missing} does not exist.`);
      const { priority, state } = request;
      const queue = { name, arn: arn('job-queue', name), priority, state, computeEnvironments: names };
      queues.set(name, queue);
      return queue;
    },
    createComputeEnvironment(input) {
      const request = parseInput(CREATE_ENVIRONMENT, input);
      const name = request.computeEnvironmentName;
      if (environments.has(name)) throw clientException(`Object already exists: ${name}`);
      environments.set(name, request);
      return { computeEnvironmentName: name, computeEnvironmentArn: arn('compute-environment', name) };
    },
    resolve(reference) {
      const queue = queues.get(withoutArn(reference, 'job-queue'));
      if (!queue) throw clientException(`JobQueue ${reference} is not found.`);
      return queue;
    },
    describeQueues(input) {
      const wanted = parseInput(NAMES, input).jobQueues?.map((each) => withoutArn(each, 'job-queue'));
      const found = [...queues.values()].filter((queue) => wanted?.includes(queue.name) ?? true);
      return {
        jobQueues: found.map((queue) => ({
          jobQueueName: queue.name,
          jobQueueArn: queue.arn,
          state: queue.state,
          status: 'VALID',
          statusReason: 'JobQueue Healthy',
          priority: queue.priority,
          computeEnvironmentOrder: queue.computeEnvironments.map((name, order) => ({
            order: order + 1,
            computeEnvironment: arn('compute-environment', name),
          })),
        })),
      };
    },
    describeComputeEnvironments(input) {
      const wanted = parseInput(NAMES, input).computeEnvironments?.map(nameOf);
      const found = [...environments.values()].filter((each) => wanted?.includes(each.computeEnvironmentName) ?? true);
      return {
        computeEnvironments: found.map((environment) => ({
          ...environment,
          computeEnvironmentArn: arn('compute-environment', environment.computeEnvironmentName),
          status: 'VALID',
          statusReason: 'ComputeEnvironment Healthy',
        })),
      };
    },
  };
}
