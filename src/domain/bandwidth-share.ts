/** How the processes that copy for one transfer share its limit: each computes its own share, all from the same claims. */

/** What one process, or one Batch job, tells all others. */
export interface Claim {
  /** Who: another name at each start. */
  readonly process: string;
  /** At work there: each copy counts alike. Of a job: 1 while it moves bytes. */
  readonly copies: number;
  /** Bytes a second that it could use; Infinity: whatever it gets. Of a job: what it was given, or 0 while it waits for that. */
  readonly want: number;
  /** A Batch job: its rate is fixed when it is submitted. */
  readonly job?: boolean;
  /** Bytes since it came to the board. Absent: of a job, or of a release that does not tell. */
  readonly sent?: number;
}

/** Of the limit: what a job is given. */
export const JOB_SHARE = 1 / 4;
/** At once, so that the workers are left as much as one of them. */
export const MOST_JOBS = 1 / JOB_SHARE - 1;

/**
 * What `process` may send, bytes a second. The shares of all come to the limit: each gets its part by its copies, and what
 * one does not want is shared out among the others. Who is not on the board yet has none.
 *
 *   limit   copies x want            shares
 *   100     4 x all                  100            alone
 *   100     4 x all, 4 x all         50, 50
 *   100     1 x all, 4 x all         20, 80         each copy gets the same
 *   100     4 x 10,  4 x all         10, 90         a pack that cannot use its part
 *   100     4 x 10,  4 x 30          25, 75         nobody is held back: room to grow
 *   100     4 x all, a job with 25   75
 */
export function shareOf(limit: number, process: string, claims: readonly Claim[]): number {
  const rivals = claims.filter(({ job, copies }) => job !== true && copies > 0);
  const mine = rivals.find((claim) => claim.process === process);
  if (mine === undefined) return 0;
  const pool = poolOf(limit, claims);
  const wanted = sumOf(rivals, 'want');
  if (wanted <= pool) return (pool * mine.want) / wanted;
  return Math.min(mine.want, mine.copies * levelOf(pool, rivals));
}

/** Bytes a second: what the jobs leave to the workers. */
export function poolOf(limit: number, claims: readonly Claim[]): number {
  const jobs = claims.filter(({ job, copies }) => job === true && copies > 0);
  return Math.max(limit - sumOf(jobs, 'want'), limit * JOB_SHARE);
}

/** Bytes a second for each copy of those that want more than they get. */
function levelOf(pool: number, claims: readonly Claim[]): number {
  let left = pool;
  let copies = sumOf(claims, 'copies');
  for (const claim of [...claims].sort((a, b) => a.want / a.copies - b.want / b.copies)) {
    if (claim.want > (left / copies) * claim.copies) break;
    left -= claim.want;
    copies -= claim.copies;
  }
  return left / copies;
}

function sumOf(claims: readonly Claim[], what: 'copies' | 'want'): number {
  return claims.reduce((sum, claim) => sum + claim[what], 0);
}
