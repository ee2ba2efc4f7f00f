/** Several large objects in one child, which share Batch jobs: each lives its own life, and one that fails leaves the others be. */
import { isCancellation } from '@temporalio/workflow';
import { addCounters, NO_COUNTERS, type Counters } from '../domain/counters';
import { keyIsHeld } from '../domain/holds';
import type { Transfer } from '../domain/transfer';
import type { ObjectSpec, RunInfo, SharedJobSpec } from '../domain/work';
import { failureOf, type Failure } from './failure';
import { objectLife, type LifeContext } from './object-life';
import { SharedJobs } from './shared-jobs';

export interface SharingObjects {
  readonly transfer: Transfer;
  readonly run: RunInfo;
  readonly job: SharedJobSpec;
  readonly force: boolean;
}

export interface SharedJobResult {
  readonly counters: Counters;
  readonly changing: readonly ObjectSpec[];
  /** Of those that are counted as failed. */
  readonly failures: readonly Failure[];
}

/** Rejects where it was cancelled, once each has ended and cleaned up after itself. */
export async function objectsSharingJobs(
  { transfer, run, job, force }: SharingObjects,
  context: Pick<LifeContext, 'holds' | 'refusals'>,
): Promise<SharedJobResult> {
  const { id, objects } = job;
  const keys = objects.map(({ key }) => key);
  const byBatch = new SharedJobs(transfer, id, keys, (key) => keyIsHeld(context.holds(), transfer, key));
  let counters = NO_COUNTERS;
  const changing: ObjectSpec[] = [];
  const failures: Failure[] = [];
  const live = async (object: ObjectSpec) => {
    try {
      const input = { transfer, run, object, force, lastChance: false };
      const { outcome, bytes } = await objectLife(input, { ...context, byBatch });
      const counted = outcome === 'changing' ? {} : { [outcome]: 1 };
      counters = addCounters(counters, { ...counted, bytesCopied: bytes });
      if (outcome === 'changing') changing.push(object);
    } catch (error) {
      const failure = failureOf(error);
      if (isCancellation(error) || failure === undefined) throw error;
      counters = addCounters(counters, { failed: 1 });
      failures.push(failure);
    } finally {
      byBatch.leave(object.key);
    }
  };
  const ends = await Promise.allSettled(objects.map(live));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return { counters, changing, failures };
}
