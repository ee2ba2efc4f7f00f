/** Lets bytes through at a rate, first come, first served; what was not used is kept for a quarter of a second, and no longer. */
import { CLOCK, type Clock } from './clock';

/** The largest piece that is asked for: it must fit, however low the rate. */
const LEAST_BURST = 256 * 1024;
const BURST_SECONDS = 0.25;
const LONGEST_SLEEP_MS = 60_000;

interface Waiting {
  readonly bytes: number;
  readonly go: () => void;
}

export class TokenBucket {
  /** Bytes a second; undefined: no limit. */
  private rate: number | undefined;
  private tokens = 0;
  private countedAt: number;
  private readonly waiting = new Set<Waiting>();
  private sleeping: (() => void) | undefined;

  constructor(private readonly clock: Clock = CLOCK) {
    this.countedAt = clock.now();
  }

  /** Holds from now on, for who waits already too. 0: nobody goes until it is set anew. */
  setRate(rate: number | undefined): void {
    this.count();
    this.rate = rate;
    this.tokens = Math.min(this.tokens, this.burst);
    this.serve();
  }

  /** Undefined: they may go at once. Rejects with the signal's reason; who gives up takes nothing. */
  take(bytes: number, signal?: AbortSignal): Promise<void> | undefined {
    if (this.rate === undefined) return undefined;
    this.count();
    if (this.waiting.size === 0 && this.fits(bytes)) {
      this.tokens -= bytes;
      return undefined;
    }
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.waiting.delete(waiter);
        reject(signal?.reason as Error);
        this.count();
        this.serve();
      };
      const go = () => {
        signal?.removeEventListener('abort', giveUp);
        resolve();
      };
      const waiter = { bytes, go };
      this.waiting.add(waiter);
      if (signal?.aborted) giveUp();
      else signal?.addEventListener('abort', giveUp, { once: true });
      this.serve();
    });
  }

  private get burst(): number {
    return Math.max(LEAST_BURST, (this.rate ?? 0) * BURST_SECONDS);
  }

  /** More than the bucket holds goes when it is full, and is paid for afterwards. */
  private fits(bytes: number): boolean {
    return this.tokens >= Math.min(bytes, this.burst);
  }

  private count(): void {
    const now = this.clock.now();
    this.tokens = Math.min(this.burst, this.tokens + ((this.rate ?? 0) * (now - this.countedAt)) / 1000);
    this.countedAt = now;
  }

  private serve(): void {
    this.sleeping?.();
    this.sleeping = undefined;
    for (const waiter of this.waiting) {
      if (this.rate !== undefined && !this.fits(waiter.bytes)) {
        this.sleepFor(Math.min(waiter.bytes, this.burst) - this.tokens);
        return;
      }
      this.waiting.delete(waiter);
      if (this.rate !== undefined) this.tokens -= waiter.bytes;
      waiter.go();
    }
  }

  private sleepFor(bytes: number): void {
    if (!this.rate) return;
    const ms = Math.min(LONGEST_SLEEP_MS, Math.max(1, Math.ceil((bytes / this.rate) * 1000)));
    this.sleeping = this.clock.after(ms, () => {
      this.count();
      this.serve();
    });
  }
}
