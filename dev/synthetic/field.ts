/**
 * Millions of objects that cost nothing: each key, size, ETag and byte is made up from the key's number when it is asked for.
 * A key that is given is looked for by bisection over the numbers.
 */
import { countBefore } from './bisect';
import { etagOfBytes } from './etags';
import { keysOfShape, MAX_KEYS, type KeyOf, type ShapeName } from './field-shapes';
import { hash, madeEtag } from './integer-hash';
import { madeBytes, PERIOD } from './made-bytes';
import type { StoredObject } from './stored-object';
import { isBefore, type Start, type Walk } from './walk';

export interface FieldSpec {
  readonly bucket: string;
  /** Before each of its keys. @default none */
  readonly prefix?: string;
  readonly keys: number;
  readonly shape: ShapeName;
  /** Of the sizes, bytes and ETags: another field of the same seed has the same ones, in whatever bucket. @default 0 */
  readonly seed?: number;
  /** Of each object, or the bounds between which sizes are spread evenly. */
  readonly size: number | { readonly min: number; readonly max: number };
  /**
   * `same`: of the seed alone, so that nothing is worked out. `copied`: what a copy of the bytes in one piece gets here; for
   * small objects, as a listing works out the checksum of each. @default same
   */
  readonly etags?: 'same' | 'copied';
  /** Each so many-th object has the size that its seed says, but other bytes and another ETag. @default none */
  readonly changed?: { readonly every: number };
}

const CHANGED = 0x5bd1e995;
const SIZES = 0x2545f491;
const PHASES = 0x27d4eb2f;

export class Field {
  private readonly keyOf: KeyOf;
  private readonly prefix: string;
  private readonly seed: number;
  private readonly min: number;
  private readonly sizes: number;
  private readonly removed = new Set<number>();

  constructor(
    private readonly spec: FieldSpec,
    readonly lastModified: number,
  ) {
    const { keys, shape, size, prefix = '', seed = 0 } = spec;
    const { min, max } = typeof size === 'number' ? { min: size, max: size } : size;
    assertWhole('keys', keys, 1, MAX_KEYS);
    assertWhole('seed', seed, 0, 2 ** 32 - 1);
    assertWhole('size', min, 0, max);
    assertWhole('size', max, min, Number.MAX_SAFE_INTEGER);
    assertWhole('changed.every', spec.changed?.every ?? 1, 1, Number.MAX_SAFE_INTEGER);
    this.keyOf = keysOfShape(shape, keys);
    this.prefix = prefix;
    this.seed = seed;
    this.min = min;
    this.sizes = max - min + 1;
  }

  get keys(): number {
    return this.spec.keys;
  }

  keyAt(number: number): string {
    return this.prefix + this.keyOf(number);
  }

  sizeAt(number: number): number {
    return this.min + Math.floor((hash(this.seed ^ SIZES, number) / 2 ** 32) * this.sizes);
  }

  etagAt(number: number): string {
    if (this.spec.etags !== 'copied') return madeEtag(this.seedAt(number), number);
    const size = this.sizeAt(number);
    return etagOfBytes(madeBytes(size, this.phaseAt(number)).crc32(0, size), size);
  }

  /** How many of its keys come before the start of a listing; removed ones count. */
  rank(start: Start): number {
    return countBefore(this.keys, (number) => isBefore(this.keyAt(number), start));
  }

  find(key: string): StoredObject | undefined {
    const number = this.numberOf(key);
    if (number === undefined) return undefined;
    const size = this.sizeAt(number);
    const { lastModified } = this;
    const bytes = madeBytes(size, this.phaseAt(number));
    return { key, size, etag: this.etagAt(number), lastModified, headers: {}, bytes };
  }

  remove(key: string): void {
    const number = this.numberOf(key);
    if (number !== undefined) this.removed.add(number);
  }

  isRemoved(number: number): boolean {
    return this.removed.has(number);
  }

  walk(start: Start): Walk {
    return new FieldWalk(this, this.rank(start));
  }

  private numberOf(key: string): number | undefined {
    if (!key.startsWith(this.prefix)) return undefined;
    const number = this.rank({ prefix: key });
    return number < this.keys && this.keyAt(number) === key && !this.removed.has(number) ? number : undefined;
  }

  private phaseAt(number: number): number {
    return hash(this.seedAt(number) ^ PHASES, number) % PERIOD;
  }

  private seedAt(number: number): number {
    const every = this.spec.changed?.every;
    return every !== undefined && (number + 1) % every === 0 ? (this.seed ^ CHANGED) >>> 0 : this.seed;
  }
}

class FieldWalk implements Walk {
  key: string | undefined;

  constructor(
    private readonly field: Field,
    private number: number,
  ) {
    this.stand();
  }

  get size(): number {
    return this.field.sizeAt(this.number);
  }

  get etag(): string {
    return this.field.etagAt(this.number);
  }

  get lastModified(): number {
    return this.field.lastModified;
  }

  next(): void {
    this.number += 1;
    this.stand();
  }

  private stand(): void {
    const { field } = this;
    while (field.isRemoved(this.number)) this.number += 1;
    this.key = this.number < field.keys ? field.keyAt(this.number) : undefined;
  }
}

function assertWhole(name: string, value: number, min: number, max: number): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return;
  throw new RangeError(`Expected \`${name}\` of a field to be a whole number from ${min} to ${max}, got \`${value}\``);
}
