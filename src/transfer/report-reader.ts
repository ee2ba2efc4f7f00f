/** Reads a run's report as one final line for each key, in the order of keys, whatever its size. */
import { compareKeys } from '../domain/key-order';
import type { FailedLine, ReportLine } from '../domain/report-line';
import { LineMerge } from './line-merge';
import { readGroup, readGroups, type ReportGroup } from './report-groups';
import type { ReportFiles } from './report-store';

export interface ReadOptions {
  /** The first key that is of interest. */
  readonly from?: string;
  /**
   * A group is opened when its first key may be the next one, so one is in memory at a time, and those that overlap with it.
   * Above this number of lines they go to a temporary file. @default 100_000, about 60 MB
   */
  readonly linesInMemory?: number;
}

const LINES_IN_MEMORY = 100_000;

export async function* finalLines(
  files: ReportFiles,
  run: string,
  options: ReadOptions = {},
): AsyncGenerator<ReportLine> {
  yield* linesOfGroups(files, run, await readGroups(files, run), options);
}

/** As `finalLines`, where the groups are known. */
export async function* linesOfGroups(
  files: ReportFiles,
  run: string,
  groups: readonly ReportGroup[],
  { from, linesInMemory = LINES_IN_MEMORY }: ReadOptions = {},
): AsyncGenerator<ReportLine> {
  const isAhead = (key: string | undefined) => from === undefined || key === undefined || compareKeys(key, from) >= 0;
  const merge = new LineMerge(linesInMemory);
  try {
    for (const { name, span, order } of groups) {
      if (!isAhead(span.last)) continue;
      while (span.first !== undefined && merge.head !== undefined && compareKeys(merge.head, span.first) < 0) {
        yield (await merge.take()) as ReportLine;
      }
      const lines = await readGroup(files, run, name);
      await merge.add(from === undefined ? lines : lines.filter(({ key }) => isAhead(key)), order);
    }
    for (let line = await merge.take(); line !== undefined; line = await merge.take()) yield line;
  } finally {
    await merge.close();
  }
}

/** The first `most` keys whose last word is a failure. */
export async function readFailures(files: ReportFiles, run: string, most: number): Promise<FailedLine[]> {
  const failures: FailedLine[] = [];
  for await (const line of finalLines(files, run)) {
    if (line.outcome === 'failed') failures.push(line);
    if (failures.length >= most) break;
  }
  return failures;
}
