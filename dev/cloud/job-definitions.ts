/** Keeps the job definitions by name and revision, as Batch does: a name alone means its latest active revision. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { clientException } from './aws-error';
import { arn, parseInput } from './batch-input';
import { NAME_VALUES, RESOURCES, RETRY_STRATEGY, TIMEOUT } from './container-input';
import type { Journal } from './journal';
import type { RetryStrategy } from './retry';

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;
/** Of the whole request. */
const SIZE_LIMIT = 24 * 1024;

const CONTAINER = z.looseObject({
  image: z.string().min(1),
  command: z.array(z.string()).default([]),
  environment: NAME_VALUES.default([]),
  jobRoleArn: z.string().optional(),
  ...RESOURCES,
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
  /** Registers it unless the latest active revision of its name is the same: for what is said at every start. */
  ensure(input: unknown): void;
  deregister(reference: string): void;
  /** By name, by name and revision, or by ARN; throws when there is no active one. */
  resolve(reference: string): JobDefinition;
  list(): readonly JobDefinition[];
}

const KIND = 'job-definition';

/** Begins with the definitions that the journal knows. */
export function createJobDefinitions(journal: Journal): JobDefinitions {
  const definitions = [...journal.read(KIND).values()] as JobDefinition[];
  const find = (reference: string): JobDefinition | undefined => {
    const [name, revision] = withoutArn(reference, KIND).split(':');
    return definitions.findLast(
      (each) => each.active && each.name === name && (revision === undefined || each.revision === Number(revision)),
    );
  };
  const make = (input: unknown): JobDefinition => {
    const length = JSON.stringify(input).length;
    if (length > SIZE_LIMIT) {
      throw clientException(`Job definition must be at most ${SIZE_LIMIT} bytes; found ${length}.`);
    }
    const request = parseInput(REGISTER, input);
    const revision = definitions.filter((each) => each.name === request.jobDefinitionName).length + 1;
    return {
      name: request.jobDefinitionName,
      revision,
      arn: arn(KIND, `${request.jobDefinitionName}:${revision}`),
      active: true,
      container: request.containerProperties,
      parameters: request.parameters,
      retryStrategy: request.retryStrategy ?? { attempts: 1, evaluateOnExit: [] },
      ...(request.timeout ? { timeout: request.timeout } : {}),
    };
  };
  const keep = (definition: JobDefinition): JobDefinition => {
    definitions.push(definition);
    journal.write(KIND, definition.arn, definition);
    return definition;
  };
  return {
    register: (input) => keep(make(input)),
    ensure(input) {
      const definition = make(input);
      const latest = find(definition.name);
      const { revision, arn: name } = latest ?? definition;
      if (!latest || !isDeepStrictEqual(asJson(latest), asJson({ ...definition, revision, arn: name })))
        keep(definition);
    },
    deregister(reference) {
      const index = definitions.findIndex((each) => each === find(reference));
      const definition = definitions[index];
      if (!definition) return;
      definitions[index] = { ...definition, active: false };
      journal.write(KIND, definition.arn, definitions[index]);
    },
    resolve(reference) {
      const definition = find(reference);
      if (!definition) throw clientException(`JobDefinition ${reference} is not found or not active.`);
      return definition;
    },
    list: () => definitions,
  };
}

/** As it is read from the journal. */
function asJson(definition: JobDefinition): unknown {
  return JSON.parse(JSON.stringify(definition));
}

/** The name in a reference that may be an ARN of this kind. */
export function withoutArn(reference: string, kind: string): string {
  return reference.replace(new RegExp(`^arn:aws:batch:[^:]*:[^:]*:${kind}/`), '');
}
