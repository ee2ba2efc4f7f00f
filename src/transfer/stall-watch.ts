/** Ends a request whose bytes have all but stopped, or that takes too long as a whole. A silent connection is only the plainest case. */
import { TransferError } from '../domain/transfer-error';
import type { RequestOptions } from './object-store';

export interface WatchOptions {
  /** What the request moves. */
  readonly bytes: number;
  /** Named in the error. */
  readonly what: string;
  /** The try, from 1: each has twice the patience of the one before, so that a slow line gets through in the end. */
  readonly attempt: number;
  /** Ends it too. */
  readonly stop?: AbortSignal | undefined;
}

export interface StallWatch {
  /** Ends the request: as a store takes it. */
  readonly request: RequestOptions & { readonly abortSignal: AbortSignal };
  /** So many bytes have moved. */
  moved(bytes: number): void;
  /** Does not count the time that someone else takes. */
  exempt<T>(other: Promise<T>): Promise<T>;
}

/** Below this over a whole window, the first try has stalled. */
const MIN_BYTES_PER_SECOND = 64 * 1024;
const WINDOW_MS = 20_000;
/** The whole of the first try: a minute, and its bytes at twice the rate that counts as a stall. */
const DEADLINE_BASE_MS = 60_000;
const DEADLINE_BYTES_PER_SECOND = 2 * MIN_BYTES_PER_SECOND;
const LOOKS_A_WINDOW = 4;

/** Of the first try; milliseconds. */
export function deadlineMs(bytes: number): number {
  return DEADLINE_BASE_MS + Math.ceil((bytes / DEADLINE_BYTES_PER_SECOND) * 1000);
}

/** Rejects with `Stalled`, which may be tried again, where the watch has ended the work. */
export async function watched<T>(options: WatchOptions, work: (watch: StallWatch) => Promise<T>): Promise<T> {
  const { bytes, what, attempt, stop } = options;
  const patience = 2 ** (attempt - 1);
  const controller = new AbortController();
  const end = (why: string) => controller.abort(new TransferError('Stalled', `${what} ${why}; it is tried again`));
  let total = 0;
  let exempted = 0;
  let others = 0;
  let othersSince = 0;
  const startedAt = Date.now();
  const active = () => Date.now() - startedAt - exempted - (others > 0 ? Date.now() - othersSince : 0);
  let window = { at: 0, total: 0 };
  const look = () => {
    const now = active();
    if (now >= deadlineMs(bytes) * patience) {
      end(`was not over after ${Math.round(now / 1000)} s`);
    } else if (now - window.at >= WINDOW_MS) {
      const rate = ((total - window.total) / (now - window.at)) * 1000;
      // Once all bytes are on their way, what is awaited is the answer: that has the whole deadline.
      if (total < bytes && rate < MIN_BYTES_PER_SECOND / patience)
        end(`has stalled at ${Math.round(rate)} bytes a second`);
      window = { at: now, total };
    }
  };
  const timer = setInterval(look, WINDOW_MS / LOOKS_A_WINDOW);
  const signal = stop === undefined ? controller.signal : AbortSignal.any([controller.signal, stop]);
  const exempt = async <W>(waiting: Promise<W>): Promise<W> => {
    if (others === 0) othersSince = Date.now();
    others += 1;
    try {
      return await waiting;
    } finally {
      others -= 1;
      if (others === 0) exempted += Date.now() - othersSince;
    }
  };
  try {
    return await work({
      request: { abortSignal: signal, exempt },
      moved: (count) => void (total += count),
      exempt,
    });
  } catch (error) {
    // An aborted request rejects in its client's own words.
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    clearInterval(timer);
  }
}
