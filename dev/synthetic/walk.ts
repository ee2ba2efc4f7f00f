/** A walk over objects in the order of their keys, for a listing: of an object it makes nothing but what is asked for. */
import { compareKeys } from '../../src/domain/key-order';

export interface Walk {
  /** Of the object at which it stands; undefined behind the last one. The rest may be asked for only where there is a key. */
  readonly key: string | undefined;
  readonly size: number;
  readonly etag: string;
  readonly lastModified: number;
  next(): void;
}

/** Where a listing begins: with the first key that neither comes before the prefix, nor is `after` or comes before it. */
export interface Start {
  readonly prefix: string;
  readonly after?: string | undefined;
}

export function isBefore(key: string, { prefix, after }: Start): boolean {
  return compareKeys(key, prefix) < 0 || (after !== undefined && compareKeys(key, after) <= 0);
}

/** One walk of several. An object hides those of the same key in the walks behind its own. */
export function merged(walks: readonly Walk[]): Walk {
  const open = walks.filter(({ key }) => key !== undefined);
  const [first] = open;
  return first !== undefined && open.length === 1 ? first : new Merged(open);
}

class Merged implements Walk {
  private least: Walk | undefined;

  constructor(private readonly walks: readonly Walk[]) {
    this.choose();
  }

  get key(): string | undefined {
    return this.least?.key;
  }

  get size(): number {
    return this.least?.size ?? 0;
  }

  get etag(): string {
    return this.least?.etag ?? '';
  }

  get lastModified(): number {
    return this.least?.lastModified ?? 0;
  }

  next(): void {
    const { key } = this;
    for (const walk of this.walks) if (walk.key === key && key !== undefined) walk.next();
    this.choose();
  }

  private choose(): void {
    let least: Walk | undefined;
    let leastKey: string | undefined;
    for (const walk of this.walks) {
      const { key } = walk;
      if (key === undefined || (leastKey !== undefined && compareKeys(key, leastKey) >= 0)) continue;
      least = walk;
      leastKey = key;
    }
    this.least = least;
  }
}
