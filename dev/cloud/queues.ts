/** Keeps the job queues and the compute environments that they name. */
import { z } from 'zod';
import { clientException } from './aws-error';
import { arn, parseInput } from './batch-input';
import type { Compute } from './compute';
import { withoutArn } from './job-definitions';
import type { Journal } from './journal';

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
  computeResources: z
    .looseObject({ type: z.enum(['EC2', 'SPOT']).default('EC2'), maxvCpus: z.number().int().min(0).optional() })
    .optional(),
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
  find(name: string): JobQueue | undefined;
  /** By name or ARN; throws when there is none. */
  resolve(reference: string): JobQueue;
  describeQueues(input: unknown): unknown;
  describeComputeEnvironments(input: unknown): unknown;
}

/** A queue that is there from the start, with a compute environment of its own that has its name. */
export interface QueuePlan {
  readonly name: string;
  /** Whether its hosts may be reclaimed. @default false */
  readonly spot?: boolean;
  /** In vCPUs. @default that of every compute environment */
  readonly capacity?: number;
}

export interface QueuesOptions {
  readonly given: readonly (string | QueuePlan)[];
  readonly compute: Compute;
  /** vCPUs of a compute environment that names none. */
  readonly capacity: number;
  readonly journal: Journal;
}

const QUEUE = 'job-queue';
const ENVIRONMENT = 'compute-environment';

/** Those that clients made are known again after a restart. */
export function createQueues({ given, compute, capacity, journal }: QueuesOptions): Queues {
  const queues = new Map<string, JobQueue>();
  const environments = new Map<string, z.infer<typeof CREATE_ENVIRONMENT>>();
  const nameOf = (reference: string) => withoutArn(reference, ENVIRONMENT);
  const addQueue = (input: unknown): JobQueue => {
    const request = parseInput(CREATE_QUEUE, input);
    const name = request.jobQueueName;
    if (queues.has(name)) throw clientException(`Object already exists: ${name}`);
    const ordered = request.computeEnvironmentOrder.toSorted((left, right) => left.order - right.order);
    const names = ordered.map((each) => nameOf(each.computeEnvironment));
    const missing = names.find((each) => !environments.has(each));
    if (missing !== undefined) throw clientException(`${missing} does not exist.`);
    const { priority, state } = request;
    const queue = { name, arn: arn(QUEUE, name), priority, state, computeEnvironments: names };
    queues.set(name, queue);
    return queue;
  };
  const addEnvironment = (input: unknown): string => {
    const request = parseInput(CREATE_ENVIRONMENT, input);
    const { computeEnvironmentName: name, computeResources, state } = request;
    if (environments.has(name)) throw clientException(`Object already exists: ${name}`);
    environments.set(name, request);
    const vcpus = state === 'ENABLED' ? (computeResources?.maxvCpus ?? capacity) : 0;
    compute.add(name, vcpus, computeResources?.type === 'SPOT');
    return name;
  };
  for (const plan of given) {
    const { name, spot = false, capacity: maxvCpus = capacity } = typeof plan === 'string' ? { name: plan } : plan;
    addEnvironment({ computeEnvironmentName: name, computeResources: { type: spot ? 'SPOT' : 'EC2', maxvCpus } });
    addQueue({ jobQueueName: name, computeEnvironmentOrder: [{ order: 1, computeEnvironment: name }] });
  }
  for (const [name, input] of journal.read(ENVIRONMENT)) if (!environments.has(name)) addEnvironment(input);
  for (const [name, input] of journal.read(QUEUE)) if (!queues.has(name)) addQueue(input);
  return {
    createQueue(input) {
      const queue = addQueue(input);
      journal.write(QUEUE, queue.name, input);
      return queue;
    },
    createComputeEnvironment(input) {
      const name = addEnvironment(input);
      journal.write(ENVIRONMENT, name, input);
      return { computeEnvironmentName: name, computeEnvironmentArn: arn(ENVIRONMENT, name) };
    },
    find: (name) => queues.get(name),
    resolve(reference) {
      const queue = queues.get(withoutArn(reference, QUEUE));
      if (!queue) throw clientException(`JobQueue ${reference} is not found.`);
      return queue;
    },
    describeQueues(input) {
      const wanted = parseInput(NAMES, input).jobQueues?.map((each) => withoutArn(each, QUEUE));
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
            computeEnvironment: arn(ENVIRONMENT, name),
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
          computeEnvironmentArn: arn(ENVIRONMENT, environment.computeEnvironmentName),
          status: 'VALID',
          statusReason: 'ComputeEnvironment Healthy',
        })),
      };
    },
  };
}
