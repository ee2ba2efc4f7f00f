/** New small objects, which travel in packs. */
import { runBare } from './bare';
import { newObjects } from './fields';
import { exactGoal, ratioGoal, scaled, type MeasureRow } from './goal';
import { readHistories } from './histories';
import { openStage } from './stage';

const OBJECTS = 100_000;
const BARE_OUT = 'bare/';

export const measureSmall: MeasureRow = async (context) => {
  const objects = scaled(context, OBJECTS, 1_000);
  const stage = await openStage(context.folder, newObjects(objects, 1024, [BARE_OUT, 'out/']));
  try {
    context.log(`small: ${objects} objects by the bare engine`);
    const bare = await runBare(context.folder, stage.entry('scale-bare', { target: { prefix: BARE_OUT } }));
    context.log(`small: ${Math.round(objects / bare.seconds)} objects/s; the same through Temporal`);
    const worker = await stage.warmWorker();
    const { result, seconds } = await stage.run(stage.entry('scale-small'));
    await worker.process.stop();
    const histories = await readHistories(stage.client, 'ferry-scale-small');
    const { perKey, mismatches, operations, peakInFlight } = await stage.store.stats();
    return {
      row: 'small',
      goals: [
        ratioGoal('objects/s through Temporal, of the bare engine', bare.seconds / seconds, 0.8),
        exactGoal('objects copied', String(objects), result.copied, result.copied === objects && result.failed === 0),
        exactGoal('written more than once, or wrong', '0', (perKey?.surplus ?? 0) + mismatches.length, perKey?.surplus === 0 && mismatches.length === 0), // prettier-ignore
        exactGoal('workflow tasks failed', '0', histories.failedTasks.length, histories.failedTasks.length === 0),
      ],
      facts: {
        objects,
        bareSeconds: bare.seconds,
        runSeconds: seconds,
        bareCpuSeconds: bare.usage.cpuSeconds,
        workerCpuSeconds: worker.finalUsage().cpuSeconds,
        workerPeakRssBytes: worker.finalUsage().peakRssBytes,
        histories,
        operations,
        peakInFlight,
      },
    };
  } finally {
    await stage.stop();
  }
};
