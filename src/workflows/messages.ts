/** The signals, queries and the update of a transfer; `ferry` and the tests import the same definitions. Each may be sent by hand. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Counters } from '../domain/counters';
import type { Holds } from '../domain/holds';
import type { Progress } from '../domain/run-result';

/** Prefixes count from `source.prefix`. */
export interface PrefixMessage {
  readonly prefix?: string;
}

export interface RerunMessage {
  readonly prefix: string;
  readonly force?: boolean;
}

/** Holds a prefix, or without one the whole transfer. */
export const pauseSignal = defineSignal<[PrefixMessage?]>('pause');
/** Releases one hold; without a prefix, every hold. A parked run checks its credentials at once, and stays parked if they fail. */
export const resumeSignal = defineSignal<[PrefixMessage?]>('resume');
/** Compares a prefix again, or with `force` copies it again. */
export const rerunSignal = defineSignal<[RerunMessage]>('rerun');

/** What is shown by the query `progress` and by `ferry status`, both exactly. */
export interface ApproveDeletesMessage {
  readonly count: number;
  readonly digest: string;
}

/** Lets a run delete more than `deletes.max`; refused unless it names what the run waits for. */
export const approveDeletesUpdate = defineUpdate<{ readonly approved: number }, [ApproveDeletesMessage]>(
  'approveDeletes',
);
export const progressQuery = defineQuery<Progress>('progress');

/** From a run to its lanes, and from a lane to its children: the holds that are in force now, and the count of such words. */
export const holdsSignal = defineSignal<[Holds, number?]>('holds');

export interface LaneReport {
  readonly lane: string;
  readonly counters: Counters;
  readonly listingDone: boolean;
}

/** From a lane to its run, throttled. */
export const laneProgressSignal = defineSignal<[LaneReport]>('laneProgress');

export interface RefusalMessage {
  /** Who asks, and waits for an answer. */
  readonly workflowId: string;
  readonly message: string;
}

/** From a lane or a child to its run: credentials were refused. The answer is `credentialsWork`, or a hold of everything. */
export const credentialsRefusedSignal = defineSignal<[RefusalMessage]>('credentialsRefused');
export const credentialsWorkSignal = defineSignal('credentialsWork');
