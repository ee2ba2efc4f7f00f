/** Counts by operation what went wrong on purpose and was met by a caller; the counts outlive a restart. */
import type { Journal } from './journal';

export interface DisturbanceCounts {
  /** Calls that were refused as too many. */
  readonly refused: Readonly<Record<string, number>>;
  /** Calls that were carried out and whose answers were lost. */
  readonly lost: Readonly<Record<string, number>>;
}

export interface Disturbances {
  count(kind: keyof DisturbanceCounts, operation: string): void;
  counts(): DisturbanceCounts;
}

export function createDisturbances(journal: Journal): Disturbances {
  const of = (kind: keyof DisturbanceCounts) => journal.read(kind) as ReadonlyMap<string, number>;
  return {
    count: (kind, operation) => journal.write(kind, operation, (of(kind).get(operation) ?? 0) + 1),
    counts: () => ({ refused: Object.fromEntries(of('refused')), lost: Object.fromEntries(of('lost')) }),
  };
}
