/** The state of one lane: stretches still to scan, work that waits, and a window of children. */
import { condition } from '@temporalio/workflow';
import { addCounters, type Counters } from '../domain/counters';
import { holdOn, holdsEverything, keyIsHeld, type Holds } from '../domain/holds';
import { endsEveryObject, refusesCredentials } from '../domain/transfer-error';
import type { ObjectSpec, ScanResult } from '../domain/work';
import { scanRange } from './activity-proxies';
import { CarriedChildren } from './carried-children';
import { ChangingObjects } from './changing-objects';
import type { Failure } from './failure';
import { HeldBy } from './held-by';
import { handOn } from './lane-split';
import { groupId, leaveOf, taskOf, type PackWork } from './lane-children';
import type { SomeEnded } from './messages';
import type { LaneState, LaneStretch, LaneWork } from './lane-state';
import { refusalsOf, type Refusals } from './refusals';
import type { RangeResult } from './transfer-pack';
import { Window, type CarriedChild, type ChildTask } from './window';

/** After so many objects that failed alone by a refusal: what the canary may do, the copies may not, and every other would fail. */
const MAX_REFUSED = 100;

export class Lane {
  readonly window: Window<LaneWork>;
  counters: Counters;
  /** Ends the run; children in flight are still awaited. */
  failure: Failure | undefined;
  private readonly stretches: LaneStretch[];
  private readonly waiting: LaneWork[];
  private readonly changing: ChangingObjects;
  private readonly refusals: Refusals;
  private readonly carriedChildren = new CarriedChildren();
  /** The last scan was refused: nothing new begins until it is known why. */
  private asking = false;
  /** How often in a row the scan was refused with credentials that work. */
  private scanRounds = 0;
  private refused: number;
  private readonly heldBy: HeldBy;
  private sequence: number;
  /** Set: the run has asked the lane to share what is left with so many lanes in all. */
  splitInto: number | undefined;
  /** Counts what may let the lane go on. */
  private changes = 0;

  constructor(private readonly initial: LaneState) {
    this.stretches = [...initial.stretches];
    this.waiting = [...initial.waiting];
    this.refusals = refusalsOf(initial.transfer, () => this.holds);
    this.changing = new ChangingObjects(initial.changing);
    this.refused = initial.refused;
    this.counters = initial.counters;
    this.heldBy = new HeldBy(initial);
    this.sequence = initial.sequence;
    this.splitInto = initial.splitInto;
    this.window = new Window(
      initial.transfer.limits.objectsPerLane,
      this.heldBy.word,
      (key) => this.isHeld(key),
      () => this.changed(),
    );
    for (const child of initial.carried) this.adopt(child);
  }

  get state(): LaneState {
    const { stretches, refused, sequence, counters } = this;
    const waiting = [...this.window.unstarted, ...this.waiting];
    const { carried } = this.window;
    const { splitInto: _asked, ...known } = { ...this.initial, ...this.heldBy.word };
    const asked = this.splitInto === undefined ? {} : { splitInto: this.splitInto };
    return {
      ...known,
      ...asked,
      stretches,
      waiting,
      carried,
      changing: this.changing.all,
      refused,
      sequence,
      counters,
    };
  }

  get listingDone(): boolean {
    return this.stretches.length === 0;
  }

  /** All but the objects that wait for the end. */
  private get isNearlyDone(): boolean {
    return this.listingDone && this.waiting.length === 0 && this.window.inFlight === 0;
  }

  get isDone(): boolean {
    return this.isNearlyDone && this.changing.all.length === 0;
  }

  hold(holds: Holds, version?: number): void {
    if (!this.heldBy.take(holds, version)) return;
    this.window.hold(this.heldBy.word);
    this.changed();
  }

  /** Of objects that share jobs. */
  someEnded({ share, counters, keys }: SomeEnded): void {
    this.count(counters);
    this.window.narrow(groupId(this.initial.transfer, share), (work) => leaveOf(work, keys), keys);
    this.changed();
  }

  private get holds(): Holds {
    return this.heldBy.holds;
  }

  /** Others take over all but the first part of what is left to list; what a hold defers stays. */
  async split(): Promise<void> {
    const { splitInto: pieces = 1 } = this;
    const { transfer, lane } = this.initial;
    this.splitInto = undefined;
    const at = this.stretches.findIndex(({ hold }) => hold === undefined);
    const kept = await handOn(this.stretches[at], { transfer, lane, pieces });
    if (kept !== undefined) this.stretches[at] = kept;
  }

  /** Until a child ends, a hold changes, or there is a report to make. */
  async change(): Promise<void> {
    const { changes } = this;
    await condition(() => this.changes !== changes);
  }

  changed(): void {
    this.changes += 1;
  }

  /** The stretch to scan now: the window has room for what it may bring, and no hold keeps it back. */
  nextStretch(): LaneStretch | undefined {
    if (this.asking || holdsEverything(this.holds)) return undefined;
    if (!this.window.hasRoom || this.startable() !== undefined) return undefined;
    return this.stretches.find(({ hold }) => hold === undefined || holdOn(this.holds, hold) === undefined);
  }

  /** Where the credentials are refused it returns, and the stretch is scanned again when they work. */
  async scan(stretch: LaneStretch): Promise<void> {
    const { transfer, run, lane, force } = this.initial;
    const { range, passed = [] } = stretch;
    // It names the report's segment.
    this.sequence += 1;
    const { sequence, holds } = this;
    try {
      this.takeUp(stretch, await scanRange({ transfer, run, lane, sequence, range, force, holds, passed }));
      this.scanRounds = 0;
    } catch (error) {
      if (!this.refusals.maySettle(error, this.scanRounds)) throw error;
      this.asking = true;
      // It ends without an answer by a cancel alone, of which the lane hears itself.
      void this.refusals.settle(error, this.scanRounds).then(
        (rounds) => {
          this.scanRounds = rounds;
          this.asking = false;
          this.changed();
        },
        () => undefined,
      );
    }
  }

  private takeUp(stretch: LaneStretch, found: ScanResult): void {
    this.count(found.counters);
    const passed = [...(stretch.passed ?? []), ...found.deferred.map(({ hold }) => hold)];
    const rest = found.next === undefined ? [] : [{ ...stretch, range: found.next, passed }];
    this.stretches.splice(this.stretches.indexOf(stretch), 1, ...rest);
    this.stretches.push(...found.deferred);
    const shared = (found.jobs ?? []).flatMap(({ objects }) => objects);
    const alone = [...shared, ...found.objects].map(({ id }) => id);
    for (const pack of found.packs) this.waiting.push({ kind: 'pack', pack, alone });
    for (const job of found.jobs ?? []) this.waiting.push({ kind: 'job', job });
    for (const object of found.objects) this.waiting.push({ kind: 'object', object });
  }

  startWhatFits(): void {
    if (this.asking) return;
    if (this.isNearlyDone) {
      for (const object of this.changing.takeAll()) this.waiting.push({ kind: 'object', object, lastChance: true });
    }
    for (let work = this.startable(); work !== undefined && this.failure === undefined; work = this.startable()) {
      this.waiting.splice(this.waiting.indexOf(work), 1);
      this.window.add(this.taskOf(work));
    }
  }

  private startable(): LaneWork | undefined {
    return this.window.hasRoom ? this.waiting.find((work) => !this.waits(work)) : undefined;
  }

  private waits(work: LaneWork): boolean {
    if (work.kind === 'object') return this.isHeld(work.object.key);
    if (work.kind === 'job') return work.job.objects.every(({ key }) => this.isHeld(key));
    return holdsEverything(this.holds) || (work.hold !== undefined && holdOn(this.holds, work.hold) !== undefined);
  }

  private isHeld(key: string): boolean {
    return keyIsHeld(this.holds, this.initial.transfer, key);
  }

  /** A child that an earlier run of the lane has started. */
  private adopt({ work, told, ...child }: CarriedChild<LaneWork>): void {
    const handle = this.carriedChildren.handleOf(child);
    this.window.add({ ...this.taskOf(work), start: () => Promise.resolve(handle) }, told);
  }

  private taskOf(work: LaneWork): ChildTask<LaneWork, never> {
    const { transfer, run, force } = this.initial;
    return taskOf(work, {
      ...{ transfer, run, force, word: this.heldBy.word, refusals: this.refusals },
      count: (counters) => this.count(counters),
      onFailure: (failure) => {
        if (this.endsTheRun(failure)) this.failure ??= failure;
      },
      onBroken: (failure) => {
        this.failure ??= failure;
      },
      tryAtTheEnd: (object) => this.tryAtTheEnd(object),
      takeUpFromPack: (work, result) => this.takeUpFromPack(work, result),
    });
  }

  private count(counters: Partial<Counters>): void {
    this.counters = addCounters(this.counters, counters);
  }

  private tryAtTheEnd(object: ObjectSpec): void {
    if (!this.changing.keep(object)) this.waiting.push({ kind: 'object', object, lastChance: true });
  }

  private endsTheRun({ code }: Failure): boolean {
    if (!refusesCredentials(code)) return endsEveryObject(code);
    this.refused += 1;
    return this.refused >= MAX_REFUSED;
  }

  /** What a pack leaves to its lane. */
  private takeUpFromPack({ pack, alone }: PackWork, { counters, grown, changing, deferred }: RangeResult): void {
    this.count(counters);
    for (const [i, { hold, range }] of deferred.entries()) {
      this.waiting.push({ kind: 'pack', pack: { ...pack, id: `${pack.id}.${i}`, range }, alone, hold });
    }
    const isNew = ({ id }: ObjectSpec) => !alone.includes(id);
    const [large, unsteady] = [grown.filter(isNew), changing.filter(isNew)];
    for (const { size } of [...large, ...unsteady]) {
      this.count({ listed: 1, bytesListed: size });
    }
    for (const object of large) this.waiting.push({ kind: 'object', object });
    for (const object of unsteady) this.tryAtTheEnd(object);
  }
}
