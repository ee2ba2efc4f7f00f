/** Makes of a SubmitJob request what the job is, or refuses it as Batch does. */
import { z } from 'zod';
import { clientException } from './aws-error';
import { parseInput } from './batch-input';
import type { JobDefinitions } from './job-definitions';
import type { JobSpec } from './job-store';
import type { Queues } from './queues';
import { NAME_VALUES, RESOURCES, RETRY_STRATEGY, TIMEOUT, vcpusOf } from './container-input';

const PAYLOAD_LIMIT = 30 * 1024;
const OVERRIDES_LIMIT = 8_192;

const STRINGS = z.record(z.string(), z.string());
const SUBMIT = z.strictObject({
  jobName: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/, 'Job name should match valid pattern'),
  jobQueue: z.string().min(1),
  jobDefinition: z.string().min(1),
  parameters: STRINGS.default({}),
  containerOverrides: z
    .looseObject({ command: z.array(z.string()).optional(), environment: NAME_VALUES.optional(), ...RESOURCES })
    .default({}),
  retryStrategy: RETRY_STRATEGY.optional(),
  timeout: TIMEOUT.optional(),
  tags: STRINGS.default({}),
  propagateTags: z.boolean().optional(),
  shareIdentifier: z.string().optional(),
  schedulingPriorityOverride: z.number().optional(),
});

export interface Submission {
  readonly queues: Queues;
  readonly definitions: JobDefinitions;
}

export function specOf(input: unknown, bytes: number, { queues, definitions }: Submission): JobSpec {
  if (bytes > PAYLOAD_LIMIT) {
    throw clientException(`SubmitJob payload must be at most ${PAYLOAD_LIMIT} bytes; found ${bytes}.`);
  }
  const request = parseInput(SUBMIT, input);
  const { command, environment = [] } = request.containerOverrides;
  const queue = queues.resolve(request.jobQueue);
  if (queue.state !== 'ENABLED') throw clientException(`JobQueue ${queue.name} is not enabled.`);
  const definition = definitions.resolve(request.jobDefinition);
  const length = JSON.stringify({ command, environment }).length;
  if (length > OVERRIDES_LIMIT) {
    throw clientException(`Container Overrides length must be at most ${OVERRIDES_LIMIT}; found ${length}.`);
  }
  const timeoutSeconds = (request.timeout ?? definition.timeout)?.attemptDurationSeconds;
  const overridden = new Set(environment.map((each) => each.name));
  return {
    name: request.jobName,
    queue,
    definition,
    command: command ?? definition.container.command,
    environment: [...definition.container.environment.filter((each) => !overridden.has(each.name)), ...environment],
    vcpus: vcpusOf(request.containerOverrides) ?? vcpusOf(definition.container) ?? 1,
    parameters: { ...definition.parameters, ...request.parameters },
    retryStrategy: request.retryStrategy ?? definition.retryStrategy,
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
    tags: request.tags,
  };
}
