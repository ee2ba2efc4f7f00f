/**
 * A hundred times the keys, in the same memory. The few are walked again and again for as long as the many take: a process
 * takes memory during its first minutes, whatever there is to do, and two of the same age differ by their keys alone.
 */
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
  const many = await scan(context, most, 0);
  const few = await scan(context, Math.min(FEW, most / 50), many.seconds);
  const growth = many.peakRssBytes / few.peakRssBytes;
  const memory: Goal = {
    measure: `peak memory of the worker at ${many.keys} keys, of that at ${few.keys} for as long (${few.times} times)`,
    goal: `at most ${1 + TOLERANCE}`,
    measured: `${growth.toFixed(2)} (${Math.round(many.peakRssBytes / MiB)} MiB)`,
    held: growth <= 1 + TOLERANCE,
    noisy: true,
  };
  const done = few.skipped === few.keys * few.times && many.skipped === many.keys;
  return {
    row: 'memory',
    goals: [memory, exactGoal('keys skipped', String(many.keys), many.skipped, done)],
    facts: { few, many },
  };
};

/** Once, and then until `leastSeconds` are over. */
async function scan({ folder, log }: RowContext, keys: number, leastSeconds: number) {
  const stage = await openStage(join(folder, String(keys)), { fields: unchangedFields(keys) });
  try {
    log(`memory: ${keys} keys${leastSeconds === 0 ? '' : `, for ${Math.round(leastSeconds)} s`}`);
    const worker = await stage.worker();
    let times = 0;
    let skipped = 0;
    let seconds = 0;
    let firstPeakRssBytes: number | undefined;
    do {
      const run = await stage.run(stage.entry('scale-memory'));
      times += 1;
      skipped += run.result.skipped;
      seconds += run.seconds;
      firstPeakRssBytes ??= worker.usage()?.peakRssBytes;
    } while (seconds < leastSeconds);
    await worker.process.stop();
    const { peakRssBytes, cpuSeconds } = worker.finalUsage();
    return { keys, times, skipped, seconds, peakRssBytes, firstPeakRssBytes, cpuSeconds };
  } finally {
    await stage.stop();
  }
}
