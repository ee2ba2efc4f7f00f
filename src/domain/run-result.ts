/** What a run of a transfer comes to, and what it tells while it runs. Plain JSON. */
import type { Counters } from './counters';
import type { DeletesProgress, DeletesResult } from './deletes';
import type { RunScope } from './transfer';

export interface RunResult {
  readonly transfer: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly listed: number;
  readonly copied: number;
  readonly skipped: number;
  readonly deleted: number;
  readonly failed: number;
  readonly bytesCopied: number;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Absent: the transfer does not propagate deletes, or the run has not come to them. */
  readonly deletes?: DeletesResult;
}

/**
 * `parked`: everything is held until the credentials work again. `awaitingApproval`: more is to be deleted than `deletes.max`.
 * `deleting`: what is to be deleted is searched for, or deleted.
 */
export type RunState = 'preflight' | 'running' | 'paused' | 'parked' | 'deleting' | 'awaitingApproval' | 'finishing';

export interface Parked {
  /** What the last check has failed with. */
  readonly code: string;
  readonly message: string;
  /** ISO 8601. */
  readonly since: string;
}

/** What one lane has come to, as it tells its run now and then, and whoever asks it at any time. */
export interface LaneReport {
  readonly lane: string;
  readonly counters: Counters;
  readonly listingDone: boolean;
}

/** The answer to the query `progress`. */
export interface Progress {
  readonly transfer: string;
  readonly runId: string;
  readonly state: RunState;
  /** Present while the state is `parked`. */
  readonly parked?: Parked;
  /** Present while the state is `deleting` or `awaitingApproval`. */
  readonly deletes?: DeletesProgress;
  /** The prefixes that an operator holds; the empty one holds everything. */
  readonly holds: readonly string[];
  /** The limit that is in force, bytes a second; absent: there is none. */
  readonly bandwidth?: number;
  readonly counters: Counters;
  /** Those under way, as each has reported last: every few seconds at first, later rarely. In `counters` too. */
  readonly lanes: readonly LaneReport[];
  /** Listed so far, and neither finished nor failed. */
  readonly pending: number;
  /** The listing has reached its end, so that `listed` will grow no more. */
  readonly listingDone: boolean;
  readonly startedAt: string;
}

export interface RunSummary extends RunResult {
  readonly outcome: 'completed' | 'failed' | 'cancelled';
  /** What the run was asked to do; reruns may have widened it. Absent in summaries of 0.1.0. */
  readonly scope?: RunScope;
  readonly message?: string;
}
