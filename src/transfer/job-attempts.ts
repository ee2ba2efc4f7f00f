/** What each attempt of a job was, and how much of the upload it saved: for people. */
import type { JobView } from './job-service';

/** Plain JSON. */
export interface AttemptTold {
  readonly queue: string;
  readonly logStream?: string;
  readonly exitCode?: number;
  readonly reason?: string;
  /** Stored in the target since the attempt before it ended, as far as was seen. */
  readonly bytes: number;
}

/**
 * `told`: before this look; `stored`: bytes of the upload that the store shows now. Attempts that ended since the last
 * look share what came since: the first of them has it.
 */
export function tellAttempts(
  told: readonly AttemptTold[],
  { attempts, queue }: Pick<JobView, 'attempts' | 'queue'>,
  stored: number,
): readonly AttemptTold[] {
  const saved = told.reduce((sum, { bytes }) => sum + bytes, 0);
  const known = told.length;
  return attempts.map(
    (attempt, i) => told[i] ?? { queue, ...attempt, bytes: i === known ? Math.max(0, stored - saved) : 0 },
  );
}
