/** The only place that reads the environment: Ferry's own variables, validated, and the connection to Temporal. */
import { type ClientConnectConfig, loadClientConnectConfig } from '@temporalio/envconfig';
import { MiB } from '../domain/sizes';
import { ConfigurationError, type ConfigurationProblem } from './configuration-error';
import { choice, duration, integer, size, text } from './fields';
import { describeFound } from './found-value';

export type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

export interface Environment {
  /** FERRY_CONFIG. @default ferry.yaml */
  readonly configFile: string;
  /** FERRY_TASK: the task of a Batch job, as JSON. Absent everywhere else. */
  readonly task?: string;
  /** FERRY_BATCH_POLL: how often a Batch job is looked at. @default 15s */
  readonly batchPollMs: number;
  /** FERRY_MEMORY: the budget that the parts in flight share. Absent: 512MiB for a worker, 128MiB for a job. */
  readonly memoryBytes?: number;
  /** FERRY_PART_CONCURRENCY: parts in flight for one object. @default 8 */
  readonly partConcurrency: number;
  /** FERRY_LOG_LEVEL. @default info */
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** FERRY_SSM_CACHE: how long credentials read from SSM are kept; 0s: not at all. @default 5m */
  readonly ssmCacheMs: number;
  /** AWS_REGION or AWS_DEFAULT_REGION: where SSM and Batch are. Absent: the region of the bucket at hand. */
  readonly awsRegion?: string;
  /** AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL: where buckets are whose configuration names no endpoint. Absent: AWS. */
  readonly s3Endpoint?: string;
}

/** Connection options and namespace, as `NativeConnection.connect` and `Connection.connect` take them. */
export type TemporalConnection = Required<ClientConnectConfig>;

interface Reader<T> {
  safeParse(value: unknown): { data?: T; error?: { issues: { message: string }[] } };
}

const file = text('the path of a file');
const task = text('a task as JSON');
const poll = duration(1e3, 'a duration of at least 1s such as 15s (units s m h d)');
const cache = duration();
const concurrency = integer(1, 256);
/** The largest part that is held whole. */
const memory = size(64 * MiB, 'a size of at least 64MiB such as 512MiB (units B kB MB GB TB KiB MiB GiB TiB)');
const logLevel = choice('debug', 'info', 'warn', 'error');

/** Throws a `ConfigurationError` that names every variable that is wrong. An empty variable counts as absent. */
export function readEnvironment(env: EnvironmentVariables = process.env): Environment {
  const problems: ConfigurationProblem[] = [];
  function read<T, D>(
    name: string,
    schema: Reader<T>,
    fallback: D,
    convert: (raw: string) => unknown = (raw) => raw,
  ): T | D {
    const raw = env[name];
    if (raw === undefined || raw === '') return fallback;
    const { data, error } = schema.safeParse(convert(raw));
    for (const { message } of error?.issues ?? []) {
      problems.push({ path: name, expected: message, found: describeFound(raw) });
    }
    return data ?? fallback;
  }
  const memoryBytes = read('FERRY_MEMORY', memory, undefined);
  const taskText = read('FERRY_TASK', task, undefined);
  const awsRegion = env['AWS_REGION'] || env['AWS_DEFAULT_REGION'];
  const s3Endpoint = env['AWS_ENDPOINT_URL_S3'] || env['AWS_ENDPOINT_URL'];
  const environment: Environment = {
    configFile: read('FERRY_CONFIG', file, 'ferry.yaml'),
    ...(taskText !== undefined && { task: taskText }),
    ...(memoryBytes !== undefined && { memoryBytes }),
    batchPollMs: read('FERRY_BATCH_POLL', poll, 15e3),
    partConcurrency: read('FERRY_PART_CONCURRENCY', concurrency, 8, toNumber),
    logLevel: read('FERRY_LOG_LEVEL', logLevel, 'info'),
    ssmCacheMs: read('FERRY_SSM_CACHE', cache, 5 * 60e3),
    ...(awsRegion && { awsRegion }),
    ...(s3Endpoint && { s3Endpoint }),
  };
  if (problems.length > 0) throw new ConfigurationError(problems);
  return environment;
}

/** `Number` takes `0x10`, `1e2` and blanks too, which nobody means here. */
function toNumber(raw: string): unknown {
  return /^\d+$/.test(raw) ? Number(raw) : raw;
}

/** Reads TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_… and temporal.toml, as every Temporal tool does. */
export function temporalConnection(env: EnvironmentVariables = process.env): TemporalConnection {
  const overrideEnvVars = Object.fromEntries(
    Object.entries(env).filter((variable): variable is [string, string] => variable[1] !== undefined),
  );
  try {
    const { connectionOptions, namespace = 'default' } = loadClientConnectConfig({ overrideEnvVars });
    return { connectionOptions, namespace };
  } catch (error) {
    // Only the first line: what follows may quote temporal.toml, which holds an API key.
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
    const expected = 'settings of the connection to Temporal in the environment or temporal.toml that can be read';
    throw new ConfigurationError([{ path: 'TEMPORAL_*', expected, found: describeFound(reason) }]);
  }
}
