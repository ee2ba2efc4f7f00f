/** How fast bytes arrived, from what a server had received at many moments. */

export interface Sample {
  /** Milliseconds. */
  readonly at: number;
  readonly bytes: number;
}

const EVERY_MS = 100;

export interface RateSamples {
  /** So far. */
  read(): readonly Sample[];
  stop(): void;
}

export function sampleRate(received: () => number): RateSamples {
  const samples: Sample[] = [{ at: performance.now(), bytes: received() }];
  const timer = setInterval(() => void samples.push({ at: performance.now(), bytes: received() }), EVERY_MS);
  return { read: () => samples, stop: () => clearInterval(timer) };
}

/** Bytes a second between two moments. */
export function rateBetween(samples: readonly Sample[], from: number, to: number): number {
  const within = samples.filter(({ at }) => at >= from && at <= to);
  const [first, last] = [within[0], within.at(-1)];
  if (first === undefined || last === undefined || last.at === first.at) return 0;
  return ((last.bytes - first.bytes) / (last.at - first.at)) * 1000;
}

/** The most in any stretch of so many seconds. */
export function highestOver(seconds: number, samples: readonly Sample[]): number {
  let highest = 0;
  let begin = 0;
  for (const [end, { at, bytes }] of samples.entries()) {
    while (begin < end && at - (samples[begin]?.at ?? at) > seconds * 1000) begin += 1;
    const first = samples[begin];
    if (first !== undefined && at - first.at > seconds * 900)
      highest = Math.max(highest, ((bytes - first.bytes) / (at - first.at)) * 1000);
  }
  return highest;
}

/** When so many bytes had arrived; undefined: not yet. */
export function momentOf(bytes: number, samples: readonly Sample[]): number | undefined {
  return samples.find((sample) => sample.bytes >= bytes)?.at;
}
