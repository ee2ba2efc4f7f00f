/** A source of small objects, and one attempt at a pack of them. */
import type { ReportLine } from '../../src/domain/report-line';
import type { Transfer } from '../../src/domain/transfer';
import type { PackRequest } from '../../src/domain/work';
import type { Bandwidth } from '../../src/transfer/bandwidth';
import { copyPack, type CopyPackOptions } from '../../src/transfer/copy-pack';
import type { PackCheckpoint } from '../../src/transfer/pack-log';
import { aStage, anEngine, aTransfer, type Stage } from './examples';
import { RUN } from './memory-lane';

export const keyOf = (i: number) => `k${String(i).padStart(4, '0')}`;

export function stageOf(count: number, targetOrder?: 'utf8' | 'directory'): Stage {
  const stage = aStage(targetOrder);
  for (let i = 0; i < count; i++) stage.source.seed(keyOf(i), `body ${i}`);
  return stage;
}

export interface Attempt {
  readonly request?: Partial<PackRequest>;
  readonly transfer?: Partial<Transfer>;
  readonly options?: Partial<CopyPackOptions>;
  readonly concurrency?: number;
  readonly bandwidth?: Bandwidth;
}

/** `wrote`: the lines of each segment; `kept`: the checkpoints, as they are when they are read. */
export function pack(stage: Stage, attempt: Attempt = {}) {
  const { request = {}, transfer = {}, options = {}, concurrency = 4, bandwidth } = attempt;
  const wrote: (readonly ReportLine[])[] = [];
  const kept: PackCheckpoint[] = [];
  const defaults = {
    run: RUN,
    pack: 'p',
    group: '0/000001',
    sequence: 1,
    range: { prefix: '' },
    force: false,
    holds: [],
    passed: [],
  };
  const settings = { route: { packBelow: 100, batchFrom: 1_000 }, ...transfer };
  const result = copyPack(
    { transfer: aTransfer(settings), ...defaults, ...request },
    anEngine(stage, { packConcurrency: concurrency, ...(bandwidth === undefined ? {} : { bandwidth }) }),
    {
      onLines: (lines) => Promise.resolve(void wrote.push(lines)),
      onCheckpoint: (checkpoint) => void kept.push(checkpoint),
      ...options,
    },
  );
  return { result, wrote, kept, lines: () => wrote.flat() };
}
