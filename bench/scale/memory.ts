/** A hundred times the keys, in the same memory. */
import { join } from 'node:path';
import { MiB } from '../../src/domain/sizes';
import { unchangedFields } from './fields';
import { exactGoal, scaled, type Goal, type MeasureRow, type RowContext } from './goal';
import { openStage } from './stage';

const MANY = 10_000_000;
const FEW = 100_000;
const TOLERANCE = 0.1;

export const measureMemory: MeasureRow = async (context) => {
  const most = scaled(context, MANY, 50_000);
  const few = await scan(context, Math.min(FEW, most / 5));
  const many = await scan(context, most);
  const growth = many.peakRssBytes / few.peakRssBytes;
  const memory: Goal = {
    measure: `peak memory of the worker at ${many.keys} keys, of that at ${few.keys}`,
    goal: `at most ${1 + TOLERANCE}`,
    measured: `${growth.toFixed(2)} (${Math.round(many.peakRssBytes / MiB)} MiB)`,
    held: growth <= 1 + TOLERANCE,
    noisy: true,
  };
  const done = few.skipped === few.keys && many.skipped === many.keys;
  return {
    row: 'memory',
    goals: [memory, exactGoal('keys skipped', String(many.keys), many.skipped, done)],
    facts: { few, many },
  };
};

async function scan({ folder, log }: RowContext, keys: number) {
  const stage = await openStage(join(folder, String(keys)), { fields: unchangedFields(keys) });
  try {
    log(`memory: ${keys} keys`);
    const worker = await stage.worker();
    const { result, seconds } = await stage.run(stage.entry('scale-memory'));
    await worker.process.stop();
    const { peakRssBytes, cpuSeconds } = worker.finalUsage();
    return { keys, skipped: result.skipped, seconds, peakRssBytes, cpuSeconds };
  } finally {
    await stage.stop();
  }
}
