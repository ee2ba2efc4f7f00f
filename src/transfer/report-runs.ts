/** The runs that have left a report, by their summaries. */
import { Readable } from 'node:stream';
import type { RunSummary } from '../domain/run-result';
import { concurrently } from './concurrently';
import { readWhole, type ReportFiles } from './report-store';

const READS_AT_ONCE = 16;

const summaryOf = (run: string) => `${run}/summary.json`;

export async function writeSummary(files: ReportFiles, summary: RunSummary): Promise<void> {
  await files.write(summaryOf(summary.runId), Readable.from([JSON.stringify(summary, null, 2)]));
}

/** Undefined: the run has not finished. */
export async function readSummary(files: ReportFiles, run: string): Promise<RunSummary | undefined> {
  const text = await readWhole(files, summaryOf(run), 'plain');
  return text === undefined ? undefined : (JSON.parse(text) as RunSummary);
}

/** The newest of those that suit. Transfers may share a report folder. */
export async function lastRun(
  files: ReportFiles,
  transfer: string,
  suits: (summary: RunSummary) => boolean = () => true,
): Promise<RunSummary | undefined> {
  let last: RunSummary | undefined;
  await concurrently(files.folders(''), READS_AT_ONCE, async (run) => {
    const summary = await readSummary(files, run);
    if (summary?.transfer !== transfer || !suits(summary)) return;
    if (last === undefined || summary.finishedAt > last.finishedAt) last = summary;
  });
  return last;
}

/** The id of the newest run that has come to its end and has looked at every key. */
export async function lastCompletedRun(files: ReportFiles, transfer: string): Promise<string | undefined> {
  const last = await lastRun(files, transfer, ({ outcome, scope }) => {
    return outcome === 'completed' && scope !== undefined && (scope.prefix ?? '') === '';
  });
  return last?.runId;
}
