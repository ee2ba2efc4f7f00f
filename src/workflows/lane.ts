/** The state of one lane: stretches still to scan, work that waits, and a window of children. */
import { condition, log, workflowInfo } from '@temporalio/workflow';
import { addCounters, type Counters } from '../domain/counters';
import { holdOn, holdsEverything, type Holds } from '../domain/holds';
import type { Transfer } from '../domain/transfer';
import type { KeyRange, ObjectSpec, PackSpec, RunInfo, ScanResult } from '../domain/work';
import { abortTransfer, recordFailure } from './activity-proxies';
import { startExclusiveChild } from './exclusive-child';
import { endsTheRun, failureOf, type Failure } from './failure';
import { transferObject, type TransferObjectResult } from './transfer-object';
import { transferPack, type TransferPackResult } from './transfer-pack';
import { targetKeyOf } from '../domain/transfer';
import { Window } from './window';

/**
 * A stretch still to scan; `hold` is what it waits for. `passed`: the holds that its own scan has deferred already. Those of
 * other stretches do not count here: a wider hold that comes later would hide the keys of a narrower one that was deferred first.
 */
export interface LaneStretch {
  readonly range: KeyRange;
  readonly hold?: string;
  readonly passed?: readonly string[];
}

/**
 * `alone`: ids of the objects that the same scan gave children of their own. `hold`: what the pack waits for: it is the rest
 * of another pack, which the scan must not see again, as it has counted the large keys between.
 */
export type LaneWork =
  | { readonly kind: 'object'; readonly object: ObjectSpec }
  | { readonly kind: 'pack'; readonly pack: PackSpec; readonly alone: readonly string[]; readonly hold?: string };

/** What a lane is, and what continue-as-new carries. */
export interface LaneState {
  readonly transfer: Transfer;
  readonly run: RunInfo;
  readonly lane: string;
  readonly force: boolean;
  readonly holds: Holds;
  readonly stretches: readonly LaneStretch[];
  readonly waiting: readonly LaneWork[];
  readonly sequence: number;
  readonly counters: Counters;
}

export class Lane {
  readonly window: Window;
  counters: Counters;
  /** Ends the run; children in flight are still awaited. */
  failure: Failure | undefined;
  private readonly stretches: LaneStretch[];
  private readonly waiting: LaneWork[];
  private holds: Holds;
  private sequence: number;
  /** Counts what may let the lane go on. */
  private changes = 0;

  constructor(private readonly initial: LaneState) {
    this.stretches = [...initial.stretches];
    this.waiting = [...initial.waiting];
    this.counters = initial.counters;
    this.holds = initial.holds;
    this.sequence = initial.sequence;
    this.window = new Window(
      initial.transfer.limits.objectsPerLane,
      initial.holds,
      (key) => this.isHeld(key),
      () => this.changed(),
    );
  }

  get state(): LaneState {
    const { stretches, waiting, sequence, counters, holds } = this;
    return { ...this.initial, stretches, waiting, sequence, counters, holds };
  }

  get listingDone(): boolean {
    return this.stretches.length === 0;
  }

  get isDone(): boolean {
    return this.listingDone && this.waiting.length === 0 && this.window.inFlight === 0;
  }

  hold(holds: Holds): void {
    this.holds = holds;
    this.window.hold(holds);
    this.changed();
  }

  /** Until a child ends or a hold changes, or the time is over. */
  async change(timeoutMs: number | undefined): Promise<void> {
    const { changes } = this;
    const changed = () => this.changes !== changes;
    await (timeoutMs === undefined ? condition(changed) : condition(changed, timeoutMs));
  }

  private changed(): void {
    this.changes += 1;
  }

  /** The stretch to scan now: the window has room for what it may bring, and no hold keeps it back. */
  nextStretch(): LaneStretch | undefined {
    if (holdsEverything(this.holds) || !this.window.hasRoom || this.startable() !== undefined) return undefined;
    return this.stretches.find(({ hold }) => hold === undefined || holdOn(this.holds, hold) === undefined);
  }

  /** The scan of a stretch: names its report segment, and passes over what is deferred already. */
  scanRequest({ range, passed = [] }: LaneStretch) {
    const { transfer, run, lane, force } = this.initial;
    this.sequence += 1;
    return { transfer, run, lane, sequence: this.sequence, range, force, holds: this.holds, passed };
  }

  takeUp(stretch: LaneStretch, found: ScanResult): void {
    this.counters = addCounters(this.counters, found.counters);
    const passed = [...(stretch.passed ?? []), ...found.deferred.map(({ hold }) => hold)];
    const rest = found.next === undefined ? [] : [{ ...stretch, range: found.next, passed }];
    this.stretches.splice(this.stretches.indexOf(stretch), 1, ...rest);
    this.stretches.push(...found.deferred);
    const alone = found.objects.map(({ id }) => id);
    for (const pack of found.packs) this.waiting.push({ kind: 'pack', pack, alone });
    for (const object of found.objects) this.waiting.push({ kind: 'object', object });
  }

  startWhatFits(): void {
    for (let work = this.startable(); work !== undefined && this.failure === undefined; work = this.startable()) {
      this.waiting.splice(this.waiting.indexOf(work), 1);
      if (work.kind === 'object') this.startObject(work.object);
      else this.startPack(work.pack, work.alone);
    }
  }

  private startable(): LaneWork | undefined {
    return this.window.hasRoom ? this.waiting.find((work) => !this.waits(work)) : undefined;
  }

  private waits(work: LaneWork): boolean {
    if (work.kind === 'object') return this.isHeld(work.object.key);
    return holdsEverything(this.holds) || (work.hold !== undefined && holdOn(this.holds, work.hold) !== undefined);
  }

  private isHeld(key: string): boolean {
    return holdOn(this.holds, key.slice(this.initial.transfer.source.prefix.length)) !== undefined;
  }

  private startObject(object: ObjectSpec): void {
    const { transfer, run, force } = this.initial;
    const { holds } = this;
    const { key, size, route } = object;
    const id = `ferry-${transfer.name}/o/${object.id}`;
    this.window.add<TransferObjectResult>({
      id,
      key,
      start: () =>
        startExclusiveChild(transferObject, {
          workflowId: id,
          args: [{ transfer, run, object, force, holds }],
          memo: { key, size, route },
          staticSummary: summaryOf(key),
        }),
      onResult: ({ outcome, bytes }) => {
        this.counters = addCounters(this.counters, { [outcome]: 1, bytesCopied: bytes });
      },
      onFailure: async (failure) => {
        if (endsTheRun(failure)) this.failure ??= failure;
        if (failure.code === 'Unknown') await this.cleanUpAfter(object, failure);
        this.counters = addCounters(this.counters, { failed: 1 });
      },
    });
  }

  /** A child that was terminated could neither report nor abort. */
  private async cleanUpAfter(object: ObjectSpec, { message }: Failure): Promise<void> {
    const { transfer, run } = this.initial;
    const { key, size } = object;
    const targetKey = targetKeyOf(transfer, key);
    await abortTransfer({ transfer, targetKey, since: run.startedAt }).catch((error: unknown) => {
      log.warn('An upload could not be aborted', { targetKey, failure: failureOf(error)?.code });
    });
    await recordFailure({
      transfer,
      run,
      object,
      line: { outcome: 'failed', key, size, sourceEtag: '', code: 'Unknown', message },
    });
  }

  private startPack(pack: PackSpec, alone: readonly string[]): void {
    const { transfer, run, force } = this.initial;
    const { holds } = this;
    const id = `ferry-${transfer.name}/p/${pack.id}`;
    this.window.add<TransferPackResult>({
      id,
      start: () =>
        startExclusiveChild(transferPack, {
          workflowId: id,
          args: [{ transfer, run, pack, force, holds }],
          memo: { objects: pack.objects, bytes: pack.bytes },
          staticSummary: `${pack.objects} objects up to ${summaryOf(pack.range.endAt ?? '')}`,
        }),
      onResult: (result) => this.takeUpFromPack(pack, result, alone),
      onFailure: (failure) => {
        this.failure ??= failure;
      },
    });
  }

  /** What a pack leaves to its lane. */
  private takeUpFromPack(
    pack: PackSpec,
    { counters, grown, deferred }: TransferPackResult,
    alone: readonly string[],
  ): void {
    this.counters = addCounters(this.counters, counters);
    for (const [i, { hold, range }] of deferred.entries()) {
      this.waiting.push({ kind: 'pack', pack: { ...pack, id: `${pack.id}.${i}`, range }, alone, hold });
    }
    for (const object of grown) {
      if (alone.includes(object.id)) continue;
      this.counters = addCounters(this.counters, { listed: 1, bytesListed: object.size });
      this.waiting.push({ kind: 'object', object });
    }
  }
}

/** Temporal's summaries hold 200 bytes. */
function summaryOf(key: string): string {
  return key.length <= 60 ? key : `…${key.slice(-59)}`;
}

/** A lane begins anew here, with no child in flight: history stays far from the server's 4,096. */
const MAX_EVENTS = 2000;

export function historyIsLong(): boolean {
  return workflowInfo().historyLength > MAX_EVENTS;
}
