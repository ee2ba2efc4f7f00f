/** `ferry apply`. */
import type { Command } from 'commander';
import { loadConfigFile } from '../../config/load-config';
import { contextOf } from '../context';
import { applySchedule, pruneSchedules, type ScheduleChange } from '../schedules';

interface ApplyOptions {
  readonly prune?: boolean;
  readonly dryRun?: boolean;
}

export function addApply(program: Command): void {
  program
    .command('apply')
    .argument('FILE', 'the configuration')
    .description(
      "Makes Temporal's Schedules match the file: creates and updates them, and with --prune deletes those that it does not name.",
    )
    .option('--prune', 'delete schedules of Ferry that the file does not name')
    .option('--dry-run', 'only tell what would change')
    .option('--json', 'one JSON document on stdout; progress goes to stderr')
    .action(async (file: string, { prune = false, dryRun = false }: ApplyOptions, self: Command) => {
      const context = contextOf(self);
      const { transfers } = await loadConfigFile(file);
      const changes = await context.withTemporal(async (client) => {
        const made: ScheduleChange[] = [];
        for (const configured of transfers) {
          const { schedule } = configured.transfer;
          if (schedule !== undefined) made.push(await applySchedule(client, configured, schedule, dryRun));
        }
        const wanted = new Set(made.map(({ scheduleId }) => scheduleId));
        return [...made, ...(await pruneSchedules(client, wanted, prune, dryRun))];
      });
      for (const { scheduleId, change, cron } of changes) {
        const hint = change === 'kept' ? ' (not in the file; --prune deletes it)' : '';
        context.print(
          `${dryRun ? 'would be ' : ''}${change.padEnd(9)} ${scheduleId}${cron === undefined ? '' : `  ${cron}`}${hint}`,
        );
      }
      for (const { transfer } of transfers) {
        if (transfer.schedule === undefined)
          context.print(`manual    ${transfer.name}  (no schedule: start it with \`ferry run\`)`);
      }
      context.document({ dryRun, changes });
    });
}
