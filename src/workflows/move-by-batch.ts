/** Has AWS Batch move the parts of one object. What the job did is read from the store by whoever asks for it. */
import type { JobInput, JobOutcome } from '../activities/control-activities';
import type { CopyTask } from '../domain/copy-task';
import type { Transfer } from '../domain/transfer';
import type { SharedJobRef } from '../domain/work';
import { runBatchJob } from './activity-proxies';
import { fail, type Failure } from './failure';
import { untilHeld } from './until-held';

export interface BatchMove {
  readonly task: CopyTask;
  readonly held: () => boolean;
  /** On the queue whose hosts nobody takes away. */
  readonly onDemand: boolean;
  /** A job that it shared has brought it nothing: it is no longer to depend on others. */
  readonly alone: boolean;
}

export interface Moved {
  readonly state: 'stopped' | 'over';
  /** A job that failed may still have stored parts: the store decides what its failure means. */
  readonly failure?: Failure;
  /** Spot has no room for it, or has taken its hosts away too often: nothing is wrong with it. */
  readonly reclaimed?: boolean;
  readonly toOnDemand?: boolean;
}

export interface MoveByBatch {
  /** Throws what ends the life of the object: `SourceChanged`, `JobNotUnderstood`, … */
  move(request: BatchMove): Promise<Moved>;
  /** The job that an object has shared last. */
  sharedBy(targetKey: string): SharedJobRef | undefined;
}

/** A job for each object by itself. */
export class OwnJob implements MoveByBatch {
  constructor(private readonly transfer: Transfer) {}

  async move({ task, held, onDemand }: BatchMove): Promise<Moved> {
    const { transfer } = this;
    return movedBy(await runUntilHeld(held, { tasks: [task], transfer, onDemand }), task, transfer);
  }

  sharedBy(): undefined {
    return undefined;
  }
}

/** `stopped`: the hold came before there was a job. */
export async function runUntilHeld(held: () => boolean, input: JobInput): Promise<JobOutcome | 'stopped'> {
  return untilHeld<JobOutcome | 'stopped'>(
    held,
    () => runBatchJob(input),
    () => 'stopped',
  );
}

/** What a job has meant for one of its objects. */
export function movedBy(outcome: JobOutcome | 'stopped', { targetKey }: CopyTask, { batch }: Transfer): Moved {
  if (outcome === 'stopped') return { state: 'stopped' };
  const { state, end, failures } = outcome;
  const failure = failures.find((each) => each.targetKey === targetKey);
  if (failure !== undefined && failure.code !== 'JobFailed') fail(failure);
  if (failure !== undefined) return { state, failure };
  const reclaimed = end === 'reclaimed' || end === 'noRoom';
  return { state, reclaimed, toOnDemand: batch?.onDemandQueue !== undefined && (reclaimed || end === 'interrupted') };
}
