/** A run's report, in a folder and in memory: what is written is read, and a key's last word counts. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { CopiedLine, FailedLine, ReportLine, SkippedLine } from '../../src/domain/report-line';
import { reportFolder } from '../../src/transfer/report-folder';
import {
  listRuns,
  readFailures,
  readLines,
  readSummary,
  writeSegment,
  writeSummary,
  type ReportFiles,
} from '../../src/transfer/report-store';

const base = (key: string) => ({ key, size: 1, sourceEtag: 'e' });
const skipped = (key: string): SkippedLine => ({ ...base(key), outcome: 'skipped', reason: 'identical' });
const failed = (key: string, message = 'm'): FailedLine => ({
  ...base(key),
  outcome: 'failed',
  code: 'Throttled',
  message,
});
const copied = (key: string): CopiedLine => ({
  ...base(key),
  outcome: 'copied',
  reason: 'missing',
  proof: 'etag',
  targetKey: key,
  targetEtag: 'e',
  route: 'pack',
});

class MemoryFiles implements ReportFiles {
  readonly files = new Map<string, Buffer>();

  async write(name: string, content: Readable): Promise<void> {
    this.files.set(name, await buffer(content));
  }

  async *list(prefix: string): AsyncGenerator<string> {
    await Promise.resolve();
    yield* [...this.files.keys()].filter((name) => name.startsWith(prefix)).sort();
  }

  read(name: string): Promise<Readable | undefined> {
    const file = this.files.get(name);
    return Promise.resolve(file === undefined ? undefined : Readable.from([file]));
  }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'ferry-report-'))));
afterEach(() => rm(folder, { recursive: true }));

describe.each<[string, () => ReportFiles]>([
  ['in memory', () => new MemoryFiles()],
  ['in a folder', () => reportFolder(folder)],
])('a report %s', (_where, open) => {
  test('gives back every line of its run, segment by segment', async () => {
    const files = open();
    await writeSegment(files, 'run-1/lanes/0-000002', [copied('c')]);
    await writeSegment(files, 'run-1/lanes/0-000001', [skipped('a'), failed('b')]);
    await writeSegment(files, 'run-10/lanes/0-000001', [copied('of another run')]);
    await expect(all(readLines(files, 'run-1'))).resolves.toEqual([skipped('a'), failed('b'), copied('c')]);
  });

  test('gives back keys of any character, one line each', async () => {
    const files = open();
    const lines = ['a\nb', 'a\r\nb', 'a\u2028b', 'a\u2029b', 'a\u0085b', 'ü\u{1f600}', '"\\'].map(skipped);
    await writeSegment(files, 'run-1/a', lines);
    await expect(all(readLines(files, 'run-1'))).resolves.toEqual(lines);
  });

  test('gives back many lines whole, wherever the pieces of a file end', async () => {
    const files = open();
    const lines = Array.from({ length: 5_000 }, (_, i) => skipped(`\u{1f600}/ü/${i}`));
    await writeSegment(files, 'run-1/a', lines);
    await expect(all(readLines(files, 'run-1'))).resolves.toEqual(lines);
  });

  test('replaces a segment that is written again', async () => {
    const files = open();
    await writeSegment(files, 'run-1/a', [skipped('a'), skipped('b')]);
    await writeSegment(files, 'run-1/a', [copied('a')]);
    await expect(all(readLines(files, 'run-1'))).resolves.toEqual([copied('a')]);
  });

  test('writes no empty segment, and a run without any has no lines', async () => {
    const files = open();
    await writeSegment(files, 'run-1/a', []);
    await expect(all(files.list(''))).resolves.toEqual([]);
    await expect(all(readLines(files, 'run-1'))).resolves.toEqual([]);
  });

  test('keeps a summary, by which a run is known to have finished', async () => {
    const files = open();
    await writeSegment(files, 'run-2/a', [skipped('a')]);
    await expect(readSummary(files, 'run-2')).resolves.toBeUndefined();
    await writeSummary(files, 'run-1', { copied: 1, text: 'ü' });
    await expect(readSummary(files, 'run-1')).resolves.toEqual({ copied: 1, text: 'ü' });
    await expect(listRuns(files)).resolves.toEqual(['run-1']);
    await expect(all(readLines(files, 'run-1'))).resolves.toEqual([]);
  });

  test('can be left in the middle', async () => {
    const files = open();
    await writeSegment(files, 'run-1/a', [skipped('a'), skipped('b')]);
    for await (const line of readLines(files, 'run-1')) {
      expect(line).toEqual(skipped('a'));
      break;
    }
  });
});

describe('readFailures', () => {
  test.each<[string, ReportLine[], FailedLine[]]>([
    ['nothing where nothing failed', [copied('a'), skipped('b')], []],
    ['a failure', [failed('a')], [failed('a')]],
    [
      'a failure over a skip, in either order',
      [skipped('a'), failed('a'), failed('b'), skipped('b')],
      [failed('a'), failed('b')],
    ],
    ['no failure that a copy has followed', [failed('a'), copied('a')], []],
    ['no failure that a copy came before', [copied('a'), failed('a')], []],
    ['the last of several failures', [failed('a', '1'), failed('a', '2')], [failed('a', '2')]],
  ])('finds %s', async (_name, lines, failures) => {
    const files = new MemoryFiles();
    for (const [i, line] of lines.entries()) await writeSegment(files, `run-1/${i}`, [line]);
    await expect(readFailures(files, 'run-1', 100)).resolves.toEqual(failures);
  });

  test('finds the first so many, not counting those that were copied later', async () => {
    const files = new MemoryFiles();
    const keys = Array.from({ length: 6 }, (_, i) => `key-${i}`);
    await writeSegment(
      files,
      'run-1/1',
      keys.map((key) => failed(key)),
    );
    await writeSegment(files, 'run-1/2', [copied('key-0'), copied('key-1')]);
    await expect(readFailures(files, 'run-1', 2)).resolves.toEqual([failed('key-2'), failed('key-3')]);
  });
});

describe('a report that cannot be read', () => {
  test('is an error where a file is cut short', async () => {
    const files = new MemoryFiles();
    await writeSegment(
      files,
      'run-1/a',
      Array.from({ length: 100 }, (_, i) => skipped(String(i))),
    );
    const [[name, file] = ['', Buffer.alloc(0)]] = [...files.files];
    files.files.set(name, file.subarray(0, file.length - 20));
    await expect(all(readLines(files, 'run-1'))).rejects.toThrow('unexpected end of file');
  });

  test('is an error where the reading breaks off', async () => {
    const files = new MemoryFiles();
    await writeSegment(files, 'run-1/a', [skipped('a')]);
    files.read = () => Promise.resolve(new Readable({ read: () => undefined }).destroy(new Error('socket hang up')));
    await expect(all(readLines(files, 'run-1'))).rejects.toThrow('socket hang up');
  });
});

describe('reportFolder', () => {
  test('shows nothing of a file that is not finished, and leaves nothing of one that failed', async () => {
    const files = reportFolder(folder);
    const broken = Readable.from(breaking());
    await expect(files.write('run-1/a', broken)).rejects.toThrow('broken');
    await expect(readdir(join(folder, 'run-1'))).resolves.toEqual([]);
    await writeFile(join(folder, 'run-1', 'b.1.tmp'), 'unfinished');
    await expect(all(files.list(''))).resolves.toEqual([]);
  });

  test('keeps the old file when writing the new one fails', async () => {
    const files = reportFolder(folder);
    await files.write('run-1/a', Readable.from(['old']));
    await expect(files.write('run-1/a', Readable.from(breaking()))).rejects.toThrow('broken');
    expect((await buffer((await files.read('run-1/a')) ?? Readable.from([]))).toString()).toBe('old');
  });

  test('two attempts may write one name at once', async () => {
    const files = reportFolder(folder);
    const text = 'x'.repeat(300_000);
    await Promise.all(Array.from({ length: 4 }, () => files.write('run-1/a', Readable.from([text, text]))));
    expect((await buffer((await files.read('run-1/a')) ?? Readable.from([]))).toString()).toBe(text + text);
    await expect(readdir(join(folder, 'run-1'))).resolves.toEqual(['a']);
  });

  test('lists nothing where there is no folder, and reads no folder as a file', async () => {
    const files = reportFolder(join(folder, 'none'));
    await expect(all(files.list(''))).resolves.toEqual([]);
    await expect(files.read('a')).resolves.toBeUndefined();
    await reportFolder(folder).write('run-1/a', Readable.from(['x']));
    await expect(reportFolder(folder).read('run-1')).resolves.toBeUndefined();
  });
});

async function* breaking(): AsyncGenerator<string> {
  await Promise.resolve();
  yield 'half';
  throw new Error('broken');
}
