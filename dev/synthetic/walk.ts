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
