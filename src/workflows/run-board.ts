/** What a run knows: its lanes and what each reports, the holds, and the reruns that wait. */
import { log, ParentClosePolicy, workflowInfo } from '@temporalio/workflow';
import { parseBandwidth } from '../domain/bandwidth';
import { addCounters, NO_COUNTERS, type Counters } from '../domain/counters';
import { addHold, holdsEverything, releaseHold, type Holds } from '../domain/holds';
import type { LaneReport, Parked, Progress, RunResult, RunState } from '../domain/run-result';
import type { RunScope, Transfer } from '../domain/transfer';
import type { RunInfo } from '../domain/work';
import { startExclusiveChild } from './exclusive-child';
import { fail, type Failure } from './failure';
import type { HoldsWord } from './held-by';
import { laneToSplit, type KnownLane } from './lane-choice';
import { NEW_LANE, type LaneStretch } from './lane-state';
import { splitSignal, type RerunMessage } from './messages';
import { isLaneReport, isLaneSplit, isLimitMessage, isPrefixMessage, isRerunMessage } from './signal-shapes';
import { transferRange } from './transfer-range';
import { Window } from './window';

/** What one lane or several share: the keys of the run itself, or of one rerun. */
interface LaneScope {
  /** `main`, or the rerun; a lane that takes over from another is called after it, and numbered. */
  readonly name: string;
  readonly force: boolean;
  readonly run: RunInfo;
  lanes: number;
}

interface LaneEntry extends KnownLane {
  readonly scope: LaneScope;
}

const MAIN = 'main';

export class RunBoard {
  private failure: Failure | undefined;
  /** An operator's. */
  private holds: Holds = [];
  private parked: Parked | undefined;
  /** An operator's, in place of the configuration's. */
  private limit: { readonly bandwidth: number | undefined } | undefined;
  /** Counts what the lanes are told of holds. */
  private holdsVersion = 0;
  private readonly lanes = new Map<string, LaneEntry>();
  private readonly reruns: RerunMessage[] = [];
  private rerunCount = 0;
  private transfer: Transfer | undefined;
  private ledger: string | undefined;
  /** What no lane has counted. */
  private beside = NO_COUNTERS;
  /** The lane that has been asked to share what is left, and has not answered. */
  private asked: string | undefined;
  private readonly startedAt = workflowInfo().startTime;
  /** A lane is never stopped by a hold itself; its children are. */
  private readonly window = new Window<string>(
    Infinity,
    this.word,
    () => false,
    () => undefined,
  );

  constructor(
    private readonly name: string,
    private readonly scope: RunScope,
  ) {}

  /** Ends the run with what a lane has failed with, if one has. */
  throwFailure(): void {
    this.window.throwDefect();
    if (this.failure !== undefined) fail(this.failure);
  }

  isDone(): boolean {
    const over = this.failure !== undefined || this.window.isBroken;
    return this.transfer !== undefined && this.window.inFlight === 0 && (over || this.reruns.length === 0);
  }

  get canStartRerun(): boolean {
    const rerunRuns = [...this.lanes.values()].some(({ scope, over }) => scope.name !== MAIN && !over);
    return this.transfer !== undefined && this.reruns.length > 0 && !rerunRuns && this.failure === undefined;
  }

  /** By an operator or because of credentials, in whole or in part. */
  get isHeld(): boolean {
    return this.parked !== undefined || this.holds.length > 0;
  }

  get info(): RunInfo {
    const { runId } = workflowInfo();
    const known = this.ledger === undefined ? {} : { ledger: this.ledger };
    return { id: runId, mark: runId, startedAt: this.startedAt.getTime(), ...known };
  }

  /** Begun so far. */
  get rerunsBegun(): number {
    return this.rerunCount;
  }

  pause(message: unknown): void {
    if (isPrefixMessage(message)) this.setHolds(addHold(this.holds, message?.prefix));
    else refuse('pause', message);
  }

  /** Holds everything beside what the operator holds, and no longer. */
  park(parked: Parked | undefined): void {
    this.parked = parked;
    this.setHolds(this.holds);
  }

  resume(message: unknown): void {
    if (isPrefixMessage(message)) this.setHolds(releaseHold(this.holds, message?.prefix));
    else refuse('resume', message);
  }

  /** Who copies asks for it every few seconds. */
  setLimit(message: unknown): void {
    if (isLimitMessage(message)) this.limit = { bandwidth: parseBandwidth(message?.bandwidth) };
    else refuse('limit', message);
  }

  /** One that asks for what waits already, or for what this run itself is about to begin, is joined to it. */
  rerun(message: unknown): void {
    if (!isRerunMessage(message)) {
      refuse('rerun', message);
      return;
    }
    const { prefix, force = false } = message;
    const covers = (other: RunScope) => prefix.startsWith(other.prefix ?? '') && (other.force === true || !force);
    if (this.transfer === undefined && covers(this.scope)) return;
    if (this.reruns.some(covers)) return;
    this.reruns.push({ prefix, force });
  }

  /** `ledger`: the run whose report is one. */
  begin(transfer: Transfer, scope: RunScope, ledger?: string): void {
    this.transfer = transfer;
    this.ledger = ledger;
    this.startScope(MAIN, scope);
  }

  startRerun(): void {
    if (!this.canStartRerun || this.transfer === undefined) return;
    const scope = this.reruns.shift();
    if (scope === undefined) return;
    this.rerunCount += 1;
    this.startScope(`rerun-${this.rerunCount}`, scope, `.r${this.rerunCount}`);
  }

  take(report: unknown): void {
    if (!isLaneReport(report)) {
      refuse('laneProgress', report);
      return;
    }
    const entry = this.lanes.get(report.lane);
    if (entry?.over !== false) return;
    Object.assign(entry, { counters: report.counters, listingDone: report.listingDone });
    this.askToSplit();
  }

  /** The stretches are the run's from here on, whoever was asked. */
  split(message: unknown): void {
    const from = isLaneSplit(message) ? this.lanes.get(message.lane) : undefined;
    if (!isLaneSplit(message) || from === undefined) {
      refuse('laneSplit', message);
      return;
    }
    if (this.asked === message.lane) this.asked = undefined;
    from.whole = message.stretches.length === 0;
    for (const stretch of message.stretches) this.startLane(from.scope, stretch);
    this.askToSplit();
  }

  /** What was done in the run beside its lanes. */
  count(counters: Partial<Counters>): void {
    this.beside = addCounters(this.beside, counters);
  }

  async ended(): Promise<void> {
    await this.window.ended();
  }

  progress(): Progress {
    const counters = this.counters();
    const { copied, skipped, failed, listed } = counters;
    const { bandwidth } = this.limit ?? this.transfer?.limits ?? {};
    return {
      transfer: this.name,
      runId: workflowInfo().runId,
      state: this.state,
      ...(this.parked === undefined ? {} : { parked: this.parked }),
      holds: this.holds,
      ...(bandwidth === undefined ? {} : { bandwidth }),
      counters,
      lanes: this.lanesUnderWay,
      pending: listed - copied - skipped - failed,
      listingDone: this.transfer !== undefined && [...this.lanes.values()].every(({ listingDone }) => listingDone),
      startedAt: this.startedAt.toISOString(),
    };
  }

  result(): RunResult {
    const { workflowId, runId } = workflowInfo();
    const { listed, copied, skipped, deleted, failed, bytesCopied } = this.counters();
    return {
      transfer: this.name,
      workflowId,
      runId,
      listed,
      copied,
      skipped,
      deleted,
      failed,
      bytesCopied,
      startedAt: this.startedAt.toISOString(),
      finishedAt: new Date(Date.now()).toISOString(),
    };
  }

  private get lanesUnderWay(): LaneReport[] {
    return [...this.lanes].flatMap(([lane, { counters, listingDone, over }]) =>
      over ? [] : [{ lane, counters, listingDone }],
    );
  }

  private get state(): RunState {
    if (this.transfer === undefined) return 'preflight';
    if (this.parked !== undefined) return 'parked';
    if (this.isDone()) return 'finishing';
    return holdsEverything(this.holds) ? 'paused' : 'running';
  }

  private counters(): Counters {
    return [...this.lanes.values()].reduce((sum, { counters }) => addCounters(sum, counters), this.beside);
  }

  private setHolds(holds: Holds): void {
    this.holds = holds;
    this.holdsVersion += 1;
    this.window.hold(this.word);
  }

  private get word(): HoldsWord {
    const { holds, parked, holdsVersion } = this;
    return { holds: parked === undefined ? holds : addHold(holds, ''), holdsVersion };
  }

  /** Where lanes are free, one that lists still is asked to share. */
  private askToSplit(): void {
    const { transfer, failure, asked } = this;
    if (transfer === undefined || failure !== undefined || asked !== undefined) return;
    const choice = laneToSplit(this.lanes, transfer.limits.lanes, Date.now());
    if (choice === undefined) return;
    const { lane, pieces } = choice;
    this.asked = lane;
    this.window.send(this.idOf(lane), splitSignal, pieces);
  }

  private idOf(lane: string): string {
    return `ferry-${this.name}/r/${lane}`;
  }

  private startScope(name: string, { prefix = '', force = false }: RunScope, mark = ''): void {
    const { transfer } = this;
    if (transfer === undefined) return;
    const run: RunInfo = { ...this.info, mark: this.info.mark + mark };
    this.startLane({ name, force, run, lanes: 0 }, { range: { prefix: transfer.source.prefix + prefix } });
  }

  private startLane(scope: LaneScope, stretch: LaneStretch): void {
    const { transfer, word } = this;
    if (transfer === undefined) return;
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

function refuse(signal: string, found: unknown): void {
  log.warn('A signal was refused: it does not have the shape that docs/architecture.md gives', { signal, found });
}
