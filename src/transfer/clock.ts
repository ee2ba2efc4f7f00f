/** The time by which bytes are metered: a clock that never goes back, and one alarm. */
export interface Clock {
  /** Milliseconds. */
  now(): number;
  /** Calls `wake` once after so many milliseconds; returns what calls it off. */
  after(ms: number, wake: () => void): () => void;
}

export const CLOCK: Clock = {
  now: () => performance.now(),
  after(ms, wake) {
    const timer = setTimeout(wake, ms);
    return () => clearTimeout(timer);
  },
};
