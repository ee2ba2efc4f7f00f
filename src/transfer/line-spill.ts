/** A temporary file of lines that are too many for memory. Its name is gone before it is read, so that nothing is left by any end. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { linesOf } from './report-store';

const LINES_A_PIECE = 1000;

/** Takes all items, and gives them back in their order. What it gives back must be read to its end, or ended by `return`. */
export async function spill<T>(items: AsyncIterable<T>): Promise<AsyncGenerator<T>> {
  const path = join(tmpdir(), `ferry-report-${randomUUID()}.jsonl.gz`);
  try {
    const file = createWriteStream(path, { flags: 'wx', mode: 0o600 });
    await pipeline(Readable.from(textOf(items)), createGzip({ level: 1 }), file);
    const handle = await open(path);
    return itemsOf<T>(handle.createReadStream());
  } finally {
    await rm(path, { force: true });
  }
}

async function* textOf(items: AsyncIterable<unknown>): AsyncGenerator<string> {
  let piece: string[] = [];
  for await (const item of items) {
    piece.push(JSON.stringify(item));
    if (piece.length < LINES_A_PIECE) continue;
    yield `${piece.join('\n')}\n`;
    piece = [];
  }
  if (piece.length > 0) yield `${piece.join('\n')}\n`;
}

async function* itemsOf<T>(content: Readable): AsyncGenerator<T> {
  for await (const line of linesOf(content)) yield JSON.parse(line) as T;
}
