/** Several large objects in one child, which share Batch jobs: each lives its own life, and one that fails leaves the others be. */
import { condition, isCancellation } from '@temporalio/workflow';
import { addCounters, NO_COUNTERS, type Counters } from '../domain/counters';
import { keyIsHeld } from '../domain/holds';
import type { Transfer } from '../domain/transfer';
import type { ObjectSpec, RunInfo, SharedJobSpec } from '../domain/work';
import { failureOf, type Failure } from './failure';
import { someEndedSignal } from './messages';
import { objectLife, type LifeContext } from './object-life';
import { SharedJobs } from './shared-jobs';
import { tellParent } from './tell-parent';

/** Mostly all end together, and their result tells of them. */
const TELL_AFTER_MS = 5_000;

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
  const living = new Set(keys);
  let over = false;
  /** Not told to the lane yet. */
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
      living.delete(object.key);
      byBatch.leave(object.key);
    }
  };
  /** Of those that have ended, while others go on for long: until the lane does not listen, or all have ended. */
  const tellOfEnds = async () => {
    for (let listens = true; listens;) {
      await condition(() => over || counters !== NO_COUNTERS);
      if (over || (await condition(() => over, TELL_AFTER_MS))) return;
      const told = counters;
      counters = NO_COUNTERS;
      listens = await tellParent(someEndedSignal, { share: id, counters: told, keys: [...living] });
      if (!listens) counters = addCounters(counters, told);
    }
  };
  const telling = tellOfEnds().catch((error: unknown) => {
    if (!isCancellation(error)) throw error;
  });
  const ends = await Promise.allSettled(objects.map(live));
  over = true;
  await telling;
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return { counters, changing, failures };
}
