/**
 * Memory that copies use one after another. V8 counts each new buffer as pressure and begins a full collection after some
 * 64 MiB of them, which costs a busy process a third of its time; the same memory again is none. Nor does it leave holes in the
 * C heap, where buffers of a part's size come to lie once some have been freed: docs/decisions/0025-memory-by-age.md
 */
import { MiB } from '../domain/sizes';

/** A smaller one is cheaper to make than to keep. */
const LEAST_BYTES = MiB;
/** One that is larger than what is asked for by more than a quarter is for somebody else. */
const MOST_SPARE = 1.25;
/** Beyond it, a new buffer takes the place of kept ones: they are of other sizes than what is asked for. */
const SPARE_BYTES = 64 * MiB;
/** What nobody has asked for so long is given to the system. */
const IDLE_MS = 60_000;

/**
 * Takers hold a grant of the process's budget for what they take. What is kept and what is taken come to 64 MiB more at most than
 * the most that was taken at once, so that the budget bounds both.
 */
export class BufferPool {
  private readonly kept: ArrayBuffer[] = [];
  private idle: NodeJS.Timeout | undefined;

  /** Holds anything: whoever takes it must fill all of it before it reads from it. */
  take(length: number): Buffer {
    const fit = this.kept.findIndex(({ byteLength }) => byteLength >= length && byteLength <= length * MOST_SPARE);
    const [found] = fit === -1 ? [] : this.kept.splice(fit, 1);
    if (found !== undefined) return Buffer.from(found, 0, length);
    this.free(length, SPARE_BYTES);
    return Buffer.allocUnsafeSlow(length);
  }

  /** For the next one. Nobody may read or write it from now on: a request that was broken off may still be at it. */
  give(bytes: Buffer): void {
    const { buffer } = bytes;
    if (!(buffer instanceof ArrayBuffer) || buffer.byteLength < LEAST_BYTES) return;
    this.kept.push(buffer);
    this.idle ??= setTimeout(() => this.free(Infinity, 0), IDLE_MS).unref();
    this.idle.refresh();
  }

  get keptBytes(): number {
    return this.kept.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** So many bytes, the oldest first, down to `least`. */
  private free(bytes: number, least: number): void {
    let kept = this.keptBytes;
    const most = Math.max(least, kept - bytes);
    while (kept > most) kept -= this.kept.shift()?.byteLength ?? kept;
  }
}
