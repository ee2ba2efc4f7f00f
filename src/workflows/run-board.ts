/** What a run knows: its lanes and what each reports, the holds, and the reruns that wait. */
import { log, ParentClosePolicy, workflowInfo } from '@temporalio/workflow';
import { addCounters, NO_COUNTERS, type Counters } from '../domain/counters';
import { addHold, holdsEverything, releaseHold, type Holds } from '../domain/holds';
import type { Parked, Progress, RunResult, RunState } from '../domain/run-result';
import type { RunScope, Transfer } from '../domain/transfer';
import type { RunInfo } from '../domain/work';
import { startExclusiveChild } from './exclusive-child';
import { fail, type Failure } from './failure';
import type { HoldsWord } from './held-by';
import { NEW_LANE } from './lane-state';
import type { RerunMessage } from './messages';
import { isLaneReport, isPrefixMessage, isRerunMessage } from './signal-shapes';
import { transferRange } from './transfer-range';
import { Window } from './window';

interface LaneEntry {
  readonly counters: Counters;
  readonly listingDone: boolean;
  /** Its result is in: no report that comes late may replace it. */
  readonly over: boolean;
}

/** Where counts stand that no lane has counted; no lane has this name. */
const BESIDE = '';

export class RunBoard {
  private failure: Failure | undefined;
  /** An operator's. */
  private holds: Holds = [];
  private parked: Parked | undefined;
  /** Counts what the lanes are told of holds. */
  private holdsVersion = 0;
  private readonly lanes = new Map<string, LaneEntry>();
  private readonly reruns: RerunMessage[] = [];
  private rerunCount = 0;
  private rerunRuns = false;
  private transfer: Transfer | undefined;
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
    return this.transfer !== undefined && this.reruns.length > 0 && !this.rerunRuns && this.failure === undefined;
  }

  /** By an operator or because of credentials, in whole or in part. */
  get isHeld(): boolean {
    return this.parked !== undefined || this.holds.length > 0;
  }

  get info(): RunInfo {
    const { runId } = workflowInfo();
    return { id: runId, mark: runId, startedAt: this.startedAt.getTime() };
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

  begin(transfer: Transfer, scope: RunScope): void {
    this.transfer = transfer;
    this.startLane('main', transfer, scope, '');
  }

  startRerun(): void {
    if (!this.canStartRerun || this.transfer === undefined) return;
    const scope = this.reruns.shift();
    if (scope === undefined) return;
    this.rerunCount += 1;
    this.rerunRuns = true;
    this.startLane(`rerun-${this.rerunCount}`, this.transfer, scope, `.r${this.rerunCount}`);
  }

  take(report: unknown): void {
    if (!isLaneReport(report)) {
      refuse('laneProgress', report);
      return;
    }
    const { lane, counters, listingDone } = report;
    if (this.lanes.get(lane)?.over === false) this.lanes.set(lane, { counters, listingDone, over: false });
  }

  /** What was done in the run beside its lanes. */
  count(counters: Partial<Counters>): void {
    const before = this.lanes.get(BESIDE)?.counters ?? NO_COUNTERS;
    this.lanes.set(BESIDE, { counters: addCounters(before, counters), listingDone: true, over: true });
  }

  async ended(): Promise<void> {
    await this.window.ended();
  }

  progress(): Progress {
    const counters = this.counters();
    const { copied, skipped, failed, listed } = counters;
    return {
      transfer: this.name,
      runId: workflowInfo().runId,
      state: this.state,
      ...(this.parked === undefined ? {} : { parked: this.parked }),
      holds: this.holds,
      counters,
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

  private get state(): RunState {
    if (this.transfer === undefined) return 'preflight';
    if (this.parked !== undefined) return 'parked';
    if (this.isDone()) return 'finishing';
    return holdsEverything(this.holds) ? 'paused' : 'running';
  }

  private counters(): Counters {
    return [...this.lanes.values()].reduce((sum, { counters }) => addCounters(sum, counters), NO_COUNTERS);
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

  private startLane(lane: string, transfer: Transfer, { prefix = '', force = false }: RunScope, mark: string): void {
    const run: RunInfo = { ...this.info, mark: this.info.mark + mark };
    const id = `ferry-${transfer.name}/r/${lane}`;
    const { word } = this;
    const stretches = [{ range: { prefix: transfer.source.prefix + prefix } }];
    this.lanes.set(lane, { counters: NO_COUNTERS, listingDone: false, over: false });
    const over = () => {
      if (lane !== 'main') this.rerunRuns = false;
    };
    this.window.add<Counters>({
      id,
      work: lane,
      start: () =>
        startExclusiveChild(transferRange, {
          workflowId: id,
          args: [{ transfer, run, lane, force, ...word, stretches, ...NEW_LANE }],
          memo: { transfer: transfer.name, lane },
          parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
          priority: { priorityKey: transfer.priority, fairnessKey: transfer.name },
        }),
      onResult: (counters) => {
        this.lanes.set(lane, { counters, listingDone: true, over: true });
        over();
      },
      onFailure: (failure) => {
        this.failure ??= failure;
        over();
      },
    });
  }
}

function refuse(signal: string, found: unknown): void {
  log.warn('A signal was refused: it does not have the shape that docs/architecture.md gives', { signal, found });
}
