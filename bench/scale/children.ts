/** A child for each object: what that costs, against the bytes alone, and against children that do nothing. */
import { join } from 'node:path';
import { MiB } from '../../src/domain/sizes';
import { startMeasured } from '../measured-process';
import { runBare } from './bare';
import { newObjects } from './fields';
import { exactGoal, ratioGoal, scaled, type MeasureRow } from './goal';
import { readHistories } from './histories';
import { openStage, type Stage } from './stage';
import { readLastLine } from './last-line';

const OBJECTS = 2_000;
const SIZE = 9 * MiB;
const BARE_OUT = 'bare/';
/** Of all three: `limits.objectsPerLane` unless told otherwise. */
const WINDOW = 16;

export const measureChildren: MeasureRow = async (context) => {
  const objects = scaled(context, OBJECTS, 10);
  const stage = await openStage(context.folder, newObjects(objects, SIZE, [BARE_OUT, 'out/']));
  try {
    context.log(`children: ${objects} objects by the bare engine`);
    const limits = { objectsPerLane: WINDOW };
    const bare = await runBare(context.folder, stage.entry('scale-bare', { target: { prefix: BARE_OUT }, limits }));
    context.log(`children: ${(objects / bare.seconds).toFixed(1)} objects/s; children that do nothing`);
    const emptySeconds = await runEmptyChildren(stage, objects);
    context.log(`children: ${(objects / emptySeconds).toFixed(1)} children/s; the objects through Temporal`);
    const worker = await stage.warmWorker();
    const { result, seconds } = await stage.run(stage.entry('scale-children', { limits }));
    await worker.process.stop();
    const { runs, events, failedTasks } = await readHistories(stage.client, 'ferry-scale-children');
    const { perKey, mismatches, operations } = await stage.store.stats();
    return {
      row: 'children',
      goals: [
        ratioGoal('objects/s, of the slower of bare engine and empty children', Math.max(bare.seconds, emptySeconds) / seconds, 0.8), // prettier-ignore
        exactGoal('workflow tasks failed', '0', failedTasks.length, failedTasks.length === 0),
        exactGoal('objects copied', String(objects), result.copied, result.copied === objects && result.failed === 0),
        exactGoal('written more than once, or wrong', '0', (perKey?.surplus ?? 0) + mismatches.length, perKey?.surplus === 0 && mismatches.length === 0), // prettier-ignore
      ],
      facts: {
        objects,
        bareSeconds: bare.seconds,
        emptySeconds,
        runSeconds: seconds,
        bareCpuSeconds: bare.usage.cpuSeconds,
        workerCpuSeconds: worker.finalUsage().cpuSeconds,
        workerPeakRssBytes: worker.finalUsage().peakRssBytes,
        histories: { runs, events },
        failedTasks: failedTasks.slice(0, 10),
        operations,
      },
    };
  } finally {
    await stage.stop();
  }
};

async function runEmptyChildren({ folder, temporal }: Stage, count: number): Promise<number> {
  const main = join(__dirname, 'empty-worker.js');
  const args = [main, temporal.address, String(count), String(WINDOW)];
  const empty = await startMeasured({ name: 'empty-children', args, folder });
  try {
    const { code } = await empty.process.ended;
    if (code !== 0) throw new Error(`The empty children ended with ${code}. ${empty.process.lastLines()}`);
    return readLastLine<{ readonly seconds: number }>(empty.process).seconds;
  } finally {
    await empty.process.stop();
  }
}
