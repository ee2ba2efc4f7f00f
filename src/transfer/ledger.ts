/** What the last run knew of each key: its report, read beside a walk of the source in the order of keys. */
import { compareKeys } from '../domain/key-order';
import type { ReportLine, SkippedLine } from '../domain/report-line';
import { readGroups } from './report-groups';
import { linesOfGroups, type ReadOptions } from './report-reader';
import type { ReportFiles } from './report-store';

/** A pair that was proven, or found, to be of one content. */
export interface LedgerEntry {
  readonly sourceEtag: string;
  readonly targetEtag: string;
}

export interface LedgerCursor {
  /** One at a time, and of ascending keys: of a key before the last one nothing is known. */
  lookup(key: string): Promise<LedgerEntry | undefined>;
  /** To be called when no more is asked. */
  close(): Promise<void>;
}

export interface Ledger {
  /** For lookups from `key` on. */
  from(key: string): LedgerCursor;
}

/**
 * The keys of a store without order may stand in any group, so that each cursor would read the whole report. That is done for
 * so many groups at most; beyond, such a report is no ledger, and its lookups find nothing.
 */
const MAX_GROUPS_WITHOUT_ORDER = 8;

export async function openLedger(
  files: ReportFiles,
  run: string,
  options: Pick<ReadOptions, 'linesInMemory'> = {},
): Promise<Ledger> {
  const groups = await readGroups(files, run);
  const withoutOrder = groups.filter(({ span }) => span.first === undefined || span.last === undefined).length;
  const useful = withoutOrder > MAX_GROUPS_WITHOUT_ORDER ? [] : groups;
  return { from: (key) => cursorOf(linesOfGroups(files, run, useful, { ...options, from: key })) };
}

function cursorOf(lines: AsyncGenerator<ReportLine>): LedgerCursor {
  let line: IteratorResult<ReportLine, void> | undefined;
  return {
    async lookup(key) {
      line ??= await lines.next();
      while (line.done !== true && compareKeys(line.value.key, key) < 0) line = await lines.next();
      return line.done !== true && line.value.key === key ? entryOf(line.value) : undefined;
    },
    async close() {
      await lines.return(undefined);
    },
  };
}

const EQUAL: readonly SkippedLine['reason'][] = ['identical', 'ledger', 'recorded', 'checksum'];

function entryOf(line: ReportLine): LedgerEntry | undefined {
  if (line.outcome !== 'copied' && line.outcome !== 'skipped') return undefined;
  if (line.targetEtag === undefined) return undefined;
  if (line.outcome === 'skipped' && !EQUAL.includes(line.reason)) return undefined;
  const { sourceEtag, targetEtag } = line;
  return { sourceEtag, targetEtag };
}
