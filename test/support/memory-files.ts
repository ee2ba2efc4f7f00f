/** Report files over a `Map`. */
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { ReportFiles } from '../../src/transfer/report-store';

export class MemoryFiles implements ReportFiles {
  readonly files = new Map<string, Buffer>();
  /** Names that were read, in order. */
  readonly reads: string[] = [];

  async write(name: string, content: Readable): Promise<void> {
    this.files.set(name, await buffer(content));
  }

  async *list(prefix: string): AsyncGenerator<string> {
    await Promise.resolve();
    yield* [...this.files.keys()].filter((name) => name.startsWith(prefix)).sort();
  }

  async *folders(folder: string): AsyncGenerator<string> {
    await Promise.resolve();
    const below = [...this.files.keys()]
      .filter((name) => name.startsWith(folder))
      .map((name) => name.slice(folder.length));
    yield* [
      ...new Set(below.filter((rest) => rest.includes('/')).map((rest) => rest.slice(0, rest.indexOf('/')))),
    ].sort();
  }

  read(name: string): Promise<Readable | undefined> {
    this.reads.push(name);
    const file = this.files.get(name);
    return Promise.resolve(file === undefined ? undefined : Readable.from([file]));
  }
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
