/** What was killed, when, and why then. */
export type Victim = 'worker' | 'job' | 'hand';

/**
 * `beforeFirstPart`: the upload is open, and its first part is about to be sent. `afterComplete` and `afterPut`: the store
 * has carried it out, and its answer has not arrived.
 */
export type SpecialMoment = 'beforeFirstPart' | 'afterComplete' | 'afterPut';

export interface Kill {
  readonly victim: Victim;
  readonly moment: 'random' | SpecialMoment;
  /** What the process calls itself in its requests; no other does. */
  readonly sender: string;
  /** For people: the worker's seat, or the target key of a job. */
  readonly what: string;
  /** Just before the signal. */
  readonly at: number;
}

export type KillCounts = Readonly<Record<Victim | SpecialMoment | 'total', number>>;

export function countKills(kills: readonly Kill[]): KillCounts {
  const counts = { total: kills.length, worker: 0, job: 0, hand: 0, beforeFirstPart: 0, afterComplete: 0, afterPut: 0 };
  for (const { victim, moment } of kills) {
    counts[victim] += 1;
    if (moment !== 'random') counts[moment] += 1;
  }
  return counts;
}
