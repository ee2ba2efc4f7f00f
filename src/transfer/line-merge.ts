/** Merges sorted groups of a report, of any number, into one line for each key: what is too much for memory goes to a temporary file. */
import { compareKeys } from '../domain/key-order';
import { strongerLine, type ReportLine } from '../domain/report-line';
import { spill } from './line-spill';

export interface OrderedLine {
  readonly line: ReportLine;
  /** Of two lines of one key and one rank, that of the higher order stands. */
  readonly order: number;
}

/** Lines of ascending keys, one for each. */
interface Cursor {
  readonly head: OrderedLine;
  /** How many lines it keeps in memory. */
  readonly held: number;
  /** False: there are no more. */
  advance(): Promise<boolean>;
  close(): Promise<void>;
}

/** So many open files are merged into one. Each takes about 100 kB of memory. */
const MAX_FILES = 64;

export class LineMerge {
  private readonly open = new CursorQueue();

  /** `linesInMemory`: so many may be held, of all that was added; one that is larger by itself is held all the same until the next. */
  constructor(private readonly linesInMemory: number) {}

  /** The smallest key. */
  get head(): string | undefined {
    return this.open.first?.head.line.key;
  }

  /** Lines of one group, sorted, one for each key. */
  async add(lines: readonly ReportLine[], order: number): Promise<void> {
    const [line] = lines;
    if (line === undefined) return;
    const inMemory = this.open.all.filter(({ held }) => held > 0);
    if (inMemory.length > 0 && sumOf(inMemory) + lines.length > this.linesInMemory) await this.intoOneFile(inMemory);
    const files = this.open.all.filter(({ held }) => held === 0);
    if (files.length > MAX_FILES) await this.intoOneFile(files);
    this.open.add(new MemoryCursor(lines, order));
  }

  /** The line that stands for the smallest key, which is passed. */
  async take(): Promise<ReportLine | undefined> {
    return (await this.open.take())?.line;
  }

  async close(): Promise<void> {
    await this.open.close();
  }

  private async intoOneFile(cursors: readonly Cursor[]): Promise<void> {
    const merged = new CursorQueue();
    for (const cursor of cursors) {
      this.open.remove(cursor);
      merged.add(cursor);
    }
    try {
      const lines = await spill(merged.drain());
      const first = await lines.next();
      if (first.done !== true) this.open.add(new FileCursor(lines, first.value));
    } finally {
      await merged.close();
    }
  }
}

/** Cursors in the order of their heads. */
class CursorQueue {
  private readonly cursors: Cursor[] = [];

  get all(): readonly Cursor[] {
    return this.cursors;
  }

  get first(): Cursor | undefined {
    return this.cursors[0];
  }

  add(cursor: Cursor): void {
    const { key } = cursor.head.line;
    let [from, to] = [0, this.cursors.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (compareKeys(this.cursors[middle]?.head.line.key ?? '', key) < 0) from = middle + 1;
      else to = middle;
    }
    this.cursors.splice(from, 0, cursor);
  }

  remove(cursor: Cursor): void {
    this.cursors.splice(this.cursors.indexOf(cursor), 1);
  }

  async take(): Promise<OrderedLine | undefined> {
    let taken = await this.pass();
    while (taken !== undefined && this.first?.head.line.key === taken.line.key) {
      taken = stronger(taken, await this.pass());
    }
    return taken;
  }

  async *drain(): AsyncGenerator<OrderedLine> {
    for (let line = await this.take(); line !== undefined; line = await this.take()) yield line;
  }

  async close(): Promise<void> {
    await Promise.all(this.cursors.map((cursor) => cursor.close()));
  }

  private async pass(): Promise<OrderedLine | undefined> {
    const cursor = this.cursors.shift();
    if (cursor === undefined) return undefined;
    const { head } = cursor;
    if (await cursor.advance()) this.add(cursor);
    return head;
  }
}

function stronger(a: OrderedLine, b: OrderedLine | undefined): OrderedLine {
  if (b === undefined) return a;
  const [earlier, later] = a.order <= b.order ? [a, b] : [b, a];
  return strongerLine(earlier.line, later.line) === later.line ? later : earlier;
}

class MemoryCursor implements Cursor {
  private at = 0;
  readonly held: number;

  constructor(
    private readonly lines: readonly ReportLine[],
    private readonly order: number,
  ) {
    this.held = lines.length;
  }

  get head(): OrderedLine {
    return { line: this.lines[this.at] as ReportLine, order: this.order };
  }

  advance(): Promise<boolean> {
    this.at += 1;
    return Promise.resolve(this.at < this.lines.length);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

class FileCursor implements Cursor {
  readonly held = 0;

  constructor(
    private readonly lines: AsyncGenerator<OrderedLine>,
    public head: OrderedLine,
  ) {}

  async advance(): Promise<boolean> {
    const next = await this.lines.next();
    if (next.done === true) return false;
    this.head = next.value;
    return true;
  }

  async close(): Promise<void> {
    await this.lines.return(undefined);
  }
}

function sumOf(cursors: readonly Cursor[]): number {
  return cursors.reduce((sum, { held }) => sum + held, 0);
}
