/** What the processes of a transfer have sent together, against what they might: by that their shares are raised or lowered. */
import { poolOf, type Claim } from './bandwidth-share';

/** Kept from one look at the board to the next. */
export interface Balance {
  /** Milliseconds, by the clock of who looks. */
  readonly at: number;
  /** By process: what it had sent by then. */
  readonly sent: ReadonlyMap<string, number>;
  /** Of the limit: left unused, or, below zero, used too much. */
  readonly seconds: number;
}

/** What is left unused is made up for as far as this: over any stretch of time no more than so much goes beyond the limit. */
const MOST_SAVED = 0.3;
const MOST_OWED = 0.8;
/** The time in which it would be made up for. Others know of it half a second later: if it were shorter, all would swing. */
const MADE_UP_SECONDS = 1;
/** So slowly it is forgotten: those who have looked at other moments, and disagree, come to agree. */
const FORGOTTEN_SECONDS = 8;

/**
 * After another look. Undefined where one at work does not tell what it has sent: nothing is known then. Who was not there
 * the last time, or tells less than then, has begun from nothing since.
 */
export function nextBalance(
  before: Balance | undefined,
  at: number,
  limit: number,
  claims: readonly Claim[],
): Balance | undefined {
  const workers = claims.filter(({ job }) => job !== true);
  if (workers.some(({ copies, sent }) => copies > 0 && sent === undefined)) return undefined;
  const sent = new Map(workers.map((claim) => [claim.process, claim.sent ?? 0]));
  if (before === undefined) return { at, sent, seconds: 0 };
  let bytes = 0;
  for (const [process, now] of sent) {
    const last = before.sent.get(process) ?? 0;
    bytes += now < last ? now : now - last;
  }
  const passed = (at - before.at) / 1000;
  const kept = before.seconds * Math.exp(-passed / FORGOTTEN_SECONDS);
  const seconds = kept + passed - bytes / poolOf(limit, claims);
  return { at, sent, seconds: Math.min(MOST_SAVED, Math.max(-MOST_OWED, seconds)) };
}

/** By what each share is multiplied: 0.2 to 1.3, and 1 where nothing is known. */
export function boostOf(balance: Balance | undefined): number {
  return 1 + (balance?.seconds ?? 0) / MADE_UP_SECONDS;
}
