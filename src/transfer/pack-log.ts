/**
 * What is finished of a pack. Its objects end in any order; lines and checkpoints follow in the order of the walk, so that
 * nothing before a cursor is open. One object that takes long holds up the cursor, and not the others.
 */
import { addCounters, NO_COUNTERS, type Counters } from '../domain/counters';
import type { ReportLine } from '../domain/report-line';
import type { DeferredRange, ObjectSpec } from '../domain/work';
import { CLOCK, type Clock } from './clock';
import type { KeyPosition } from './key-trail';

/** What is finished so far; heartbeated, so that the next attempt goes on from here. Plain JSON. */
export interface PackCheckpoint {
  readonly segment: number;
  readonly position: KeyPosition;
  readonly counters: Counters;
  readonly deferred: readonly DeferredRange[];
  readonly grown: readonly ObjectSpec[];
  readonly changing: readonly ObjectSpec[];
}

/** How one object of a pack ends. `nothing`: it is its own child's, or the scan has counted it. */
export type SmallEnd =
  | { readonly kind: 'line'; readonly line: ReportLine }
  | { readonly kind: 'grown' | 'changing'; readonly object: ObjectSpec }
  | { readonly kind: 'nothing' };

/** Where the walk stands: just behind an object, with so many holds noted before it. */
export interface WalkPlace {
  readonly position: KeyPosition;
  readonly deferred: number;
}

export interface PackLogOptions {
  readonly from?: PackCheckpoint;
  /** Where the walk begins. */
  readonly start: KeyPosition;
  /** All holds that the walk has noted. */
  readonly deferred: () => readonly DeferredRange[];
  readonly onLines: (lines: readonly ReportLine[], segment: number) => Promise<void>;
  readonly onCheckpoint: (checkpoint: PackCheckpoint) => void;
  /** @default the process's own */
  readonly clock?: Clock;
}

interface Begun extends WalkPlace {
  end?: SmallEnd;
}

/** So many objects between two checkpoints … */
const SEGMENT_KEYS = 256;
/** … or so long after the first of them has ended, where many packs share a worker: what is behind the checkpoint is looked at again after a crash. */
const SEGMENT_MS = 5_000;
/** So many objects may be begun behind the last checkpoint: the next attempt looks at them again. */
const MAX_AHEAD = 1024;

export class PackLog {
  /** Of those that a pack gives back, grown and changing ones together, written or not. */
  handedBack: number;
  private readonly clock: Clock;
  private last: PackCheckpoint;
  private readonly begun: Begun[] = [];
  /** The first so many of them are finished. */
  private finished = 0;
  private writing: Promise<void> | undefined;
  /** When the first of those that are finished, and not written, has ended. */
  private finishedAt: number | undefined;
  private callOff: () => void = () => undefined;
  private ended = false;
  private failure: { readonly error: unknown } | undefined;
  /** An object was begun and has been given up: what comes from there on is done again. */
  isOpen = false;
  private onRoom = () => undefined as void;

  constructor(private readonly options: PackLogOptions) {
    const { from, start: position, clock = CLOCK } = options;
    this.clock = clock;
    this.last = from ?? { segment: 0, position, counters: NO_COUNTERS, deferred: [], grown: [], changing: [] };
    this.handedBack = this.last.grown.length + this.last.changing.length;
  }

  get checkpoint(): PackCheckpoint {
    return this.last;
  }

  /** Resolves when another object may begin. Rejects when lines could not be written. */
  async room(): Promise<void> {
    while (this.begun.length >= MAX_AHEAD && this.failure === undefined && !this.isOpen)
      await new Promise<void>((resolve) => (this.onRoom = resolve));
    if (this.failure !== undefined) throw this.failure.error;
  }

  /** To be called in the order of the walk; what it returns, when the object has ended. */
  begin({ position, deferred }: WalkPlace): (end: SmallEnd) => void {
    const begun: Begun = { position, deferred };
    this.begun.push(begun);
    return (end) => {
      begun.end = end;
      if (end.kind === 'grown' || end.kind === 'changing') this.handedBack += 1;
      while (this.begun[this.finished]?.end !== undefined) this.finished += 1;
      this.write();
    };
  }

  /** An object will not end, as it was told to stop; what has ended before it counts. */
  leaveOpen(): void {
    this.isOpen = true;
    this.onRoom();
  }

  /** An object will not end: no other begins, and nothing more is written. */
  abandon(error: unknown): void {
    this.failure ??= { error };
    this.onRoom();
  }

  /** What is being written is written, or has failed; nothing more is but by `close`. */
  async end(): Promise<void> {
    this.ended = true;
    this.callOff();
    await this.writing;
  }

  /** When all that has begun has ended: writes the rest. */
  async close(): Promise<void> {
    await this.end();
    while (this.finished > 0 && this.failure === undefined) await this.writeSegment();
    if (this.failure !== undefined) throw this.failure.error;
  }

  private write(): void {
    if (this.ended || this.finished === 0 || this.writing !== undefined || this.failure !== undefined) return;
    this.finishedAt ??= this.clock.now();
    const dueInMs = this.finishedAt + SEGMENT_MS - this.clock.now();
    this.callOff();
    if (this.finished < SEGMENT_KEYS && dueInMs > 0) {
      // The next object may end much later.
      this.callOff = this.clock.after(dueInMs, () => this.write());
      return;
    }
    this.writing = this.writeSegment().finally(() => {
      this.writing = undefined;
      this.write();
    });
  }

  /** Lines first, then the checkpoint that relies on them. */
  private async writeSegment(): Promise<void> {
    const count = Math.min(this.finished, SEGMENT_KEYS);
    const written = this.begun.slice(0, count);
    const place = written.at(-1);
    if (place === undefined) return;
    const ends = written.flatMap(({ end }) => (end === undefined ? [] : [end]));
    const lines = ends.flatMap((end) => (end.kind === 'line' ? [end.line] : []));
    const objects = (kind: 'grown' | 'changing') => ends.flatMap((end) => (end.kind === kind ? [end.object] : []));
    const segment = this.last.segment + 1;
    try {
      await this.options.onLines(lines, segment);
    } catch (error) {
      this.abandon(error);
      return;
    }
    this.finishedAt = undefined;
    this.begun.splice(0, count);
    this.finished -= count;
    const { from } = this.options;
    this.last = {
      segment,
      position: place.position,
      counters: lines.reduce((sum, line) => addCounters(sum, countsOf(line)), this.last.counters),
      deferred: [...(from?.deferred ?? []), ...this.options.deferred().slice(0, place.deferred)],
      grown: [...this.last.grown, ...objects('grown')],
      changing: [...this.last.changing, ...objects('changing')],
    };
    this.options.onCheckpoint(this.last);
    this.onRoom();
  }
}

function countsOf({ outcome, size }: ReportLine): Partial<Counters> {
  return { listed: 1, bytesListed: size, [outcome]: 1, ...(outcome === 'copied' ? { bytesCopied: size } : {}) };
}
