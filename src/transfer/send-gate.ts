/** What the bytes of one transfer pass on their way out of a process. Without a limit it stands open. */
import { setMaxListeners } from 'node:events';
import { CLOCK, type Clock } from './clock';
import { TokenBucket } from './token-bucket';

export interface SendGate {
  /** Around reading and sending. Rejects with the reason of `stop` where that comes before its turn. */
  hold<T>(bytes: number, use: () => Promise<T>, stop?: AbortSignal): Promise<T>;
  /** Before each slice. Undefined: it may leave at once. Rejects with the signal's reason. */
  take(bytes: number, signal?: AbortSignal): Promise<void> | undefined;
}

/** Nobody sets a limit here. */
export const OPEN_GATE: SendGate = { hold: (_bytes, use) => use(), take: () => undefined };

/**
 * What is in hand, in seconds at the rate: what waits longer does not fill the memory that other transfers share, and no
 * request waits so long for its next slice that its store takes it for dead (S3 does after 20 s). On a slow line, where
 * slices do not wait for the rate, it is more.
 */
const SECONDS_IN_HAND = 10;
/** However low the rate: one is read while the other is sent. */
const LEAST_IN_HAND = 2;

interface Waiting {
  readonly bytes: number;
  readonly begin: () => void;
}

export class MeteredGate implements SendGate {
  /** Bytes that have left, limit or not. */
  sent = 0;
  /** Of them, bytes that had to wait. */
  waited = 0;
  private rate: number | undefined;
  private readonly bucket: TokenBucket;
  private readonly inHand = { copies: 0, bytes: 0 };
  private readonly waiting = new Set<Waiting>();

  /** `onUse` is called when the first of some copies comes, and when the last one goes. */
  constructor(
    clock: Clock = CLOCK,
    private readonly onUse: () => void = () => undefined,
  ) {
    this.bucket = new TokenBucket(clock);
  }

  /** In hand, or waiting for that. */
  get copies(): number {
    return this.inHand.copies + this.waiting.size;
  }

  /** Bytes a second; undefined: no limit; 0: nothing leaves. */
  setRate(rate: number | undefined): void {
    this.rate = rate;
    this.bucket.setRate(rate);
    this.letIn();
  }

  take(bytes: number, signal?: AbortSignal): Promise<void> | undefined {
    const turn = this.bucket.take(bytes, signal);
    this.sent += bytes;
    if (turn === undefined) this.letIn(1);
    else this.waited += bytes;
    return turn;
  }

  async hold<T>(bytes: number, use: () => Promise<T>, stop?: AbortSignal): Promise<T> {
    stop?.throwIfAborted();
    await this.enter(bytes, stop);
    try {
      return await use();
    } finally {
      this.inHand.copies -= 1;
      this.inHand.bytes -= bytes;
      this.letIn();
      if (this.copies === 0) this.onUse();
    }
  }

  /** First come, first served. */
  private enter(bytes: number, stop?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        this.waiting.delete(waiter);
        reject(stop?.reason as Error);
        this.letIn();
      };
      const begin = () => {
        stop?.removeEventListener('abort', giveUp);
        resolve();
      };
      const waiter = { bytes, begin };
      this.waiting.add(waiter);
      // Many wait with one signal, which is no leak.
      if (stop !== undefined) setMaxListeners(0, stop);
      stop?.addEventListener('abort', giveUp, { once: true });
      if (this.copies === 1) this.onUse();
      this.letIn();
    });
  }

  /** As many as fit, and `more`. */
  private letIn(more = 0): void {
    const { inHand } = this;
    let others = more;
    for (const waiter of this.waiting) {
      const { bytes, begin } = waiter;
      const fits = this.rate === undefined || inHand.bytes + bytes <= this.rate * SECONDS_IN_HAND;
      if (!fits && inHand.copies >= LEAST_IN_HAND && others-- <= 0) return;
      this.waiting.delete(waiter);
      inHand.copies += 1;
      inHand.bytes += bytes;
      begin();
    }
  }
}
