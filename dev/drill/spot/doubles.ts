/** How long two jobs for one upload were live together, be it alone in them or with others. */

export interface JobSpan {
  readonly uploads: readonly string[];
  readonly createdAt: number;
  /** Absent: it lives still. */
  readonly stoppedAt?: number;
}

export interface DoubleFigures {
  /** Uploads that two jobs had at once. */
  readonly doubled: number;
  /** The longest time without a break. */
  readonly longestDoubleMs: number;
}

export function findDoubles(jobs: readonly JobSpan[], now: number): DoubleFigures {
  const byUpload = new Map<string, JobSpan[]>();
  for (const job of jobs)
    for (const upload of job.uploads) byUpload.set(upload, [...(byUpload.get(upload) ?? []), job]);
  const longest = [...byUpload.values()].map((spans) => longestTogether(spans, now)).filter((ms) => ms > 0);
  return { doubled: longest.length, longestDoubleMs: Math.max(0, ...longest) };
}

function longestTogether(spans: readonly JobSpan[], now: number): number {
  const changes = spans
    .flatMap(({ createdAt, stoppedAt = now }) => [
      { at: createdAt, by: 1 },
      { at: stoppedAt, by: -1 },
    ])
    // At one moment the new one first: a third job that comes as the second goes makes no break.
    .sort((a, b) => a.at - b.at || b.by - a.by);
  let live = 0;
  let since = 0;
  let longest = 0;
  for (const { at, by } of changes) {
    if (live < 2 && live + by >= 2) since = at;
    if (live >= 2 && live + by < 2) longest = Math.max(longest, at - since);
    live += by;
  }
  return longest;
}
