/** A limit of bandwidth as people write it, wherever they do: in ferry.yaml, in a signal, on the command line. */
import { parseRate } from './sizes';

/** Below it, a request would move too little to be kept alive. */
const MIN_BANDWIDTH = 64 * 1024;

export const BANDWIDTH_EXPECTED = 'a size a second such as 200MiB/s, at least 64KiB/s';

/** Bytes a second, or undefined where it is no limit. */
export function parseBandwidth(value: unknown): number | undefined {
  const rate = typeof value === 'string' ? parseRate(value) : undefined;
  return rate !== undefined && rate >= MIN_BANDWIDTH ? rate : undefined;
}

/** Whose limit holds for some bytes. */
export interface TransferLimit {
  readonly transfer: string;
  /** Bytes a second. By the configuration, until the run has been asked; in the task of a Batch job: its own share, to its end. */
  readonly bandwidth?: number;
}
