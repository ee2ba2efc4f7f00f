/**
 * The memory that all copies of a process share: whoever wants a buffer waits for its turn, one of each owner after another,
 * and of one owner first come, first served.
 */
import { Turns } from './turns';

interface Wish {
  readonly bytes: number;
  readonly start: () => void;
}

export class ByteBudget {
  private free: number;
  private readonly waiting = new Turns<Wish>();

  constructor(readonly total: number) {
    if (!Number.isSafeInteger(total) || total < 1) {
      throw new RangeError(`Expected \`total\` to be a positive number of bytes, got \`${total}\``);
    }
    this.free = total;
  }

  /** Runs `use` once `bytes` are free. A wish above the whole budget is granted when nothing else is held. */
  async hold<T>(bytes: number, use: () => Promise<T>, owner = ''): Promise<T> {
    const share = Math.min(bytes, this.total);
    await this.acquire(share, owner);
    try {
      return await use();
    } finally {
      this.free += share;
      this.startNext();
    }
  }

  private acquire(bytes: number, owner: string): Promise<void> {
    return new Promise((start) => {
      this.waiting.add(owner, { bytes, start });
      this.startNext();
    });
  }

  private startNext(): void {
    for (let next = this.waiting.peek(); next !== undefined && next.bytes <= this.free; next = this.waiting.peek()) {
      this.waiting.take();
      this.free -= next.bytes;
      next.start();
    }
  }
}
