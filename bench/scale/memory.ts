/**
 * A hundred times the keys, in the same memory. The few are walked several times, as by a worker that lives on: Node lets its
 * heap grow during the first seconds, whatever there is to do.
 */
import { join } from 'node:path';
import { MiB } from '../../src/domain/sizes';
import { unchangedFields } from './fields';
import { exactGoal, scaled, type Goal, type MeasureRow, type RowContext } from './goal';
import { openStage } from './stage';

const MANY = 10_000_000;
const FEW = 100_000;
/** Walks of the few. */
const TIMES = 10;
const TOLERANCE = 0.1;

export const measureMemory: MeasureRow = async (context) => {
  const most = scaled(context, MANY, 50_000);
  const few = await scan(context, Math.min(FEW, most / 50), TIMES);
  const many = await scan(context, most, 1);
  const growth = many.peakRssBytes / few.peakRssBytes;
  const memory: Goal = {
    measure: `peak memory of the worker at ${many.keys} keys, of that at ${few.keys}, ${TIMES} times`,
    goal: `at most ${1 + TOLERANCE}`,
    measured: `${growth.toFixed(2)} (${Math.round(many.peakRssBytes / MiB)} MiB)`,
    held: growth <= 1 + TOLERANCE,
    noisy: true,
  };
  const done = few.skipped === few.keys * TIMES && many.skipped === many.keys;
  return {
    row: 'memory',
    goals: [memory, exactGoal('keys skipped', String(many.keys), many.skipped, done)],
    facts: { few, many },
  };
};

async function scan({ folder, log }: RowContext, keys: number, times: number) {
  const stage = await openStage(join(folder, String(keys)), { fields: unchangedFields(keys) });
  try {
    log(`memory: ${keys} keys${times === 1 ? '' : `, ${times} times`}`);
    const worker = await stage.worker();
    let skipped = 0;
    let seconds = 0;
    for (let i = 0; i < times; i++) {
      const run = await stage.run(stage.entry('scale-memory'));
      skipped += run.result.skipped;
      seconds += run.seconds;
    }
    await worker.process.stop();
    const { peakRssBytes, cpuSeconds } = worker.finalUsage();
    return { keys, times, skipped, seconds, peakRssBytes, cpuSeconds };
  } finally {
    await stage.stop();
  }
}
