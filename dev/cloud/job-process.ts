/**
 * Runs one attempt of a job as a process of its own, in the environment that its container would have and no other:
 * nothing of ours reaches it unless the host's settings, its definition or its submission say so.
 */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account } from '../servers/s3-server';
import { type ManagedProcess, startProcess } from '../process';
import type { ContainerCredentials } from './credentials';
import type { CurrentAttempt, Job } from './job-store';

export interface JobHost {
  readonly folder: string;
  /** What stands for an image's program: `ferry` is run as these words, the rest of the command after them. */
  readonly command: Readonly<Record<string, readonly string[]>>;
  /** What the host sets for every job, as endpoints. It stands in no description of a job. */
  environment(): Readonly<Record<string, string>>;
  readonly roles: Readonly<Record<string, Account>>;
  readonly credentials: ContainerCredentials;
}

export const LOG_FOLDER = 'logs';

/** The stream that the next attempt writes to, named as Batch names them. */
export function nextLogStream(job: Job): string {
  return `${job.definition.name}/default/${randomBytes(16).toString('hex')}`;
}

/** Rejects when there is no such program; its keys are worth nothing once it has ended. */
export async function startJobProcess(
  job: Job,
  { computeEnvironment, logStreamName }: CurrentAttempt,
  host: JobHost,
): Promise<ManagedProcess> {
  const [name = '', ...rest] = job.command.map((word) => substitute(word, job.parameters));
  const program = Object.hasOwn(host.command, name) ? host.command[name] : undefined;
  const [command, ...before] = program ?? [];
  if (command === undefined) {
    const known = Object.keys(host.command).join(', ');
    throw new Error(`exec: "${name}": executable file not found; this stand-in knows: ${known}`);
  }
  const home = join(host.folder, 'home');
  await mkdir(home, { recursive: true });
  const role = job.definition.container.jobRoleArn;
  const account = role === undefined ? undefined : host.roles[role];
  const grant = account && host.credentials.grant(account);
  try {
    const process = await startProcess({
      name: `job ${job.name}`,
      command,
      args: [...before, ...rest],
      folder: home,
      logFile: join(host.folder, LOG_FOLDER, logStreamName),
      environment: {
        ...baseEnvironment(home),
        ...host.environment(),
        ...Object.fromEntries(job.environment.map((each) => [each.name, each.value])),
        ...batchEnvironment(job, computeEnvironment),
        ...grant?.environment,
      },
    });
    void process.ended.then(() => grant?.revoke());
    return process;
  } catch (error) {
    grant?.revoke();
    throw error;
  }
}

/** What the AWS SDK of a job's attempt calls itself. */
export function senderOf(jobId: string, attempt: number): string {
  return `${jobId}.${attempt}`;
}

function baseEnvironment(home: string): Record<string, string> {
  return { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: home };
}

function batchEnvironment(job: Job, computeEnvironment: string): Record<string, string> {
  return {
    AWS_BATCH_JOB_ID: job.id,
    AWS_BATCH_JOB_ATTEMPT: String(job.attempts.length + 1),
    AWS_BATCH_JQ_NAME: job.queue.name,
    // Stands in the user agent of every request: so a store's log tells who has sent it.
    AWS_SDK_UA_APP_ID: senderOf(job.id, job.attempts.length + 1),
    AWS_BATCH_CE_NAME: computeEnvironment,
  };
}

function substitute(word: string, parameters: Readonly<Record<string, string>>): string {
  return word.replace(/Ref::([A-Za-z0-9_-]+)/g, (whole, name: string) => parameters[name] ?? whole);
}
