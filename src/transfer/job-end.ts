/** What the end of a Batch job means. What it has moved is to be read from the store all the same. */
import type { CopyTask } from '../domain/copy-task';
import { TransferError } from '../domain/transfer-error';
import type { Engine } from './engine';
import type { JobView } from './job-service';
import { retrying } from './retry';

/**
 *   done         it says so itself
 *   reclaimed    its host was taken away, as often as Batch was told to try again; nothing is wrong with it
 *   interrupted  it was asked to end, or met a fault that may pass (exit code 75), as often
 */
export type JobEnd = 'done' | 'reclaimed' | 'interrupted';

/** Exit codes of `ferry job`; see docs/architecture.md. */
const EXIT_INTERRUPTED = 75;
const EXIT_NOT_UNDERSTOOD = 64;
/** What Batch says of a Spot host that was taken away (docs.aws.amazon.com/batch/latest/userguide/job_retries.html). */
const HOST_LOST = 'Host EC2';

/** Rejects with `SourceGone` or `SourceChanged` where that is why, else with `JobNotUnderstood` or `JobFailed`. */
export async function judgeEnd(task: CopyTask, engine: Pick<Engine, 'openStore'>, job: JobView): Promise<JobEnd> {
  if (job.status !== 'FAILED') return 'done';
  const { key, etag } = task.pinned;
  const source = await retrying(() => engine.openStore(task.source).head({ key }));
  if (source === undefined) throw new TransferError('SourceGone', `${key} was deleted while it was copied`, { key });
  if (source.etag !== etag)
    throw new TransferError('SourceChanged', `${key} was replaced while it was copied`, { key });
  if ((job.statusReason ?? '').startsWith(HOST_LOST)) return 'reclaimed';
  if (job.exitCode === EXIT_INTERRUPTED) return 'interrupted';
  const where = `Batch job ${job.jobId}${job.logStream === undefined ? '' : `, log stream ${job.logStream}`}`;
  if (job.exitCode === EXIT_NOT_UNDERSTOOD) {
    throw new TransferError(
      'JobNotUnderstood',
      `${where}: the job's image does not understand the task; deploy worker and image together`,
      { key },
    );
  }
  throw new TransferError(
    'JobFailed',
    `${where} failed: ${job.statusReason ?? 'no reason given'} (exit code ${job.exitCode ?? 'none'})`,
    { key },
  );
}
