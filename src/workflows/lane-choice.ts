/** Which lane is to share what it has left, when fewer are at work than may be. */
import type { Counters } from '../domain/counters';

/** What a run knows of a lane; its last report may be old. */
export interface KnownLane {
  /** When it began: ms. */
  readonly since: number;
  counters: Counters;
  listingDone: boolean;
  /** Its result is in: no report that comes late may replace it. */
  over: boolean;
  /** It has been asked, and had nothing to share. */
  whole: boolean;
}

/** One that has listed less, and is younger, may soon be done. */
const SPLIT_FROM_KEYS = 20_000;
const SPLIT_FROM_MS = 30_000;
/** Each takes some twenty events of the run's history, with what it is asked and reports. */
const MAX_LANES = 128;

export interface SplitChoice {
  readonly lane: string;
  /** With its own. */
  readonly pieces: number;
}

/** `most`: at work at once. Of several the one that has come least far: lanes of one split are alike in weight. */
export function laneToSplit(lanes: ReadonlyMap<string, KnownLane>, most: number, now: number): SplitChoice | undefined {
  const open = [...lanes].filter(([, { over }]) => !over);
  const free = Math.min(most - open.length, MAX_LANES - lanes.size);
  const isLong = ({ since, counters }: KnownLane) => counters.listed >= SPLIT_FROM_KEYS || now - since >= SPLIT_FROM_MS;
  const [lane] = open
    .filter(([, known]) => !known.listingDone && !known.whole && isLong(known))
    .sort(([, a], [, b]) => a.counters.listed - b.counters.listed)
    .map(([name]) => name);
  return free < 1 || lane === undefined ? undefined : { lane, pieces: free + 1 };
}
