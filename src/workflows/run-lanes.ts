/** The lanes of a run: what each has reported, which shares what it has left, and how each ended. */
import { ParentClosePolicy } from '@temporalio/workflow';
import { addCounters, NO_COUNTERS, type Counters } from '../domain/counters';
import type { LaneReport } from '../domain/run-result';
import type { Transfer } from '../domain/transfer';
import type { RunInfo } from '../domain/work';
import { startExclusiveChild } from './exclusive-child';
import { fail, type Failure } from './failure';
import type { HoldsWord } from './held-by';
import { laneToSplit, type KnownLane } from './lane-choice';
import { NEW_LANE, type LaneStretch } from './lane-state';
import { splitSignal, type LaneSplit } from './messages';
import { transferRange } from './transfer-range';
import { Window } from './window';

/** What one lane or several share: the keys of the run itself, or of one rerun. */
export interface LaneScope {
  /** `main`, or the rerun; a lane that takes over from another is called after it, and numbered. */
  readonly name: string;
  readonly force: boolean;
  readonly run: RunInfo;
}

interface CountedScope extends LaneScope {
  lanes: number;
}

interface LaneEntry extends KnownLane {
  readonly scope: CountedScope;
}

export class RunLanes {
  private failure: Failure | undefined;
  private readonly lanes = new Map<string, LaneEntry>();
  /** The lane that has been asked to share what is left, and has not answered. */
  private asked: string | undefined;
  /** A lane is never stopped by a hold itself; its children are. */
  private readonly window: Window<string>;

  constructor(
    private readonly transfer: Transfer,
    private word: HoldsWord,
  ) {
    this.window = new Window<string>(
      Infinity,
      word,
      () => false,
      () => undefined,
    );
  }

  /** Throws what a lane has failed with, if one has. */
  throwFailure(): void {
    this.window.throwDefect();
    if (this.failure !== undefined) fail(this.failure);
  }

  get hasFailed(): boolean {
    return this.failure !== undefined;
  }

  /** By a failure, or by a defect of our own. */
  get isBroken(): boolean {
    return this.hasFailed || this.window.isBroken;
  }

  get inFlight(): number {
    return this.window.inFlight;
  }

  get counters(): Counters {
    return [...this.lanes.values()].reduce((sum, { counters }) => addCounters(sum, counters), NO_COUNTERS);
  }

  get underWay(): LaneReport[] {
    return [...this.lanes].flatMap(([lane, { counters, listingDone, over }]) =>
      over ? [] : [{ lane, counters, listingDone }],
    );
  }

  get listingDone(): boolean {
    return [...this.lanes.values()].every(({ listingDone }) => listingDone);
  }

  /** Of one that `matches`, a lane is at work. */
  isUnderWay(matches: (scope: LaneScope) => boolean): boolean {
    return [...this.lanes.values()].some(({ scope, over }) => !over && matches(scope));
  }

  hold(word: HoldsWord): void {
    this.word = word;
    this.window.hold(word);
  }

  /** `prefix`: a whole one, of the source's keys. */
  start(scope: LaneScope, prefix: string): void {
    this.startLane({ ...scope, lanes: 0 }, { range: { prefix } });
  }

  take({ lane, counters, listingDone }: LaneReport): void {
    const entry = this.lanes.get(lane);
    if (entry?.over !== false) return;
    Object.assign(entry, { counters, listingDone });
    this.askToSplit();
  }

  /** The stretches are the run's from here on, whoever was asked. False: there is no such lane. */
  split({ lane, stretches }: LaneSplit): boolean {
    const from = this.lanes.get(lane);
    if (from === undefined) return false;
    if (this.asked === lane) this.asked = undefined;
    from.whole = stretches.length === 0;
    for (const stretch of stretches) this.startLane(from.scope, stretch);
    this.askToSplit();
    return true;
  }

  /** Resolves once no lane is at work. */
  async ended(): Promise<void> {
    await this.window.ended();
  }

  /** Where lanes are free, one that lists still is asked to share. */
  private askToSplit(): void {
    if (this.hasFailed || this.asked !== undefined) return;
    const choice = laneToSplit(this.lanes, this.transfer.limits.lanes, Date.now());
    if (choice === undefined) return;
    const { lane, pieces } = choice;
    this.asked = lane;
    this.window.send(this.idOf(lane), splitSignal, pieces);
  }

  private idOf(lane: string): string {
    return `ferry-${this.transfer.name}/r/${lane}`;
  }

  private startLane(scope: CountedScope, stretch: LaneStretch): void {
    const { transfer, word } = this;
    scope.lanes += 1;
    const lane = scope.lanes === 1 ? scope.name : `${scope.name}-${scope.lanes}`;
    const { run, force } = scope;
    const entry: LaneEntry = {
      scope,
      since: Date.now(),
      counters: NO_COUNTERS,
      listingDone: false,
      over: false,
      whole: false,
    };
    this.lanes.set(lane, entry);
    const end = (counters: Counters, listingDone: boolean) => {
      Object.assign(entry, { counters, listingDone, over: true });
      if (this.asked === lane) this.asked = undefined;
      this.askToSplit();
    };
    const id = this.idOf(lane);
    this.window.add<Counters>({
      id,
      work: lane,
      start: () =>
        startExclusiveChild(transferRange, {
          workflowId: id,
          args: [{ transfer, run, lane, force, ...word, stretches: [stretch], ...NEW_LANE }],
          memo: { transfer: transfer.name, lane },
          parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
          priority: { priorityKey: transfer.priority, fairnessKey: transfer.name },
        }),
      onResult: (counters) => end(counters, true),
      onFailure: (failure) => {
        this.failure ??= failure;
        end(entry.counters, entry.listingDone);
      },
    });
  }
}
