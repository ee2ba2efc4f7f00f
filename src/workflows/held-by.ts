/** The holds that a lane or a child goes by. Two signals may arrive in another order than they were sent: the later word stands. */
import type { Holds } from '../domain/holds';

/** What a workflow is told of holds, when it starts and later: as an input and as the arguments of `holds`. */
export interface HoldsWord {
  readonly holds: Holds;
  /** Counts the words of a run. Absent: before the first. */
  readonly holdsVersion?: number;
}

export class HeldBy {
  private version: number;

  constructor(private known: HoldsWord) {
    this.version = known.holdsVersion ?? 0;
  }

  get holds(): Holds {
    return this.known.holds;
  }

  get word(): Required<HoldsWord> {
    return { holds: this.holds, holdsVersion: this.version };
  }

  /** False: a later word was here before. A version that is left out, as by hand, comes after all. */
  take(holds: Holds, holdsVersion = this.version + 1): boolean {
    if (holdsVersion <= this.version) return false;
    this.known = { holds };
    this.version = holdsVersion;
    return true;
  }
}
