/** Keeps held keys out of a walk, and notes where to come back to. */
import { holdOn, type Holds } from '../domain/holds';
import type { DeferredRange, KeyRange } from '../domain/work';

export class HoldSieve {
  private readonly noted: DeferredRange[] = [];
  private readonly passed: string[];
  private last: string | undefined;

  /** `passed`: holds that are deferred already. Keys under one prefix stand together in a listing, so one range a hold does. */
  constructor(
    private readonly walk: { readonly sourcePrefix: string; readonly range: KeyRange },
    private readonly holds: Holds,
    passed: readonly string[],
  ) {
    this.passed = [...passed];
    this.last = walk.range.startAfter;
  }

  get deferred(): readonly DeferredRange[] {
    return this.noted;
  }

  /** To be asked for every key of the walk, in its order. */
  holdsBack(key: string): boolean {
    const previous = this.last;
    this.last = key;
    const relative = key.slice(this.walk.sourcePrefix.length);
    if (holdOn(this.passed, relative) !== undefined) return true;
    const hold = holdOn(this.holds, relative);
    if (hold === undefined) return false;
    this.passed.push(hold);
    this.noted.push({ hold, range: this.rangeOf(hold, previous) });
    return true;
  }

  private rangeOf(hold: string, previous: string | undefined): KeyRange {
    const { sourcePrefix, range } = this.walk;
    const held = sourcePrefix + hold;
    const prefix = held.length > range.prefix.length ? held : range.prefix;
    const { startAfter: _replaced, ...rest } = range;
    return { ...rest, prefix, ...(previous?.startsWith(prefix) ? { startAfter: previous } : {}) };
  }
}
