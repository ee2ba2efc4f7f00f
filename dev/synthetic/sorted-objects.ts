/** Objects in the order of their keys. They lie in chunks, so that a new one moves no more than a chunk of the others. */
import { compareKeys } from '../../src/domain/key-order';
import { countBefore } from './bisect';
import type { StoredObject } from './stored-object';
import { isBefore, type Start, type Walk } from './walk';

const CHUNK = 512;

interface Place {
  readonly chunk: StoredObject[];
  readonly index: number;
  readonly at: number;
}

export class SortedObjects {
  /** None of them is empty. */
  private readonly chunks: StoredObject[][] = [];

  get(key: string): StoredObject | undefined {
    const { chunk, at } = this.placeOf(key);
    const found = chunk[at];
    return found?.key === key ? found : undefined;
  }

  /** In the place of one with the same key, if there is one. */
  set(object: StoredObject): void {
    const place = this.placeOf(object.key);
    const { chunk, index, at } = place;
    if (chunk[at]?.key === object.key) chunk[at] = object;
    else if (chunk.length < CHUNK) this.insert(place, object);
    // Keys that come in order fill each chunk to the brim.
    else if (at === CHUNK && index === this.chunks.length - 1) this.chunks.push([object]);
    else {
      this.chunks.splice(index + 1, 0, chunk.splice(CHUNK / 2));
      this.insert(this.placeOf(object.key), object);
    }
  }

  private insert({ chunk, index, at }: Place, object: StoredObject): void {
    chunk.splice(at, 0, object);
    this.chunks[index] = chunk;
  }

  delete(key: string): void {
    const { chunk, index, at } = this.placeOf(key);
    if (chunk[at]?.key !== key) return;
    chunk.splice(at, 1);
    if (chunk.length === 0) this.chunks.splice(index, 1);
  }

  all(): readonly StoredObject[] {
    return this.chunks.flat();
  }

  /** Good until the next change. */
  walk(start: Start): Walk {
    const { index, at } = this.place((key) => isBefore(key, start));
    return new ObjectsWalk(this.chunks, index, at);
  }

  private placeOf(key: string): Place {
    return this.place((other) => compareKeys(other, key) < 0);
  }

  /** Of the first key that does not come before: where it stands, or would have to be put. */
  private place(comesBefore: (key: string) => boolean): Place {
    const { chunks } = this;
    const before = (object: StoredObject | undefined) => object !== undefined && comesBefore(object.key);
    const index = countBefore(chunks.length, (i) => before(chunks[i]?.at(-1)));
    // Behind all of them: at the end of the last one.
    const last = Math.max(0, Math.min(index, chunks.length - 1));
    const chunk = chunks[last] ?? [];
    return { chunk, index: last, at: countBefore(chunk.length, (i) => before(chunk[i])) };
  }
}

class ObjectsWalk implements Walk {
  private object: StoredObject | undefined;

  constructor(
    private readonly chunks: readonly (readonly StoredObject[])[],
    private index: number,
    private at: number,
  ) {
    this.object = chunks[index]?.[at];
  }

  get key(): string | undefined {
    return this.object?.key;
  }

  get size(): number {
    return this.object?.size ?? 0;
  }

  get etag(): string {
    return this.object?.etag ?? '';
  }

  get lastModified(): number {
    return this.object?.lastModified ?? 0;
  }

  next(): void {
    this.at += 1;
    if (this.at === this.chunks[this.index]?.length) {
      this.index += 1;
      this.at = 0;
    }
    this.object = this.chunks[this.index]?.[this.at];
  }
}
