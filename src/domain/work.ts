/** The shapes that travel between a lane and its children: ranges and single objects, never lists of keys. Plain JSON. */
import type { Counters } from './counters';
import type { Holds } from './holds';
import type { Route, Transfer } from './transfer';

/** A stretch of the source. Keys are whole; `prefix` is what every key begins with. */
export interface KeyRange {
  readonly prefix: string;
  /** Exclusive. */
  readonly startAfter?: string;
  /** Exclusive too: what comes up to here is left out. Only where the store's order is not known. */
  readonly skipTo?: string;
  /** Inclusive: the last key of the stretch, as it was once listed. */
  readonly endAt?: string;
  /**
   * How many keys the stretch had when it was cut. Where the store's order is not known and `endAt` has been deleted
   * since, the walk ends a page beyond this count: a key too many is looked at twice, and never one too few.
   */
  readonly keys?: number;
}

/** A stretch that was passed over because `hold` (a prefix that counts from `source.prefix`) holds it. */
export interface DeferredRange {
  readonly hold: string;
  readonly range: KeyRange;
}

/** One run of one child. */
export interface ChildRef {
  readonly workflowId: string;
  readonly runId: string;
}

/** How a child has ended, as the server tells it to whoever asks. */
export type ChildEnd = { readonly workflowId: string } & (
  | { readonly kind: 'result'; readonly result: unknown }
  /** `Unknown`: terminated, or lost to the server. */
  | { readonly kind: 'failure'; readonly code: string; readonly message: string }
  | { readonly kind: 'cancelled' }
);

/** What identifies one run of one transfer. */
export interface RunInfo {
  /** The run id of `transferBucket`; names the folder of the report. */
  readonly id: string;
  /** Stands in the record beside each object that a lane of this run has copied; a forced rerun has a mark of its own. */
  readonly mark: string;
  /** Milliseconds; age filters count from it. */
  readonly startedAt: number;
  /** The last run that has looked at every key: its report knows pairs of ETags that are of one content. */
  readonly ledger?: string;
}

export interface ObjectSpec {
  /** A hash of the key, which may be 1,024 bytes of any Unicode: fit for a workflow id. */
  readonly id: string;
  /** The scan that it comes from: its line in the report stands with the others of that scan. */
  readonly group: string;
  readonly key: string;
  readonly size: number;
  readonly route: Exclude<Route, 'pack'>;
  /** When it was listed its ETag was this one, of an object in one piece, and nothing stood in its place in the target. */
  readonly newAs?: string;
}

/** Objects of the Batch route that one job moves together, as none of them is minutes of work. */
export interface SharedJobSpec {
  /** A hash of the keys. */
  readonly id: string;
  /** As of an object. */
  readonly group: string;
  readonly objects: readonly ObjectSpec[];
}

/** Jobs that an object has shared with others. */
export interface SharedJobRef {
  /** Id of the `SharedJobSpec`. */
  readonly share: string;
  /** What the last one moved. Absent: not known, and any of them may be meant. */
  readonly uploads?: readonly { readonly targetKey: string; readonly uploadId?: string }[];
}

export interface PackSpec {
  /** A hash of the range. */
  readonly id: string;
  /** As of an object. */
  readonly group: string;
  readonly range: KeyRange;
  /** What the scan saw to copy; the pack counts for itself. */
  readonly objects: number;
  readonly bytes: number;
}

export interface ScanRequest {
  readonly transfer: Transfer;
  readonly run: RunInfo;
  readonly lane: string;
  /** Of this lane's scans: it names the group in the report, so that a retry writes the same segment. */
  readonly sequence: number;
  readonly range: KeyRange;
  readonly force: boolean;
  readonly holds: Holds;
  /** Holds whose keys are deferred already: they are passed over even when released meanwhile. */
  readonly passed: readonly string[];
}

export interface ScanResult {
  /** Where to go on; absent: the range is done. */
  readonly next?: KeyRange;
  readonly deferred: readonly DeferredRange[];
  /** Of all keys but those that the packs will count. */
  readonly counters: Counters;
  readonly packs: readonly PackSpec[];
  /** Absent: no objects share a job. */
  readonly jobs?: readonly SharedJobSpec[];
  /** Each for itself. */
  readonly objects: readonly ObjectSpec[];
}

export interface PackRequest {
  readonly transfer: Transfer;
  readonly run: RunInfo;
  readonly pack: string;
  readonly group: string;
  /** Of this pack's requests: it names the report's segments. */
  readonly sequence: number;
  readonly range: KeyRange;
  readonly force: boolean;
  readonly holds: Holds;
  readonly passed: readonly string[];
}

export interface PackResult {
  /** What is left of the range: it was stopped, or its limit was reached. */
  readonly next?: KeyRange;
  readonly deferred: readonly DeferredRange[];
  readonly counters: Counters;
  /** Keys that are too large for a pack; an answer ends once these and `changing` are 100. */
  readonly grown: readonly ObjectSpec[];
  /** Keys that were replaced again and again while they were copied: for the end of the run. */
  readonly changing: readonly ObjectSpec[];
}
