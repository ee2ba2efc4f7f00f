/** What a run is asked for, and what it tells of itself: holds, limits, the reruns that wait, and its progress. */
import { log, workflowInfo } from '@temporalio/workflow';
import { parseBandwidth } from '../domain/bandwidth';
import { addCounters, NO_COUNTERS, type Counters } from '../domain/counters';
import { addHold, holdsEverything, releaseHold, type Holds } from '../domain/holds';
import type { Parked, Progress, RunResult, RunState } from '../domain/run-result';
import type { RunScope, Transfer } from '../domain/transfer';
import type { RunInfo } from '../domain/work';
import type { HoldsWord } from './held-by';
import type { RerunMessage } from './messages';
import { RunLanes } from './run-lanes';
import { isLaneReport, isLaneSplit, isLimitMessage, isPrefixMessage, isRerunMessage } from './signal-shapes';

/** The lanes of the run's own scope. */
const MAIN = 'main';

export class RunBoard {
  /** An operator's. */
  private holds: Holds = [];
  private parked: Parked | undefined;
  /** An operator's, in place of the configuration's. */
  private limit: { readonly bandwidth: number | undefined } | undefined;
  /** Counts what the lanes are told of holds. */
  private holdsVersion = 0;
  private readonly reruns: RerunMessage[] = [];
  private rerunCount = 0;
  /** From the end of the preflight on. */
  private begun:
    { readonly transfer: Transfer; readonly lanes: RunLanes; readonly ledger: string | undefined } | undefined;
  /** What no lane has counted. */
  private beside = NO_COUNTERS;
  private readonly startedAt = workflowInfo().startTime;

  constructor(
    private readonly name: string,
    private readonly scope: RunScope,
  ) {}

  /** Ends the run with what a lane has failed with, if one has. */
  throwFailure(): void {
    this.begun?.lanes.throwFailure();
  }

  isDone(): boolean {
    if (this.begun === undefined) return false;
    const { inFlight, isBroken } = this.begun.lanes;
    return inFlight === 0 && (isBroken || this.reruns.length === 0);
  }

  get canStartRerun(): boolean {
    if (this.begun === undefined || this.reruns.length === 0) return false;
    const { lanes } = this.begun;
    return !lanes.hasFailed && !lanes.isUnderWay(({ name }) => name !== MAIN);
  }

  /** By an operator or because of credentials, in whole or in part. */
  get isHeld(): boolean {
    return this.parked !== undefined || this.holds.length > 0;
  }

  get info(): RunInfo {
    const { runId } = workflowInfo();
    const ledger = this.begun?.ledger;
    const known = ledger === undefined ? {} : { ledger };
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
    if (this.begun === undefined && covers(this.scope)) return;
    if (this.reruns.some(covers)) return;
    this.reruns.push({ prefix, force });
  }

  /** `ledger`: the run whose report is one. */
  begin(transfer: Transfer, scope: RunScope, ledger?: string): void {
    this.begun = { transfer, lanes: new RunLanes(transfer, this.word), ledger };
    this.startScope(MAIN, scope);
  }

  startRerun(): void {
    if (!this.canStartRerun) return;
    const scope = this.reruns.shift();
    if (scope === undefined) return;
    this.rerunCount += 1;
    this.startScope(`rerun-${this.rerunCount}`, scope, `.r${this.rerunCount}`);
  }

  take(report: unknown): void {
    if (isLaneReport(report)) this.begun?.lanes.take(report);
    else refuse('laneProgress', report);
  }

  split(message: unknown): void {
    const known = isLaneSplit(message) && this.begun?.lanes.split(message);
    if (known !== true) refuse('laneSplit', message);
  }

  /** What was done in the run beside its lanes. */
  count(counters: Partial<Counters>): void {
    this.beside = addCounters(this.beside, counters);
  }

  async ended(): Promise<void> {
    await this.begun?.lanes.ended();
  }

  progress(): Progress {
    const counters = this.counters();
    const { copied, skipped, failed, listed } = counters;
    const { transfer, lanes } = this.begun ?? {};
    const { bandwidth } = this.limit ?? transfer?.limits ?? {};
    return {
      transfer: this.name,
      runId: workflowInfo().runId,
      state: this.state,
      ...(this.parked === undefined ? {} : { parked: this.parked }),
      holds: this.holds,
      ...(bandwidth === undefined ? {} : { bandwidth }),
      counters,
      lanes: lanes?.underWay ?? [],
      pending: listed - copied - skipped - failed,
      listingDone: lanes?.listingDone ?? false,
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
    if (this.begun === undefined) return 'preflight';
    if (this.parked !== undefined) return 'parked';
    if (this.isDone()) return 'finishing';
    return holdsEverything(this.holds) ? 'paused' : 'running';
  }

  private counters(): Counters {
    return this.begun === undefined ? this.beside : addCounters(this.beside, this.begun.lanes.counters);
  }

  private setHolds(holds: Holds): void {
    this.holds = holds;
    this.holdsVersion += 1;
    this.begun?.lanes.hold(this.word);
  }

  private get word(): HoldsWord {
    const { holds, parked, holdsVersion } = this;
    return { holds: parked === undefined ? holds : addHold(holds, ''), holdsVersion };
  }

  private startScope(name: string, { prefix = '', force = false }: RunScope, mark = ''): void {
    if (this.begun === undefined) return;
    const { transfer, lanes } = this.begun;
    const run: RunInfo = { ...this.info, mark: this.info.mark + mark };
    lanes.start({ name, force, run }, transfer.source.prefix + prefix);
  }
}

function refuse(signal: string, found: unknown): void {
  log.warn('A signal was refused: it does not have the shape that docs/architecture.md gives', { signal, found });
}
