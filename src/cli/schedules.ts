/** The Temporal Schedules that a configuration asks for, and how to make the server's match it. */
import { createHash } from 'node:crypto';
import { ScheduleNotFoundError, ScheduleOverlapPolicy, type Client, type ScheduleOptions } from '@temporalio/client';
import type { ConfiguredTransfer } from '../config/load-config';
import type { ScheduleSpec } from '../domain/transfer';
import { workflowIdOf } from './run-handle';

export interface ScheduleChange {
  readonly scheduleId: string;
  readonly change: 'created' | 'updated' | 'unchanged' | 'deleted' | 'kept';
  readonly cron?: string;
}

/** In the schedule's own memo, which cannot be changed later: it is ours. In its action's memo: what it was made from. */
const OURS = 'ferry';
const DIGEST = 'ferryDigest';

export async function applySchedule(
  client: Client,
  { entry, transfer }: ConfiguredTransfer,
  schedule: ScheduleSpec,
  dryRun: boolean,
): Promise<ScheduleChange> {
  const scheduleId = workflowIdOf(transfer.name);
  const { cron } = schedule;
  const digest = createHash('sha256').update(JSON.stringify({ entry, schedule })).digest('hex').slice(0, 16);
  const options = optionsOf(entry, scheduleId, schedule, digest);
  const handle = client.schedule.getHandle(scheduleId);
  const there = await handle.describe().catch((error: unknown) => {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  });
  if (there === undefined) {
    if (!dryRun) await client.schedule.create(options);
    return { scheduleId, change: 'created', cron };
  }
  if (there.action.memo?.[DIGEST] === digest) return { scheduleId, change: 'unchanged', cron };
  if (!dryRun) {
    const { spec, action, policies = {} } = options;
    await handle.update(({ state }) => ({ spec, action, policies, state }));
  }
  return { scheduleId, change: 'updated', cron };
}

/** Schedules of ours that the configuration does not name: deleted with `prune`, else only told. */
export async function pruneSchedules(
  client: Client,
  wanted: ReadonlySet<string>,
  prune: boolean,
  dryRun: boolean,
): Promise<ScheduleChange[]> {
  const changes: ScheduleChange[] = [];
  for await (const { scheduleId, memo } of client.schedule.list()) {
    if (wanted.has(scheduleId) || memo?.[OURS] === undefined) continue;
    if (prune && !dryRun) await client.schedule.getHandle(scheduleId).delete();
    changes.push({ scheduleId, change: prune ? 'deleted' : 'kept' });
  }
  return changes;
}

function optionsOf(
  entry: ConfiguredTransfer['entry'],
  scheduleId: string,
  schedule: ScheduleSpec,
  digest: string,
): ScheduleOptions {
  const { cron, timezone, jitterMs, catchupWindowMs } = schedule;
  return {
    scheduleId,
    spec: {
      cronExpressions: [cron],
      ...(timezone === undefined ? {} : { timezone }),
      ...(jitterMs === undefined ? {} : { jitter: jitterMs }),
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: catchupWindowMs },
    action: {
      type: 'startWorkflow',
      workflowType: 'scheduledTransfer',
      workflowId: `${scheduleId}-scheduled`,
      taskQueue: 'ferry',
      args: [entry],
      memo: { transfer: entry.name, [DIGEST]: digest },
    },
    memo: { [OURS]: entry.name },
  };
}
