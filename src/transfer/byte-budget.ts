/** The memory that all copies of a process share: whoever wants a buffer waits for its turn, first come, first served. */
export class ByteBudget {
  private free: number;
  private readonly waiting: { readonly bytes: number; readonly start: () => void }[] = [];

  constructor(readonly total: number) {
    if (!Number.isSafeInteger(total) || total < 1) {
      throw new RangeError(`Expected \`total\` to be a positive number of bytes, got \`${total}\``);
    }
    this.free = total;
  }

  /** Runs `use` once `bytes` are free. A wish above the whole budget is granted when nothing else is held. */
  async hold<T>(bytes: number, use: () => Promise<T>): Promise<T> {
    const share = Math.min(bytes, this.total);
    await this.acquire(share);
    try {
      return await use();
    } finally {
      this.free += share;
      this.startNext();
    }
  }

  private acquire(bytes: number): Promise<void> {
    return new Promise((start) => {
      this.waiting.push({ bytes, start });
      this.startNext();
    });
  }

  private startNext(): void {
    for (let next = this.waiting[0]; next !== undefined && next.bytes <= this.free; next = this.waiting[0]) {
      this.waiting.shift();
      this.free -= next.bytes;
      next.start();
    }
  }
}
