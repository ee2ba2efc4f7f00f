/** What an engine knows of limits of bandwidth, and the port by which the processes of a transfer learn of each other. */
import type { TransferLimit } from '../domain/bandwidth';
import type { Claim } from '../domain/bandwidth-share';
import type { Clock } from './clock';
import { MeteredGate, OPEN_GATE, type SendGate } from './send-gate';

export interface Bandwidth {
  /** The same for all copies of one transfer in this process. */
  gate(limit: TransferLimit): SendGate;
  /** The share of a Batch job, which cannot ask for itself. Absent: nobody here waits for jobs. */
  job?(limit: TransferLimit, request: JobShareRequest): Promise<JobShare>;
}

export interface JobShareRequest {
  readonly jobName: string;
  /** It runs already, with this share of before: it waits for no room. */
  readonly given?: { readonly rate?: number };
  /** Ends the waiting: rejects with its reason. */
  readonly stop?: AbortSignal | undefined;
}

export interface JobShare {
  /** Bytes a second; absent: the transfer has no limit. */
  readonly rate?: number;
  /** Whether the job moves bytes: only then do others leave it its share. */
  moves(yes: boolean): void;
  /** It is over, or another process waits for it from now on. */
  end(): void;
}

/** `workers/` answers it. */
export interface BandwidthBoard {
  /** What the run says now: bytes a second; undefined: it has no limit. Rejects where nobody answers. */
  limit(transfer: string): Promise<number | undefined>;
  /** Of all who copy for the transfer, this process among them, as far as they have shown one within `CLAIM_LIFE_MS`. */
  claims(transfer: string): Promise<readonly Claim[]>;
  /** Shows it to all in place of the last one of that name; to be repeated. Costs nothing that anyone keeps. */
  show(transfer: string, claim: Claim): void;
  /** Takes it back. */
  withdraw(transfer: string, process: string): void;
}

/** One that was not shown again for so long is of a process that has died. */
export const CLAIM_LIFE_MS = 15_000;

/** `limit` is absent in a task that was written before there were limits. */
export function gateOf(limit: TransferLimit | undefined, bandwidth: Bandwidth | undefined): SendGate {
  return limit === undefined ? OPEN_GATE : (bandwidth?.gate(limit) ?? OPEN_GATE);
}

/** Of a process with one task that cannot ask: what the task says holds to its end. */
export function fixedBandwidth(limit: TransferLimit | undefined, clock?: Clock): Bandwidth {
  if (limit?.bandwidth === undefined) return { gate: () => OPEN_GATE };
  const gate = new MeteredGate(clock);
  gate.setRate(limit.bandwidth);
  return { gate: () => gate };
}
