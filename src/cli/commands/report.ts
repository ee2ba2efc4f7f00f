/** `ferry report`. */
import { shownKey } from '../shown-key';
import type { Command } from 'commander';
import type { ReportLine } from '../../domain/report-line';
import { formatBytes } from '../../domain/sizes';
import { TransferError } from '../../domain/transfer-error';
import { finalLines } from '../../transfer/report-reader';
import { lastRun, readSummary } from '../../transfer/report-runs';
import { deletedWords } from '../run-watch';
import { transferCommand } from '../transfer-command';

interface ReportOptions {
  readonly failed?: boolean;
}

export function addReport(program: Command): void {
  transferCommand<ReportOptions>(
    program,
    'report',
    "A run's report: per object what happened, and by which proof.",
    (command) =>
      command.argument('[RUN]', 'the run id; by default the last run').option('--failed', 'only what failed'),
    async (context, first, { failed = false }, [second]) => {
      // With --file there is no NAME, so the first word is RUN.
      const [name, run] = context.hasFile ? [undefined, first] : [first, second];
      const { transfer } = await context.transfer(name);
      const files = context.cloud().openReports(transfer);
      const summary = run === undefined ? await lastRun(files, transfer.name) : await readSummary(files, run);
      if (summary === undefined) {
        const what =
          run === undefined ? `${transfer.name} has no finished run` : `There is no report of a finished run ${run}`;
        throw new TransferError('BadRequest', `${what}. See \`ferry status ${transfer.name}\``);
      }
      const { runId, outcome, finishedAt, copied, skipped, deleted, failed: failures } = summary;
      context.print(
        `${transfer.name}, run ${runId}: ${outcome} ${finishedAt}: ${copied} copied, ${skipped} skipped, ${deletedWords(deleted)}${failures} failed`,
      );
      if (summary.deletes?.message !== undefined) context.print(`  ${summary.deletes.message}`);
      context.piece(`${JSON.stringify(summary).slice(0, -1)},"objects":[`);
      let separator = '\n';
      for await (const line of finalLines(files, runId)) {
        if (failed && line.outcome !== 'failed') continue;
        context.print(textOf(line));
        context.piece(separator + JSON.stringify(line));
        separator = ',\n';
      }
      context.piece('\n]}\n');
    },
  );
}

function textOf(line: ReportLine): string {
  const head = `${line.outcome.padEnd(7)} ${shownKey(line.key)}  ${formatBytes(line.size)}`;
  if (line.outcome === 'copied') return `${head}  ${line.reason}, by ${line.route}, proof ${line.proof}`;
  if (line.outcome === 'skipped') return `${head}  ${line.reason}`;
  if (line.outcome === 'failed') return `${head}  ${line.code}: ${line.message}`;
  const target = `${shownKey(line.targetKey)} (${line.targetEtag})`;
  if (line.outcome === 'deleted') return `${head}  as ${target}`;
  return `${head}  ${line.reason}, as ${target}${line.message === undefined ? '' : `: ${line.message}`}`;
}
