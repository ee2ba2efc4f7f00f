/**
 * How many requests to one bucket may be in flight. A store that asks to slow down halves it, each request that goes
 * well raises it again by a little: additive increase, multiplicative decrease (datatracker.ietf.org/doc/html/rfc5681#section-3.1).
 */
import { Turns } from './turns';

export type Outcome = 'well' | 'congested' | 'failed';

/** Requests that are refused together were sent under one limit, and halve it once. */
const COOLDOWN_MS = 1000;

export class Pace {
  private allowed: number;
  private inFlight = 0;
  private cutAt = -Infinity;
  private readonly waiting = new Turns<() => void>();

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

  /** Resolves when the request may begin; each must `leave` again. Owners take turns. Rejects with the signal's reason. */
  async enter(signal?: AbortSignal, owner = ''): Promise<void> {
    signal?.throwIfAborted();
    if (this.inFlight < this.limit && this.waiting.isEmpty) {
      this.inFlight += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const begin = () => {
        signal?.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = () => {
        this.waiting.remove(owner, begin);
        reject(signal?.reason as Error);
      };
      this.waiting.add(owner, begin);
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
    while (this.inFlight < this.limit) {
      const begin = this.waiting.take();
      if (begin === undefined) return;
      this.inFlight += 1;
      begin();
    }
  }
}
