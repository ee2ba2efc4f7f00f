/**
 * One HTTP server that speaks AWS's own protocols for SSM, STS and Batch, checks every signature, and gives containers their
 * keys. Parameters are in memory only; the play of Batch keeps its jobs in its folder.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { mkdir } from 'node:fs/promises';
import type { Log } from '../log';
import { portOrFree } from '../ports';
import type { Account } from '../servers/s3-server';
import { AwsError } from './aws-error';
import type { BatchCommands } from './batch-commands';
import { createBatchPlay } from './batch-play';
import { createCommandPath } from './command-path';
import { createContainerCredentials } from './credentials';
import type { DisturbanceCounts } from './disturbances';
import type { BatchJobView } from './job-view';
import { operationName } from './operations';
import type { PlayOptions } from './play-options';
import { parseJson, type Protocol, readBody, sendAnswer, sendError } from './protocol';
import type { QueuePlan } from './queues';
import type { AttemptOutcome } from './retry';
import { verifySignature } from './sigv4';
import { createParameterStore } from './ssm';
import { createTokenService, type AssumableRole } from './sts';

export interface CloudOptions extends PlayOptions {
  /** Holds the jobs: what is known of them, their output under `logs/`, and their home. Started anew in it, Batch knows them. */
  readonly folder: string;
  /** @default 127.0.0.1 */
  readonly host?: string;
  /** Preferred; another one is taken when it is in use. @default a free one */
  readonly port?: number;
  /** Who may sign requests, besides the roles. */
  readonly accounts: readonly (Account & { readonly name: string })[];
  /** The keys that a job gets whose definition names the role. */
  readonly roles?: Readonly<Record<string, Account>>;
  /** Roles that any of the accounts may assume, by their ARNs. */
  readonly assumable?: Readonly<Record<string, AssumableRole>>;
  readonly job: {
    /** What stands for an image's program, as `{ ferry: [process.execPath, '…/main.js'] }`. */
    readonly command: Readonly<Record<string, readonly string[]>>;
    /** What every job gets besides its own environment and the endpoint of SSM; it stands in no description. */
    readonly environment: Readonly<Record<string, string>>;
  };
  readonly queues?: readonly (string | QueuePlan)[];
  /** Requests of RegisterJobDefinition. */
  readonly jobDefinitions?: readonly object[];
  readonly log: Log;
}

export interface Cloud {
  readonly endpoint: string;
  /** Stores a SecureString. */
  putParameter(name: string, value: string): void;
  deleteParameter(name: string): void;
  /** What Batch may be told to do: to have no room, to reclaim a host, to refuse, to lose an answer. */
  readonly commands: BatchCommands;
  /** Every job, oldest first. */
  jobs(): readonly BatchJobView[];
  /** How often each operation was called, refused calls included. */
  requests(): Readonly<Record<string, number>>;
  /** How many calls were refused, and how many answers lost, by operation; in this folder, whoever played there. */
  disturbances(): DisturbanceCounts;
  /**
   * Sends a signal to the job's process; false when none runs. The outcome is what Batch would tell of it, as
   * `{ statusReason: 'Host EC2 (instance i-0) terminated.' }`.
   */
  killJob(jobId: string, signal: NodeJS.Signals, outcome?: AttemptOutcome): boolean;
  /** No job's process begins until what it returns is called: a queue that finds no host. */
  withholdCapacity(): () => void;
  /** What an attempt has written, by the name of its log stream. */
  readLog(logStreamName: string): string | undefined;
  /** Ends every job's process. */
  stop(): Promise<void>;
}

/** Resolves when it listens. */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  await mkdir(options.folder, { recursive: true });
  const roles = options.roles ?? {};
  const accounts = [...options.accounts, ...Object.values(roles)];
  const counts = new Map<string, number>();
  let endpoint = '';
  const credentials = createContainerCredentials(() => endpoint);
  const parameters = createParameterStore();
  const tokens = createTokenService(options.assumable ?? {});
  const batch = createBatchPlay({
    ...options,
    host: {
      folder: options.folder,
      command: options.job.command,
      environment: () => ({
        AWS_ENDPOINT_URL_SSM: endpoint,
        AWS_ENDPOINT_URL_STS: endpoint,
        ...options.job.environment,
      }),
      roles,
      credentials,
    },
  });
  const requests = () => Object.fromEntries(counts);
  const commandPath = createCommandPath({ ...batch, requests });

  const resultOf = ({ service, operation, name }: Call, body: Buffer): unknown => {
    if (service === 'sts') return tokens.call(new URLSearchParams(body.toString('utf8')));
    const input = parseJson(body);
    return service === 'ssm' ? parameters.call(operation, input) : batch.call(operation, name, body, input);
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (credentials.handle(request, response) || commandPath.handle(request, response)) return;
    const call = identify(request);
    try {
      counts.set(call.name, (counts.get(call.name) ?? 0) + 1);
      const body = await readBody(request);
      const { method = '', url: target = '', headers } = request;
      verifySignature({ method, target, headers, body }, call.service, accounts);
      const result = resultOf(call, body);
      if (call.service === 'batch' && batch.isAnswerLost(call.name)) request.socket.destroy();
      else sendAnswer(response, call.protocol, result);
    } catch (error) {
      if (!(error instanceof AwsError)) options.log(`cloud: ${call.name} failed: ${String(error)}`);
      sendError(response, call.protocol, error);
    }
  };
  const server = createServer((request, response) => void answer(request, response));
  endpoint = `http://127.0.0.1:${await listen(server, options.host ?? '127.0.0.1', options.port)}`;
  options.log(`ssm, sts and batch listen on ${endpoint}`);
  // Not before: the processes of jobs are told the endpoint.
  batch.recover();

  return {
    endpoint,
    putParameter: (name, value) => void parameters.put(name, value),
    deleteParameter: (name) => void parameters.delete(name),
    commands: batch.commands,
    jobs: batch.jobs,
    requests,
    disturbances: batch.disturbances,
    killJob: batch.killJob,
    withholdCapacity: batch.withholdCapacity,
    readLog: batch.readLog,
    async stop() {
      await batch.stop();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Call {
  readonly service: 'ssm' | 'sts' | 'batch';
  readonly protocol: Protocol;
  readonly operation: string;
  /** As it is counted. */
  readonly name: string;
}

function identify(request: IncomingMessage): Call {
  const header = request.headers['x-amz-target'];
  const target = Array.isArray(header) ? header[0] : header;
  if (target?.startsWith('AmazonSSM.')) {
    const operation = target.slice('AmazonSSM.'.length);
    return { service: 'ssm', protocol: 'awsJson1_1', operation, name: operation };
  }
  if (request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    return { service: 'sts', protocol: 'awsQuery', operation: 'AssumeRole', name: 'AssumeRole' };
  }
  const operation = /^\/v1\/([a-z]+)$/.exec(request.url ?? '')?.[1] ?? 'unknown';
  return { service: 'batch', protocol: 'restJson1', operation, name: operationName(operation) };
}

async function listen(server: Server, host: string, preferred: number | undefined): Promise<number> {
  const port = await portOrFree(preferred);
  // Idle connections stay: a client that reuses one just as it is closed sees a reset.
  server.keepAliveTimeout = 600_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return port;
}
