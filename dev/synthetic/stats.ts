/** Counts what a synthetic server does: requests by operation, bytes, how many at once, and what was verified. */
import type { RequestKind } from '../proxy/classify';
import { createWriteCounter, type WriteCounts, type WrittenKey } from './write-counts';

export interface OperationStats {
  readonly count: number;
  /** Answered with an error, by its code. */
  readonly errors: Readonly<Record<string, number>>;
  /** Most at once. */
  readonly peak: number;
}

export interface Mismatch {
  readonly bucket: string;
  readonly key: string;
  readonly partNumber?: number;
  readonly reason: string;
}

export interface Stats {
  readonly operations: Readonly<Partial<Record<RequestKind, OperationStats>>>;
  /** Of bodies that clients sent, without framing. */
  readonly bytesIn: number;
  /** Of objects that clients read. */
  readonly bytesOut: number;
  readonly inFlight: number;
  readonly peakInFlight: number;
  /** Written objects whose every byte is that of the object which they mirror. */
  readonly verified: number;
  /** Written ones that were refused for other bytes. */
  readonly mismatches: readonly Mismatch[];
  /** Where it was asked for. */
  readonly perKey?: WriteCounts;
}

export interface Counters {
  /** To be called at a request's begin; what it returns, at its end. */
  begin(kind: RequestKind): (errorCode?: string) => void;
  received(bytes: number): void;
  sent(bytes: number): void;
  /** An object is there: it was put, or its upload is completed. */
  wrote(written: WrittenKey): void;
  verified(): void;
  mismatch(mismatch: Mismatch): void;
  read(): Stats;
}

interface Operation {
  count: number;
  inFlight: number;
  peak: number;
  readonly errors: Record<string, number>;
}

/** `countsPerKey`: a key that was written stays in memory, even when it is deleted. */
export function createCounters(countsPerKey = false): Counters {
  const perKey = countsPerKey ? createWriteCounter() : undefined;
  const operations = new Map<RequestKind, Operation>();
  const mismatches: Mismatch[] = [];
  const totals = { bytesIn: 0, bytesOut: 0, inFlight: 0, peakInFlight: 0, verified: 0 };
  return {
    begin(kind) {
      const operation = operations.get(kind) ?? { count: 0, inFlight: 0, peak: 0, errors: {} };
      operations.set(kind, operation);
      operation.count += 1;
      operation.inFlight += 1;
      operation.peak = Math.max(operation.peak, operation.inFlight);
      totals.inFlight += 1;
      totals.peakInFlight = Math.max(totals.peakInFlight, totals.inFlight);
      return (errorCode) => {
        operation.inFlight -= 1;
        totals.inFlight -= 1;
        if (errorCode !== undefined) operation.errors[errorCode] = (operation.errors[errorCode] ?? 0) + 1;
      };
    },
    received: (bytes) => void (totals.bytesIn += bytes),
    sent: (bytes) => void (totals.bytesOut += bytes),
    wrote: (written) => perKey?.count(written),
    verified: () => void (totals.verified += 1),
    mismatch: (mismatch) => void mismatches.push(mismatch),
    read: () => ({
      operations: Object.fromEntries(
        Array.from(operations, ([kind, { count, peak, errors }]) => [kind, { count, peak, errors: { ...errors } }]),
      ),
      ...totals,
      mismatches: [...mismatches],
      ...(perKey ? { perKey: perKey.read() } : {}),
    }),
  };
}
