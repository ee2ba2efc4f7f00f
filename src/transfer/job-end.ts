/** What the end of a Batch job means. What it has moved is to be read from the store all the same. */
import type { CopyTask } from '../domain/copy-task';
import type { TransferErrorCode } from '../domain/transfer-error';
import type { Engine } from './engine';
import type { JobView } from './job-service';
import { retrying } from './retry';

/**
 *   done         it says so itself
 *   reclaimed    its host was taken away, as often as Batch was told to try again; nothing is wrong with it
 *   interrupted  it was asked to end, or met a fault that may pass (exit code 75), as often
 *   failed       by itself: an object of it cannot be copied, or the job itself not run
 */
export type JobEnd = 'done' | 'reclaimed' | 'interrupted' | 'failed';

/** Why one object of the job may be missing parts. */
export interface TaskFailure {
  readonly targetKey: string;
  readonly code: TransferErrorCode;
  readonly message: string;
}

export interface JudgedEnd {
  readonly end: JobEnd;
  readonly failures: readonly TaskFailure[];
}

/** Exit codes of `ferry job`; see docs/architecture.md. */
const EXIT_INTERRUPTED = 75;
const EXIT_NOT_UNDERSTOOD = 64;
/** What Batch says of a Spot host that was taken away (docs.aws.amazon.com/batch/latest/userguide/job_retries.html). */
const HOST_LOST = 'Host EC2';

/**
 * `SourceGone` or `SourceChanged` for an object of which that is known, be it why the job failed or not; for the others of a
 * job that failed by itself `JobNotUnderstood` or `JobFailed`.
 */
export async function judgeEnd(
  tasks: readonly CopyTask[],
  engine: Pick<Engine, 'openStore'>,
  job: JobView,
): Promise<JudgedEnd> {
  if (job.status !== 'FAILED') return { end: 'done', failures: [] };
  const changed = await Promise.all(tasks.map((task) => changeOf(task, engine)));
  const end = endOf(job);
  if (end !== 'failed') return { end, failures: changed.filter((failure) => failure !== undefined) };
  const own = failureOf(job);
  return { end, failures: tasks.map(({ targetKey }, i) => changed[i] ?? { targetKey, ...own }) };
}

async function changeOf(
  { source, pinned: { key, etag }, targetKey }: CopyTask,
  engine: Pick<Engine, 'openStore'>,
): Promise<TaskFailure | undefined> {
  const now = await retrying(() => engine.openStore(source).head({ key }));
  if (now === undefined) return { targetKey, code: 'SourceGone', message: `${key} was deleted while it was copied` };
  if (now.etag === etag) return undefined;
  return { targetKey, code: 'SourceChanged', message: `${key} was replaced while it was copied` };
}

function endOf({ statusReason = '', exitCode }: JobView): JobEnd {
  if (statusReason.startsWith(HOST_LOST)) return 'reclaimed';
  return exitCode === EXIT_INTERRUPTED ? 'interrupted' : 'failed';
}

function failureOf({ jobId, logStream, exitCode, statusReason }: JobView): Omit<TaskFailure, 'targetKey'> {
  const where = `Batch job ${jobId}${logStream === undefined ? '' : `, log stream ${logStream}`}`;
  if (exitCode === EXIT_NOT_UNDERSTOOD) {
    const message = `${where}: the job's image does not understand the task; deploy worker and image together`;
    return { code: 'JobNotUnderstood', message };
  }
  const message = `${where} failed: ${statusReason ?? 'no reason given'} (exit code ${exitCode ?? 'none'})`;
  return { code: 'JobFailed', message };
}
