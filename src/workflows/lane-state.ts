/** What a lane is: its input, and what continue-as-new carries. */
import { NO_COUNTERS, type Counters } from '../domain/counters';
import { MiB } from '../domain/sizes';
import type { Transfer } from '../domain/transfer';
import type { KeyRange, ObjectSpec, PackSpec, RunInfo, SharedJobSpec } from '../domain/work';
import type { HoldsWord } from './held-by';
import type { CarriedChild } from './window';

/**
 * A stretch still to scan; `hold` is what it waits for. `passed`: the holds that its own scan has deferred already. Those of
 * other stretches do not count here: a wider hold that comes later would hide the keys of a narrower one that was deferred first.
 */
export interface LaneStretch {
  readonly range: KeyRange;
  readonly hold?: string;
  readonly passed?: readonly string[];
}

/**
 * `lastChance`: the object has been replaced again and again, and there will be no other try. `alone`: ids of the objects that
 * the same scan gave children of their own. `hold`: what the pack waits for: it is the rest of another pack, which the scan
 * must not see again, as it has counted the large keys between.
 */
export type LaneWork =
  | { readonly kind: 'object'; readonly object: ObjectSpec; readonly lastChance?: true }
  | { readonly kind: 'job'; readonly job: SharedJobSpec }
  | { readonly kind: 'pack'; readonly pack: PackSpec; readonly alone: readonly string[]; readonly hold?: string };

export interface LaneState extends HoldsWord {
  readonly transfer: Transfer;
  readonly run: RunInfo;
  readonly lane: string;
  readonly force: boolean;
  readonly stretches: readonly LaneStretch[];
  readonly waiting: readonly LaneWork[];
  /** Children of an earlier run of the lane that are still at work. */
  readonly carried: readonly CarriedChild<LaneWork>[];
  /** Kept until all else is done: objects that did not stand still while they were copied. */
  readonly changing: readonly ObjectSpec[];
  /** Objects that have failed alone, since their credentials were refused and work elsewhere. */
  readonly refused: number;
  readonly sequence: number;
  /** Its run has asked it to share what is left with so many lanes in all, and has no answer yet. */
  readonly splitInto?: number;
  readonly counters: Counters;
}

/** A pack moves many objects at once; by its bytes it counts as up to four that travel alone. */
export function weightOf({ bytes }: PackSpec): number {
  return Math.max(1, Math.ceil(bytes / PLACE_BYTES));
}

const PLACE_BYTES = 64 * MiB;

/** What every lane begins with. */
export const NEW_LANE = {
  waiting: [],
  carried: [],
  changing: [],
  refused: 0,
  sequence: 0,
  counters: NO_COUNTERS,
} as const satisfies Partial<LaneState>;
