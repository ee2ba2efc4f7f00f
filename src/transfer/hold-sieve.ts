/** Keeps held keys out of a walk, and notes where to come back to. */
import { holdOn, type Holds } from '../domain/holds';
import type { DeferredRange, KeyRange } from '../domain/work';
import { KeyTrail, rangeFrom } from './key-trail';

export class HoldSieve {
  private readonly noted: DeferredRange[] = [];
  private readonly passed: string[];
  private readonly trail: KeyTrail;

  /** `passed`: holds that are deferred already. Keys under one prefix stand together in a listing, so one range a hold does. */
  constructor(
    private readonly walk: { readonly sourcePrefix: string; readonly range: KeyRange; readonly ordered: boolean },
    private readonly holds: Holds,
    passed: readonly string[],
  ) {
    this.passed = [...passed];
    this.trail = new KeyTrail(walk.range, walk.ordered);
  }

  get deferred(): readonly DeferredRange[] {
    return this.noted;
  }

  /** To be asked for every key of the walk, in its order. */
  holdsBack(key: string): boolean {
    const held = this.isHeld(key);
    this.trail.pass(key);
    return held;
  }

  private isHeld(key: string): boolean {
    const relative = key.slice(this.walk.sourcePrefix.length);
    if (holdOn(this.passed, relative) !== undefined) return true;
    const hold = holdOn(this.holds, relative);
    if (hold === undefined) return false;
    this.passed.push(hold);
    this.noted.push({ hold, range: this.rangeOf(hold) });
    return true;
  }

  private rangeOf(hold: string): KeyRange {
    const { sourcePrefix, range } = this.walk;
    const held = sourcePrefix + hold;
    const prefix = held.length > range.prefix.length ? held : range.prefix;
    return { ...rangeFrom(range, this.trail.position(prefix)), prefix };
  }
}
