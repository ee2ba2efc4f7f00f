/** A run's report: compressed segments of JSON lines with fixed names, so that a retried writer replaces what it wrote before. */
import { createGunzip, createGzip } from 'node:zlib';
import { pipeline, Readable } from 'node:stream';
import { strongerLine, type FailedLine, type ReportLine } from '../domain/report-line';

/** Where a report's files are; `aws/` answers it with a bucket, `transfer/report-folder` with a folder. */
export interface ReportFiles {
  /** Replaces what stands under `name`. */
  write(name: string, content: Readable): Promise<void>;
  /** Names below `prefix`, sorted. */
  list(prefix: string): AsyncIterable<string>;
  /** Undefined: there is no such file. */
  read(name: string): Promise<Readable | undefined>;
}

const SEGMENT_END = '.jsonl.gz';
const SUMMARY = 'summary.json';

/** `segment`: `<run>/<lane or pack or object>/…`, without an ending. */
export async function writeSegment(files: ReportFiles, segment: string, lines: readonly ReportLine[]): Promise<void> {
  if (lines.length === 0) return;
  const text = Readable.from(lines.map((line) => `${JSON.stringify(line)}\n`));
  await files.write(segment + SEGMENT_END, text.pipe(createGzip()));
}

/** Every line as written; a key may have several: see `strongerLine`. */
export async function* readLines(files: ReportFiles, run: string): AsyncGenerator<ReportLine> {
  for await (const name of files.list(`${run}/`)) {
    if (!name.endsWith(SEGMENT_END)) continue;
    const content = await files.read(name);
    if (content === undefined) continue;
    for await (const line of linesOf(content)) yield JSON.parse(line) as ReportLine;
  }
}

/** Cut at line feeds alone: readline cuts at U+2028 as well, which JSON leaves as it is. A read that breaks off is thrown. */
async function* linesOf(content: Readable): AsyncGenerator<string> {
  const text = pipeline(content, createGunzip(), () => undefined).setEncoding('utf8');
  let rest = '';
  for await (const piece of text as AsyncIterable<string>) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

/** The first `most` keys whose last word is a failure. Two passes, so that memory follows the failures and not the keys. */
export async function readFailures(files: ReportFiles, run: string, most: number): Promise<FailedLine[]> {
  const failed = new Map<string, ReportLine>();
  for await (const line of readLines(files, run)) {
    if (line.outcome === 'failed') failed.set(line.key, line);
  }
  if (failed.size === 0) return [];
  for await (const line of readLines(files, run)) {
    const known = failed.get(line.key);
    if (known !== undefined) failed.set(line.key, strongerLine(known, line));
  }
  return [...failed.values()].filter((line): line is FailedLine => line.outcome === 'failed').slice(0, most);
}

export async function writeSummary(files: ReportFiles, run: string, summary: unknown): Promise<void> {
  await files.write(`${run}/${SUMMARY}`, Readable.from([JSON.stringify(summary, null, 2)]));
}

/** Undefined: the run has not finished. */
export async function readSummary(files: ReportFiles, run: string): Promise<unknown> {
  const content = await files.read(`${run}/${SUMMARY}`);
  if (content === undefined) return undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}

/** The runs that have a summary, with it. */
export async function listRuns(files: ReportFiles): Promise<string[]> {
  const runs: string[] = [];
  for await (const name of files.list('')) {
    if (name.endsWith(`/${SUMMARY}`)) runs.push(name.slice(0, -SUMMARY.length - 1));
  }
  return runs;
}
