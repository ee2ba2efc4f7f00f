/**
 * The memory that all copies of a process share: whoever wants a buffer waits for its turn, one of each owner after another,
 * and of one owner first come, first served. A part of it is kept free for owners who hold little: who has filled the rest
 * with slow copies does not make the next one wait for their ends.
 */
import { Turns } from './turns';

interface Wish {
  readonly bytes: number;
  readonly start: () => void;
}

export class ByteBudget {
  private used = 0;
  /** By owner; who holds nothing is missing. */
  private readonly held = new Map<string, number>();
  private readonly waiting = new Turns<Wish>();

  /** `reserved`: no more than so much of the total goes to each owner once the rest is full. @default 0 */
  constructor(
    readonly total: number,
    private readonly reserved = 0,
  ) {
    if (!Number.isSafeInteger(total) || total < 1) {
      throw new RangeError(`Expected \`total\` to be a positive number of bytes, got \`${total}\``);
    }
  }

  /** Runs `use` once `bytes` are free. A wish that could never be granted else is granted when nothing else is held. */
  async hold<T>(bytes: number, use: () => Promise<T>, owner = ''): Promise<T> {
    const share = Math.min(bytes, this.total);
    await this.acquire(share, owner);
    try {
      return await use();
    } finally {
      this.count(owner, -share);
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
    for (let owner = this.nextOwner(); owner !== undefined; owner = this.nextOwner()) {
      const wish = this.waiting.takeFrom(owner);
      if (wish === undefined) return;
      this.count(owner, wish.bytes);
      wish.start();
    }
  }

  /** Whose turn it is, if its wish has room; else who may take of what is reserved: it overtakes nobody else. */
  private nextOwner(): string | undefined {
    let first = true;
    for (const [owner, { bytes }] of this.waiting.heads()) {
      const after = this.used + bytes;
      if (first && (this.used === 0 || after <= this.total - this.reserved)) return owner;
      if (after <= this.total && (this.held.get(owner) ?? 0) + bytes <= this.reserved) return owner;
      first = false;
    }
    return undefined;
  }

  private count(owner: string, bytes: number): void {
    this.used += bytes;
    const held = (this.held.get(owner) ?? 0) + bytes;
    if (held === 0) this.held.delete(owner);
    else this.held.set(owner, held);
  }
}
