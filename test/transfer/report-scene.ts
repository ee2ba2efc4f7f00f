/** Lines of a report, and what a reader must make of them. */
import { compareKeys, type KeySpan } from '../../src/domain/key-order';
import {
  strongerLine,
  type CopiedLine,
  type FailedLine,
  type ReportLine,
  type SkippedLine,
} from '../../src/domain/report-line';
import { objectSegment, packSegment, scanSegment } from '../../src/transfer/report-names';
import { PackedLines, writeScan, writeSegment, type ReportFiles } from '../../src/transfer/report-store';

export const RUN_ID = 'run-1';

export async function packed(lines: readonly ReportLine[]): Promise<PackedLines> {
  const all = new PackedLines();
  await all.add(lines);
  return all;
}

const base = (key: string) => ({ key, size: 1, sourceEtag: 'e' });

export function skipped(key: string, changes: Partial<SkippedLine> = {}): SkippedLine {
  return { ...base(key), outcome: 'skipped', reason: 'identical', targetEtag: 'e', ...changes };
}

export function failed(key: string, message = 'm'): FailedLine {
  return { ...base(key), outcome: 'failed', code: 'Throttled', message };
}

export function copied(key: string, changes: Partial<CopiedLine> = {}): CopiedLine {
  return {
    ...base(key),
    outcome: 'copied',
    reason: 'missing',
    proof: 'etag',
    targetKey: key,
    targetEtag: 'e',
    route: 'pack',
    ...changes,
  };
}

/** What one scan has found. Segments in the order in which they were written. */
export interface Group {
  readonly name: string;
  readonly span: KeySpan;
  readonly scan?: readonly ReportLine[];
  /** Each is one segment of a pack; those that stand later are of a later attempt. */
  readonly packs?: readonly (readonly ReportLine[])[];
  readonly objects?: readonly ReportLine[];
}

export async function writeGroup(files: ReportFiles, group: Group): Promise<void> {
  const { name, span, scan = [], packs = [], objects = [] } = group;
  const place = { run: RUN_ID, group: name };
  await writeScan(files, place, span, await packed(scan));
  for (const [i, lines] of packs.entries()) {
    await writeSegment(files, packSegment({ ...place, pack: '0f', sequence: 1, segment: 1, attempt: i + 1 }), lines);
  }
  for (const [i, line] of objects.entries()) {
    await writeSegment(files, objectSegment({ ...place, id: String(i).padStart(3, '0') }), [line]);
  }
}

/** `groups` in the order in which they were written. */
export function modelOf(groups: readonly Group[]): ReportLine[] {
  const byKey = new Map<string, ReportLine>();
  for (const { scan = [], packs = [], objects = [] } of groups) {
    for (const line of [...scan, ...packs.flat(), ...objects]) {
      byKey.set(line.key, strongerLine(byKey.get(line.key) ?? line, line));
    }
  }
  return [...byKey.values()].sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
}

export function spanOf(...keys: readonly string[]): KeySpan {
  const [first, last] = [keys.toSorted(compareKeys)[0], keys.toSorted(compareKeys).at(-1)];
  return first === undefined || last === undefined ? {} : { first, last };
}

export function scanOf(name: string): string {
  return scanSegment({ run: RUN_ID, group: name });
}
