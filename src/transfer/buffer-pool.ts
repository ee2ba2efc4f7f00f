/**
 * Memory that copies use one after another. V8 counts each new buffer as pressure and begins a full collection after some
 * 64 MiB of them, which costs a busy process a third of its time; the same memory again is none.
 */
import { MiB } from '../domain/sizes';

/** A smaller one is cheaper to make than to keep. */
const LEAST_BYTES = MiB;
/** One that is larger than what is asked for by more than a quarter is for somebody else. */
const MOST_SPARE = 1.25;
/** Of the oldest that is kept and not used, in all. */
const MOST_KEPT_BYTES = 64 * MiB;

export class BufferPool {
  private readonly kept: ArrayBuffer[] = [];
  private keptBytes = 0;

  /** Holds anything: whoever takes it must fill all of it before it reads from it. */
  take(length: number): Buffer {
    const fit = this.kept.findIndex(({ byteLength }) => byteLength >= length && byteLength <= length * MOST_SPARE);
    const [found] = fit === -1 ? [] : this.kept.splice(fit, 1);
    if (found === undefined) return Buffer.allocUnsafeSlow(length);
    this.keptBytes -= found.byteLength;
    return Buffer.from(found, 0, length);
  }

  /** For the next one. Nobody may read or write it from now on: a request that was broken off may still be at it. */
  give(bytes: Buffer): void {
    const { buffer } = bytes;
    if (!(buffer instanceof ArrayBuffer) || buffer.byteLength < LEAST_BYTES) return;
    this.kept.push(buffer);
    this.keptBytes += buffer.byteLength;
    while (this.keptBytes > MOST_KEPT_BYTES) this.keptBytes -= this.kept.shift()?.byteLength ?? 0;
  }
}
