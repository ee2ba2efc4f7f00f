/**
 * Remembers where a walk stands, so that another can go on behind it.
 *
 * A store that lists in UTF-8 byte order goes on behind any key. SeaweedFS does not: asked to start after `p`, it leaves out
 * `p/1`, and after a folder's own object `m/` all that is below it (docs/stores.md). There a walk starts a little earlier,
 * behind a key that is no folder, and leaves out what comes until it meets the last key again.
 */
import type { KeyRange } from '../domain/work';

export type KeyPosition = Pick<KeyRange, 'startAfter' | 'skipTo'>;

export class KeyTrail {
  private last: string | undefined;
  /** The last key from which any store goes on with the next one. */
  private safe: string | undefined;

  constructor(
    range: KeyRange,
    private readonly ordered: boolean,
  ) {
    this.safe = range.startAfter;
    this.last = range.skipTo ?? range.startAfter;
  }

  /** To be told every key of the walk, in its order. */
  pass(key: string): void {
    const { last } = this;
    if (last !== undefined && !last.endsWith('/') && !key.startsWith(`${last}/`)) this.safe = last;
    this.last = key;
  }

  /** Just behind the last key. `prefix`: of the walk that will go on; a start outside it is compared in yet another order. */
  position(prefix: string): KeyPosition {
    const { last, safe } = this;
    if (!last?.startsWith(prefix)) return {};
    if (this.ordered || safe === last) return { startAfter: last };
    return { ...(safe?.startsWith(prefix) ? { startAfter: safe } : {}), skipTo: last };
  }
}

/** The range from that position on. */
export function rangeFrom(range: KeyRange, position: KeyPosition): KeyRange {
  const { startAfter: _start, skipTo: _skip, ...rest } = range;
  return { ...rest, ...position };
}

/** Where that range begins. */
export function startOf({ startAfter, skipTo }: KeyRange): KeyPosition {
  return { ...(startAfter === undefined ? {} : { startAfter }), ...(skipTo === undefined ? {} : { skipTo }) };
}
