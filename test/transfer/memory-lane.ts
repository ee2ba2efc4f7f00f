/** A lane without Temporal: scans stretches and does what they bring, as `workflows/lane.ts` has its children do. */
import { copyObject } from '../support/copy-object';
import { MemoryFiles } from '../support/memory-files';
import { addCounters, NO_COUNTERS, type Counters } from '../../src/domain/counters';
import { holdOn, holdsEverything } from '../../src/domain/holds';
import type { ReportLine } from '../../src/domain/report-line';
import type { Transfer } from '../../src/domain/transfer';
import { isTransferError } from '../../src/domain/transfer-error';
import type { KeyRange, ObjectSpec, PackResult, PackSpec, RunInfo } from '../../src/domain/work';
import { copyPack } from '../../src/transfer/copy-pack';
import type { PackCheckpoint } from '../../src/transfer/pack-log';
import type { Engine } from '../../src/transfer/engine';
import { groupOf, objectSegment, packSegment } from '../../src/transfer/report-names';
import { PackedLines, writeScan, writeSegment } from '../../src/transfer/report-store';
import { scanRange } from '../../src/transfer/scan-range';

export const RUN: RunInfo = { id: 'run-1', mark: 'run-1', startedAt: Date.UTC(2026, 5, 1) };

export class MemoryLane {
  counters: Counters = NO_COUNTERS;
  readonly lines: ReportLine[] = [];
  /** The same lines, as a run writes them. */
  readonly report = new MemoryFiles();
  holds: readonly string[] = [];
  /** Called before each attempt at a pack: may make it stop or fail. */
  onPack: () => AbortSignal | undefined = () => undefined;
  packs = 0;
  private sequence = 0;
  private readonly heldPacks: { hold: string; pack: PackSpec; alone: readonly string[] }[] = [];
  private readonly stretches: { range: KeyRange; hold?: string; passed?: readonly string[] }[];

  constructor(
    private readonly transfer: Transfer,
    private readonly engine: Engine,
    private readonly options: { readonly force?: boolean; readonly packsFirst?: boolean } = {},
  ) {
    this.stretches = [{ range: { prefix: transfer.source.prefix } }];
  }

  /** Does all that is not held. `holdsOfPacks`: what is held from the time on that the first packs are copied. */
  async run(holdsOfPacks: readonly string[] = this.holds): Promise<void> {
    await this.scanStretches(holdsOfPacks);
    for (let held = this.releasedPack(); held !== undefined; held = this.releasedPack()) {
      this.heldPacks.splice(this.heldPacks.indexOf(held), 1);
      await this.copyPack(held.pack, held.alone, this.holds);
    }
  }

  private releasedPack() {
    if (holdsEverything(this.holds)) return undefined;
    return this.heldPacks.find(({ hold }) => holdOn(this.holds, hold) === undefined);
  }

  private async scanStretches(holdsOfPacks: readonly string[]): Promise<void> {
    for (let stretch = this.nextStretch(); stretch !== undefined; stretch = this.nextStretch()) {
      const { range, passed = [] } = stretch;
      const { force = false } = this.options;
      const request = {
        transfer: this.transfer,
        run: RUN,
        lane: 'main',
        sequence: (this.sequence += 1),
        range,
        force,
        holds: this.holds,
        passed,
      };
      const packed = new PackedLines();
      const found = await scanRange(request, this.engine, {
        onLines: (lines) => {
          this.lines.push(...lines);
          return packed.add(lines);
        },
      });
      this.counters = addCounters(this.counters, found.counters);
      await writeScan(this.report, { run: RUN.id, group: groupOf('main', request.sequence) }, found.span, packed);
      // What this stretch has noted is passed over in its rest, and in no other stretch.
      const noted = [...passed, ...found.deferred.map(({ hold }) => hold)];
      const rest = found.next === undefined ? [] : [{ ...stretch, range: found.next, passed: noted }];
      this.stretches.splice(this.stretches.indexOf(stretch), 1, ...rest);
      this.stretches.push(...found.deferred);
      const alone = found.objects.map(({ id }) => id);
      this.holds = holdsOfPacks;
      if (this.options.packsFirst !== true) await this.copyObjects(found.objects);
      for (const pack of found.packs) await this.copyPack(pack, alone, holdsOfPacks);
      if (this.options.packsFirst === true) await this.copyObjects(found.objects);
    }
  }

  private nextStretch() {
    if (holdsEverything(this.holds)) return undefined;
    return this.stretches.find(({ hold }) => hold === undefined || holdOn(this.holds, hold) === undefined);
  }

  private async copyObjects(objects: readonly ObjectSpec[]): Promise<void> {
    for (const object of objects) await this.copyObject(object);
  }

  private async copyObject({ id, group, key, route, size }: ObjectSpec): Promise<void> {
    const { transfer, engine } = this;
    const request = {
      transfer,
      run: RUN.mark,
      key,
      size,
      route,
      force: this.options.force ?? false,
      since: 0,
      retried: false,
    };
    const line = await copyObject(request, engine);
    await writeSegment(this.report, objectSegment({ run: RUN.id, group, id }), [line]);
    this.count(line, { [line.outcome]: 1, ...(line.outcome === 'copied' ? { bytesCopied: line.size } : {}) });
  }

  private count(line: ReportLine, counts: Partial<Counters>): void {
    this.lines.push(line);
    this.counters = addCounters(this.counters, counts);
  }

  private async copyPack(pack: PackSpec, alone: readonly string[], holds: readonly string[]): Promise<void> {
    this.packs += 1;
    const passed: string[] = [];
    for (let range: KeyRange | undefined = pack.range; range !== undefined;) {
      const result: PackResult = await this.attemptPack({ ...pack, range }, range !== pack.range, holds, passed);
      this.counters = addCounters(this.counters, result.counters);
      // What a hold left of a pack stays a pack: the scan has counted the large keys between.
      this.heldPacks.push(
        ...result.deferred.map(({ hold, range: left }) => ({ hold, alone, pack: { ...pack, range: left } })),
      );
      passed.push(...result.deferred.map(({ hold }) => hold));
      for (const object of [...result.grown, ...result.changing].filter(({ id }) => !alone.includes(id))) {
        this.counters = addCounters(this.counters, { listed: 1, bytesListed: object.size });
        await this.copyObject(object);
      }
      range = result.next;
    }
  }

  /** Goes on from the last checkpoint until it is through; a checkpoint is written down when it is needed, as a heartbeat's details are. */
  private async attemptPack(
    { id, group, range }: PackSpec,
    again: boolean,
    holds: readonly string[],
    passed: readonly string[],
  ): Promise<PackResult> {
    const { force = false } = this.options;
    const sequence = (this.sequence += 1);
    const request = {
      transfer: this.transfer,
      run: RUN,
      pack: id,
      group,
      sequence,
      range,
      force,
      holds,
      passed: [...passed],
    };
    let checkpoint: PackCheckpoint | undefined;
    for (let attempt = 1; ; attempt++) {
      const stop = this.onPack();
      try {
        return await copyPack(request, this.engine, {
          retried: again || attempt > 1,
          ...(stop === undefined ? {} : { stop }),
          ...(checkpoint === undefined ? {} : { from: JSON.parse(JSON.stringify(checkpoint)) as PackCheckpoint }),
          onLines: (lines, segment) => {
            this.lines.push(...lines);
            const name = packSegment({ run: RUN.id, group, pack: id, sequence, segment, attempt });
            return writeSegment(this.report, name, lines);
          },
          onCheckpoint: (next) => void (checkpoint = next),
        });
      } catch (error) {
        if (!isTransferError(error, 'CredentialsRefused')) throw error;
      }
    }
  }
}
