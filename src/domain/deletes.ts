/** What a run deletes in the target, and what it keeps: the shapes that travel between the run, its activities and who asks. Plain JSON. */
import type { RunInfo } from './work';
import type { Transfer } from './transfer';

/** Why an object stays that the listings of source and target alone would have deleted. */
export type KeepReason =
  /** It has no record of ours, or that of another source. */
  | 'notOurs'
  /** Another object stands under the key by now. */
  | 'changed'
  /** The source has the key after all. */
  | 'inSource'
  /** The source has answered neither 404 nor with the object. */
  | 'unknown'
  /** Somebody else has deleted it. */
  | 'gone';

export type KeptCounts = Readonly<Partial<Record<KeepReason, number>>>;

/** A set of objects of the target, in the order of their keys. */
export interface DeleteSet {
  readonly count: number;
  /** Of keys and ETags: two sets with one digest are one set. */
  readonly digest: string;
}

/** What a search has found, and where it has written it down. */
export interface DeletesFound extends DeleteSet {
  /** Of the lists; 0 where nothing is to be deleted. */
  readonly lists: number;
  readonly kept: KeptCounts;
}

/** One search and what follows from it; a run that is disturbed meanwhile searches again. */
export interface DeleteRound {
  readonly transfer: Transfer;
  readonly run: RunInfo;
  /** Names the lists and the groups of the report: see `deletesLane`. */
  readonly lane: string;
}

/** `reruns`: how many the run had until then, since what they have copied is older than these deletes. `round`: one search. */
export function deletesLane(reruns: number, round: number): string {
  return `deletes-${reruns}-${round}`;
}

/** Of the activities that search and delete, which may outlast many deploys. */
export const DELETE_ATTEMPTS = 50;

export interface CarryOutRequest extends DeleteRound {
  readonly lists: number;
  readonly digest: string;
}

export interface CarryOutResult {
  /** False: it was asked to stop, or has failed; each delete that was done is counted and in the report. */
  readonly complete: boolean;
  readonly deleted: number;
  readonly failed: number;
  readonly kept: KeptCounts;
  readonly failure?: { readonly code: string; readonly message: string };
}

/** What a run tells of its deletes while they go on. */
export interface DeletesProgress {
  readonly doing: 'searching' | 'awaitingApproval' | 'deleting';
  /** Once the search is done. */
  readonly count?: number;
  readonly digest?: string;
  readonly max: number;
  /** ISO 8601: until then an approval is waited for. */
  readonly until?: string;
  /** The command that approves. */
  readonly approve?: string;
}

/** What they came to. */
export interface DeletesResult {
  /** False: not all that was to be deleted was, or nobody has looked. `message` says why. */
  readonly done: boolean;
  readonly message?: string;
  /** What the last search has found. */
  readonly found?: DeleteSet;
  /** What the listings alone would have deleted. */
  readonly kept: KeptCounts;
}

export function addKept(a: KeptCounts, b: KeptCounts): KeptCounts {
  const sum: Partial<Record<KeepReason, number>> = { ...a };
  for (const [reason, count] of Object.entries(b) as [KeepReason, number][]) sum[reason] = (sum[reason] ?? 0) + count;
  return sum;
}
