/** A run's report: compressed segments of JSON lines with fixed names, so that a retried writer replaces what it wrote before. */
import { promisify } from 'node:util';
import { createGunzip, gunzip, gzip } from 'node:zlib';
import { pipeline, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { KeySpan } from '../domain/key-order';
import type { ReportLine } from '../domain/report-line';
import { scanSegment, type Place } from './report-names';
import { retrying } from './retry';

/** Where a report's files are; `aws/` answers it with a bucket, `transfer/report-folder` with a folder. */
export interface ReportFiles {
  /** Replaces what stands under `name`. */
  write(name: string, content: Readable): Promise<void>;
  /** Names below `prefix`, sorted. */
  list(prefix: string): AsyncIterable<string>;
  /** The folders right in `folder`, by their own names; the empty one is all there is. */
  folders(folder: string): AsyncIterable<string>;
  /** Undefined: there is no such file. A read that breaks off is thrown. */
  read(name: string): Promise<Readable | undefined>;
}

/** What a scan's segment begins with. */
interface ScanHeader {
  readonly scan: KeySpan;
}

export async function writeSegment(files: ReportFiles, name: string, lines: readonly ReportLine[]): Promise<void> {
  if (lines.length > 0) await writeLines(files, name, lines);
}

const zipped = promisify(gzip);

/** Each stream of gzip takes 256 KiB (nodejs.org/api/zlib.html, "Memory usage tuning"): one for so much text, not for each handful of lines. */
const PIECE_CHARACTERS = 256 * 1024;

/** Lines of a segment to come, compressed as they come: a scan of tens of thousands stays small. A gzip file may be many in a row. */
export class PackedLines {
  private readonly members: Buffer[] = [];
  private text = '';

  async add(lines: readonly object[]): Promise<void> {
    this.text += textOf(lines);
    if (this.text.length >= PIECE_CHARACTERS) await this.zip();
  }

  /** All of them; none can be added from then on. */
  async finish(): Promise<readonly Buffer[]> {
    await this.zip();
    return this.members;
  }

  private async zip(): Promise<void> {
    const { text } = this;
    this.text = '';
    if (text !== '') this.members.push(await zipped(text));
  }
}

/** Without any line too: it tells where all keys of its group are. */
export async function writeScan(files: ReportFiles, place: Place, span: KeySpan, lines: PackedLines): Promise<void> {
  const header: ScanHeader = { scan: span };
  const head = new PackedLines();
  await head.add([header]);
  await files.write(scanSegment(place), Readable.from([...(await head.finish()), ...(await lines.finish())]));
}

function textOf(lines: readonly object[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** A line of JSON each, compressed in one piece: a stream takes a turn of the event loop for each line, and hundreds of copies share it. */
export async function writeLines(files: ReportFiles, name: string, lines: readonly object[]): Promise<void> {
  const packed = new PackedLines();
  await packed.add(lines);
  await files.write(name, Readable.from(await packed.finish()));
}

/** A scan's segment from its first line alone; nothing is known of one that is not there. */
export async function readSpan(files: ReportFiles, place: Place): Promise<KeySpan> {
  return retrying(async () => {
    const content = await files.read(scanSegment(place));
    if (content === undefined) return {};
    for await (const line of linesOf(content)) return (JSON.parse(line) as Partial<ScanHeader>).scan ?? {};
    return {};
  });
}

/** Every line as written: a segment is as long as what one scan has walked, at most. */
export async function readSegment(files: ReportFiles, name: string): Promise<ReportLine[]> {
  const text = await readWhole(files, name, 'compressed');
  const lines = text === undefined ? [] : text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as ReportLine | ScanHeader).filter((line) => 'key' in line);
}

const unzipped = promisify(gunzip);

/** Undefined: there is no such file. */
export async function readWhole(
  files: ReportFiles,
  name: string,
  form: 'plain' | 'compressed',
): Promise<string | undefined> {
  const bytes = await retrying(async () => {
    const content = await files.read(name);
    return content === undefined ? undefined : buffer(content);
  });
  if (bytes === undefined) return undefined;
  return (form === 'plain' ? bytes : await unzipped(bytes)).toString('utf8');
}

/** Cut at line feeds alone: readline cuts at U+2028 as well, which JSON leaves as it is. A read that breaks off is thrown. */
export async function* linesOf(content: Readable): AsyncGenerator<string> {
  const text = pipeline(content, createGunzip(), () => undefined).setEncoding('utf8');
  let rest = '';
  for await (const piece of text as AsyncIterable<string>) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}
