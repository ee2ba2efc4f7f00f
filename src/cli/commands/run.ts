/** `ferry run`. */
import type { Command } from 'commander';
import type { RunResult } from '../../domain/run-result';
import { formatBytes, formatDuration } from '../../domain/sizes';
import type { Transfer } from '../../domain/transfer';
import { readFailures } from '../../transfer/report-reader';
import type { Context } from '../context';
import { EXIT, Exit } from '../exit-code';
import { startRun } from '../run-handle';
import { deletedWords, progressLine, watchRun } from '../run-watch';
import { transferCommand } from '../transfer-command';

interface RunOptions {
  readonly prefix?: string;
  readonly force?: boolean;
  readonly wait?: boolean;
}

/** So many failures are told; the report has all. */
const MAX_FAILURES = 100;

export function addRun(program: Command): void {
  transferCommand<RunOptions>(
    program,
    'run',
    'Starts a run now; where one is under way it joins that one, and never starts a second beside it.',
    (command) =>
      command
        .option('--prefix <P>', 'only keys that begin so; counts from source.prefix')
        .option('--force', 'copy again what is the same')
        .option('--wait', 'stay until the run is over; Ctrl-C leaves it running'),
    async (context, name, { prefix, force, wait }) => {
      const configured = await context.transfer(name);
      const { transfer } = configured;
      await context.withTemporal(async (client) => {
        const scope = { ...(prefix === undefined ? {} : { prefix }), ...(force ? { force } : {}) };
        const { handle, runId, joined } = await startRun(client, configured, scope);
        if (joined) context.progress(`${transfer.name} is running already: joined it.${describeScope(scope)}`);
        if (!wait) {
          context.print(
            `${joined ? 'Joined' : 'Started'} ${handle.workflowId}. Follow it with: ferry status ${transfer.name} --watch`,
          );
          context.document({ transfer: transfer.name, workflowId: handle.workflowId, runId, joined });
          return;
        }
        process.once('SIGINT', () => {
          context.progress(`\nThe run goes on. Stop it with: ferry cancel ${transfer.name}`);
          process.exit(EXIT.interrupted);
        });
        const end = await watchRun(handle, (progress) => context.progress(progressLine(progress)), context.progress);
        if (end.outcome !== 'completed') {
          context.document({
            transfer: transfer.name,
            workflowId: handle.workflowId,
            runId,
            outcome: end.outcome,
            message: end.message,
          });
          context.progress(`ferry: ${end.message}`);
          throw new Exit(EXIT.failed);
        }
        await tell(context, transfer, end.result);
      });
    },
  );
}

async function tell(context: Context, transfer: Transfer, result: RunResult): Promise<void> {
  const { name } = transfer;
  const { failed, copied, skipped, deleted, bytesCopied, startedAt, finishedAt, deletes } = result;
  const failures =
    failed === 0 ? [] : await readFailures(context.cloud().openReports(transfer), result.runId, MAX_FAILURES);
  const took = formatDuration(Date.parse(finishedAt) - Date.parse(startedAt));
  context.print(
    `${name}: ${copied} copied (${formatBytes(bytesCopied)}), ${skipped} skipped, ${deletedWords(deleted)}${failed} failed in ${took}.`,
  );
  if (deletes?.message !== undefined) context.print(`  ${deletes.message}.`);
  for (const { key, code, message } of failures) context.print(`  ${key}: ${code}: ${message}`);
  context.document({ ...result, failures: failures.map(({ key, code, message }) => ({ key, code, message })) });
  if (failed > 0) throw new Exit(EXIT.failed);
}

function describeScope({ prefix, force }: { prefix?: string; force?: boolean }): string {
  if (prefix === undefined && !force) return '';
  return ' Its scope is its own; to have a prefix done again in it, use `ferry rerun`.';
}
