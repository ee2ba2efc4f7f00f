/** Keeps the job definitions by name and revision, as Batch does: a name alone means its latest active revision. */
import { z } from 'zod';
import { clientException } from './aws-error';
import { arn, parseInput } from './batch-input';
import type { RetryStrategy } from './retry';

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;
const PATTERN = z.string().max(512);

export const NAME_VALUES = z.array(z.object({ name: z.string().min(1), value: z.string().default('') }));

export const RETRY_STRATEGY = z.object({
  attempts: z.number().int().min(1).max(10).default(1),
  evaluateOnExit: z
    .array(
      z.object({
        action: z
          .string()
          .toUpperCase()
          .pipe(z.enum(['RETRY', 'EXIT'])),
        onStatusReason: PATTERN.optional(),
        onReason: PATTERN.optional(),
        onExitCode: PATTERN.regex(/^[0-9]*\*?$/).optional(),
      }),
    )
    .max(5)
    .default([]),
});

export const TIMEOUT = z.object({ attemptDurationSeconds: z.number().int() });

const CONTAINER = z.looseObject({
  image: z.string().min(1),
  command: z.array(z.string()).default([]),
  environment: NAME_VALUES.default([]),
  jobRoleArn: z.string().optional(),
});

const REGISTER = z.looseObject({
  jobDefinitionName: z.string().regex(NAME),
  type: z.literal('container'),
  containerProperties: CONTAINER,
  parameters: z.record(z.string(), z.string()).default({}),
  retryStrategy: RETRY_STRATEGY.optional(),
  timeout: TIMEOUT.optional(),
});

export interface JobDefinition {
  readonly name: string;
  readonly revision: number;
  readonly arn: string;
  readonly active: boolean;
  readonly container: z.infer<typeof CONTAINER>;
  readonly parameters: Readonly<Record<string, string>>;
  readonly retryStrategy: RetryStrategy;
  readonly timeout?: { readonly attemptDurationSeconds: number };
}

export interface JobDefinitions {
  register(input: unknown): JobDefinition;
  deregister(reference: string): void;
  /** By name, by name and revision, or by ARN; throws when there is no active one. */
  resolve(reference: string): JobDefinition;
  list(): readonly JobDefinition[];
}

export function createJobDefinitions(): JobDefinitions {
  const definitions: JobDefinition[] = [];
  const find = (reference: string): JobDefinition | undefined => {
    const [name, revision] = withoutArn(reference, 'job-definition').split(':');
    return definitions.findLast(
      (each) => each.active && each.name === name && (revision === undefined || each.revision === Number(revision)),
    );
  };
  return {
    register(input) {
      const request = parseInput(REGISTER, input);
      const revision = definitions.filter((each) => each.name === request.jobDefinitionName).length + 1;
      const definition: JobDefinition = {
        name: request.jobDefinitionName,
        revision,
        arn: arn('job-definition', `${request.jobDefinitionName}:${revision}`),
        active: true,
        container: request.containerProperties,
        parameters: request.parameters,
        retryStrategy: request.retryStrategy ?? { attempts: 1, evaluateOnExit: [] },
        ...(request.timeout ? { timeout: request.timeout } : {}),
      };
      definitions.push(definition);
      return definition;
    },
    deregister(reference) {
      const index = definitions.findIndex((each) => each === find(reference));
      const definition = definitions[index];
      if (definition) definitions[index] = { ...definition, active: false };
    },
    resolve(reference) {
      const definition = find(reference);
      if (!definition) throw clientException(`JobDefinition ${reference} is not found or not active.`);
      return definition;
    },
    list: () => definitions,
  };
}

/** The name in a reference that may be an ARN of this kind. */
export function withoutArn(reference: string, kind: string): string {
  return reference.replace(new RegExp(`^arn:aws:batch:[^:]*:[^:]*:${kind}/`), '');
}
