/** One rate for all who share it: whoever takes something waits until what was taken before is through. */
import { setTimeout as delay } from 'node:timers/promises';

export interface Pace {
  /** Resolves when it is this taker's turn; undefined: at once. */
  take(amount: number): Promise<void> | undefined;
}

/** What was not taken while nobody wanted it may still be taken this much later: timers are late, and must not slow it. */
const GRACE_MS = 50;

export function createPace(perSecond: number): Pace {
  let freeAt = 0;
  return {
    take(amount) {
      const now = performance.now();
      const turn = Math.max(freeAt, now - GRACE_MS);
      freeAt = turn + (amount / perSecond) * 1_000;
      // Timers know whole milliseconds.
      return turn - now < 1 ? undefined : delay(turn - now);
    },
  };
}
