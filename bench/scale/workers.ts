/**
 * More worker processes, more work: each has memory for seven objects at once, and each object comes at a pace of its own, so
 * what one worker can do is known, and little of it is this machine's.
 */
import { join } from 'node:path';
import { MiB } from '../../src/domain/sizes';
import { newObjects } from './fields';
import { exactGoal, scaled, type Goal, type MeasureRow, type RowContext } from './goal';
import { openStage } from './stage';

const WORKERS = [1, 2, 4] as const;
const SIZE = 9 * MiB;
const MEMORY = '64MiB';
/** Of each answer. */
const BYTES_PER_SECOND = 1.5 * MiB;
/** Twenty-four rounds: the last one is not as full in each worker. */
const OBJECTS_A_WORKER = 168;
const TOLERANCE = 0.1;

export const measureWorkers: MeasureRow = async (context) => {
  const objects = scaled(context, OBJECTS_A_WORKER, 7);
  const runs: { readonly workers: number; readonly seconds: number; readonly rate: number; readonly copied: number }[] = []; // prettier-ignore
  for (const workers of WORKERS) runs.push(await measure(context, workers, objects * workers));
  const [first] = runs;
  const goals = runs.flatMap((run): Goal[] => {
    const asked = objects * run.workers;
    const copied = exactGoal(`objects copied by ${run.workers}`, String(asked), run.copied, run.copied === asked);
    if (first === undefined || run === first) return [copied];
    const speedUp = run.rate / first.rate;
    const linear: Goal = {
      measure: `throughput of ${run.workers} worker processes, of that of one`,
      goal: `${run.workers} ± ${TOLERANCE * 100} %`,
      measured: speedUp.toFixed(2),
      held: speedUp >= run.workers * (1 - TOLERANCE),
      noisy: true,
    };
    return [linear, copied];
  });
  return { row: 'workers', goals, facts: { objectsAWorker: objects, sizeBytes: SIZE, memory: MEMORY, runs } };
};

async function measure({ folder, log }: RowContext, workers: number, objects: number) {
  const settings = { ...newObjects(objects, SIZE), bytesPerSecond: BYTES_PER_SECOND };
  const stage = await openStage(join(folder, String(workers)), settings);
  try {
    log(`workers: ${objects} objects by ${workers}`);
    for (let i = 0; i < workers; i++) await stage.worker({ FERRY_MEMORY: MEMORY });
    const limits = { objectsPerLane: 80 };
    const { result, seconds } = await stage.run(stage.entry('scale-workers', { limits }));
    return { workers, seconds, rate: objects / seconds, copied: result.copied };
  } finally {
    await stage.stop();
  }
}
