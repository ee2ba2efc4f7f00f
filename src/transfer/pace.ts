/**
 * How many requests to one bucket may be in flight. A store that asks to slow down halves it, each request that goes
 * well raises it again by a little: additive increase, multiplicative decrease (datatracker.ietf.org/doc/html/rfc5681#section-3.1).
 */
export type Outcome = 'well' | 'congested' | 'failed';

/** Requests that are refused together were sent under one limit, and halve it once. */
const COOLDOWN_MS = 1000;

export class Pace {
  private allowed: number;
  private inFlight = 0;
  private cutAt = -Infinity;
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly most: number,
    private readonly now: () => number = Date.now,
  ) {
    if (!Number.isSafeInteger(most) || most < 1) {
      throw new RangeError(`Expected \`most\` to be a positive integer, got \`${most}\``);
    }
    this.allowed = most;
  }

  /** Requests that may be in flight now. */
  get limit(): number {
    return Math.floor(this.allowed);
  }

  /** Resolves when the request may begin; each must `leave` again. Rejects with the signal's reason. */
  async enter(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.inFlight < this.limit && this.waiting.size === 0) {
      this.inFlight += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const begin = () => {
        signal?.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = () => {
        this.waiting.delete(begin);
        reject(signal?.reason as Error);
      };
      this.waiting.add(begin);
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  leave(outcome: Outcome): void {
    if (outcome === 'well') this.allowed = Math.min(this.most, this.allowed + 1 / this.allowed);
    if (outcome === 'congested' && this.now() - this.cutAt >= COOLDOWN_MS) {
      this.cutAt = this.now();
      this.allowed = Math.max(1, Math.min(this.allowed, this.inFlight) / 2);
    }
    this.inFlight -= 1;
    for (const begin of this.waiting) {
      if (this.inFlight >= this.limit) return;
      this.waiting.delete(begin);
      this.inFlight += 1;
      begin();
    }
  }
}
