/** A bucket in which nothing has changed: what Temporal costs a scan, and what it leaves in histories. */
import { exactGoal, ratioGoal, scaled, type MeasureRow } from './goal';
import { readHistories } from './histories';
import { runBare } from './bare';
import { unchangedFields } from './fields';
import { openStage } from './stage';

const KEYS = 1_000_000;
const MOST_EVENTS = 60;
/** A run as a whole, preflight and summary, and what the first lane needs: not of the keys. */
const EVENTS_OF_ANY_RUN = 60;

export const measureUnchanged: MeasureRow = async (context) => {
  const keys = scaled(context, KEYS, 10_000);
  const stage = await openStage(context.folder, { fields: unchangedFields(keys) });
  try {
    context.log(`unchanged: ${keys} keys by the bare engine`);
    const bare = await runBare(context.folder, stage.entry('scale-bare'));
    context.log(`unchanged: ${Math.round(keys / bare.seconds)} keys/s; the same through Temporal`);
    const worker = await stage.warmWorker();
    const { result, seconds } = await stage.run(stage.entry('scale-unchanged'));
    await worker.process.stop();
    const histories = await readHistories(stage.client, 'ferry-scale-unchanged');
    const per100k = histories.events / (keys / 100_000);
    const allowed = keys < 100_000 ? EVENTS_OF_ANY_RUN + MOST_EVENTS : MOST_EVENTS;
    const { operations } = await stage.store.stats();
    return {
      row: 'unchanged',
      goals: [
        ratioGoal('keys/s through Temporal, of the bare engine', bare.seconds / seconds, 0.8),
        keys < 100_000
          ? exactGoal('history events', `fewer than ${allowed}`, histories.events, histories.events < allowed)
          : exactGoal(
              'history events per 100,000 keys',
              `fewer than ${allowed}`,
              per100k.toFixed(1),
              per100k < allowed,
            ),
        exactGoal('keys skipped', String(keys), result.skipped, result.skipped === keys && result.listed === keys),
        exactGoal('workflow tasks failed', '0', histories.failedTasks.length, histories.failedTasks.length === 0),
      ],
      facts: {
        keys,
        bareSeconds: bare.seconds,
        runSeconds: seconds,
        bareCpuSeconds: bare.usage.cpuSeconds,
        workerCpuSeconds: worker.finalUsage().cpuSeconds,
        workerPeakRssBytes: worker.finalUsage().peakRssBytes,
        histories,
        operations,
      },
    };
  } finally {
    await stage.stop();
  }
};
