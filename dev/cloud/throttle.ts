/** Refuses calls that come too fast, as AWS does: a bucket of tokens for each operation that has a limit. */
import { AwsError } from './aws-error';

export interface Throttle {
  /** Throws `TooManyRequestsException` when the call comes too early. */
  admit(operation: string): void;
  /** Calls a second, and as many at once; 0 refuses all, undefined refuses none. */
  limit(operation: string, perSecond: number | undefined): void;
  /** The next calls are refused, whatever the limit. */
  refuse(operation: string, times: number): void;
}

interface Bucket {
  readonly perSecond: number;
  tokens: number;
  filledAt: number;
}

export function createThrottle(now: () => number = Date.now): Throttle {
  const buckets = new Map<string, Bucket>();
  const refusals = new Map<string, number>();
  const takes = (bucket: Bucket): boolean => {
    const time = now();
    const filled = bucket.tokens + ((time - bucket.filledAt) / 1000) * bucket.perSecond;
    bucket.tokens = Math.min(sizeOf(bucket.perSecond), filled);
    bucket.filledAt = time;
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  };
  return {
    admit(operation) {
      const left = refusals.get(operation) ?? 0;
      if (left > 0) refusals.set(operation, left - 1);
      const bucket = buckets.get(operation);
      if (left > 0 || (bucket && !takes(bucket))) {
        throw new AwsError('TooManyRequestsException', 429, 'Too Many Requests');
      }
    },
    limit(operation, perSecond) {
      if (perSecond === undefined) buckets.delete(operation);
      else buckets.set(operation, { perSecond, tokens: sizeOf(perSecond), filledAt: now() });
    },
    refuse: (operation, times) => void refusals.set(operation, times),
  };
}

function sizeOf(perSecond: number): number {
  return perSecond === 0 ? 0 : Math.max(1, perSecond);
}
