/** The groups of a run's report, each with the span of its keys; and the lines of one. */
import { createGzip } from 'node:zlib';
import { Readable } from 'node:stream';
import { compareKeys, type KeySpan } from '../domain/key-order';
import { strongerLine, type ReportLine } from '../domain/report-line';
import { concurrently } from './concurrently';
import { compareGroups, compareSegments, groupFolder, isGroup, isSegment } from './report-names';
import { readSegment, readSpan, readWhole, type ReportFiles } from './report-store';

/** A group has a segment for each 256 small objects, and for each larger one. */
const READS_AT_ONCE = 16;

export interface ReportGroup {
  readonly name: string;
  readonly span: KeySpan;
  /** Of two lines of one key and one rank, the one of the later group stands. */
  readonly order: number;
}

interface Index {
  readonly groups: readonly Pick<ReportGroup, 'name' | 'span'>[];
}

const indexOf = (run: string) => `${run}/index.json.gz`;

/** So that who reads the report need not look into each group. To be written when nothing is added any more. */
export async function writeIndex(files: ReportFiles, run: string): Promise<void> {
  const groups = (await lookIntoEach(files, run)).map(({ name, span }) => ({ name, span }));
  const index: Index = { groups };
  await files.write(indexOf(run), Readable.from([JSON.stringify(index)]).pipe(createGzip()));
}

/** In the order of their first keys, those first of which that is not known. */
export async function readGroups(files: ReportFiles, run: string): Promise<readonly ReportGroup[]> {
  const index = await readWhole(files, indexOf(run), 'compressed');
  const groups = index === undefined ? await lookIntoEach(files, run) : (JSON.parse(index) as Index).groups;
  return groups
    .toSorted((a, b) => compareGroups(a.name, b.name))
    .map(({ name, span }, order) => ({ name, span, order }))
    .sort((a, b) => compareFirst(a.span, b.span) || a.order - b.order);
}

function compareFirst({ first: a }: KeySpan, { first: b }: KeySpan): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  return compareKeys(a, b);
}

async function lookIntoEach(files: ReportFiles, run: string): Promise<Pick<ReportGroup, 'name' | 'span'>[]> {
  const groups: { name: string; span: KeySpan }[] = [];
  await concurrently(namesOf(files, run), READS_AT_ONCE, async (name) => {
    groups.push({ name, span: await readSpan(files, { run, group: name }) });
  });
  return groups;
}

async function* namesOf(files: ReportFiles, run: string): AsyncGenerator<string> {
  for await (const lane of files.folders(`${run}/`)) {
    for await (const sequence of files.folders(`${run}/${lane}/`)) {
      const name = `${lane}/${sequence}`;
      if (isGroup(name)) yield name;
    }
  }
}

/** One line for each key, sorted. In memory: a scan walks 50,000 keys at most. */
export async function readGroup(files: ReportFiles, run: string, group: string): Promise<readonly ReportLine[]> {
  const names: string[] = [];
  for await (const name of files.list(groupFolder({ run, group }))) if (isSegment(name)) names.push(name);
  names.sort(compareSegments);
  const segments: (readonly ReportLine[])[] = [];
  await concurrently(names.entries(), READS_AT_ONCE, async ([i, name]) => {
    segments[i] = await readSegment(files, name);
  });
  const byKey = new Map<string, ReportLine>();
  for (const line of segments.flat()) byKey.set(line.key, strongerLine(byKey.get(line.key) ?? line, line));
  return [...byKey.values()].sort((a, b) => compareKeys(a.key, b.key));
}
