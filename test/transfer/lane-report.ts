/** What a reader of a run's report must find: what the lane has told. */
import { compareKeys } from '../../src/domain/key-order';
import { strongerLine, type ReportLine } from '../../src/domain/report-line';
import { finalLines } from '../../src/transfer/report-reader';
import { all } from '../support/memory-files';
import { RUN, type MemoryLane } from './memory-lane';

const keysAndOutcomes = (lines: readonly ReportLine[]) => lines.map(({ key, outcome }) => [key, outcome]);

/** One line for each key, sorted. */
export function mergedLines(lines: readonly ReportLine[]): ReportLine[] {
  const byKey = new Map<string, ReportLine>();
  for (const line of lines) byKey.set(line.key, strongerLine(byKey.get(line.key) ?? line, line));
  return [...byKey.values()].sort((a, b) => compareKeys(a.key, b.key));
}

export async function expectReportOf(lane: MemoryLane): Promise<void> {
  const found = await all(finalLines(lane.report, RUN.id));
  expect(keysAndOutcomes(found)).toEqual(keysAndOutcomes(mergedLines(lane.lines)));
}
