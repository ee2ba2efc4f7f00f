/** The signals, queries and the update of a transfer; `ferry` and the tests import the same definitions. Each may be sent by hand. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Counters } from '../domain/counters';
import type { Holds } from '../domain/holds';
import type { LaneReport, Progress } from '../domain/run-result';
import type { LaneStretch } from './lane-state';

/** Prefixes count from `source.prefix`. */
export interface PrefixMessage {
  readonly prefix?: string;
}

export interface RerunMessage {
  readonly prefix: string;
  readonly force?: boolean;
}

export interface LimitMessage {
  /** As in ferry.yaml: `200MiB/s`. Null or absent: as fast as can be. */
  readonly bandwidth?: string | null;
}

/** Holds a prefix, or without one the whole transfer. */
export const pauseSignal = defineSignal<[PrefixMessage?]>('pause');
/** Releases one hold; without a prefix, every hold. A parked run checks its credentials at once, and stays parked if they fail. */
export const resumeSignal = defineSignal<[PrefixMessage?]>('resume');
/** Compares a prefix again, or with `force` copies it again. */
export const rerunSignal = defineSignal<[RerunMessage]>('rerun');
/** Sets or lifts the limit of bandwidth for the rest of this run. */
export const limitSignal = defineSignal<[LimitMessage?]>('limit');

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

export interface SomeEnded {
  /** Id of the `SharedJobSpec`. */
  readonly share: string;
  /** Of those that have ended; the result counts them no more. */
  readonly counters: Counters;
  /** Of the others. */
  readonly keys: readonly string[];
}

/** From objects that share jobs to their lane: some have ended, and others, which a hold may keep for days, have not. */
export const someEndedSignal = defineSignal<[SomeEnded]>('someEnded');

/** From a lane to its run, throttled. */
export const laneProgressSignal = defineSignal<[LaneReport]>('laneProgress');
/** The same, of a lane, for whoever asks. */
export const laneReportQuery = defineQuery<LaneReport>('laneReport');

/** From a run to a lane: others are free, and so many lanes in all may share what is left to list. */
export const splitSignal = defineSignal<[number]>('split');

export interface LaneSplit {
  readonly lane: string;
  /** For other lanes to take over; none where there is nothing to share. */
  readonly stretches: readonly LaneStretch[];
}

/** The answer to `split`: with it the run answers for the stretches. */
export const laneSplitSignal = defineSignal<[LaneSplit]>('laneSplit');

export interface RefusalMessage {
  /** Who asks, and waits for an answer. */
  readonly workflowId: string;
  readonly message: string;
}

/** From a lane or a child to its run: credentials were refused. The answer is `credentialsWork`, or a hold of everything. */
export const credentialsRefusedSignal = defineSignal<[RefusalMessage]>('credentialsRefused');
export const credentialsWorkSignal = defineSignal('credentialsWork');
