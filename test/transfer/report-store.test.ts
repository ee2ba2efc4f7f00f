/** The segments of a report, in a folder and in memory: what is written is read. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { TransferError } from '../../src/domain/transfer-error';
import { reportFolder } from '../../src/transfer/report-folder';
import { readSegment, readSpan, writeScan, writeSegment, type ReportFiles } from '../../src/transfer/report-store';
import { all, MemoryFiles } from '../support/memory-files';
import { withoutWaiting } from './examples';
import { copied, failed, packed, skipped } from './report-scene';

withoutWaiting();

const place = { run: 'run-1', group: 'main/000001' };

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'ferry-report-'))));
afterEach(() => rm(folder, { recursive: true }));

test('a segment goes into its file as one piece, however many its lines: each piece waits for a turn of the event loop', async () => {
  const pieces: number[] = [];
  const files = new MemoryFiles();
  const write = files.write.bind(files);
  files.write = async (name, content) => {
    const all = (await content.toArray()) as Buffer[];
    pieces.push(all.length);
    await write(name, Readable.from(all));
  };
  const lines = Array.from({ length: 256 }, (_, i) => skipped(`${i}`));
  await writeSegment(files, 'a', lines);
  expect(pieces).toEqual([1]);
  await expect(readSegment(files, 'a')).resolves.toEqual(lines);
});

describe.each<[string, () => ReportFiles]>([
  ['in memory', () => new MemoryFiles()],
  ['in a folder', () => reportFolder(folder)],
])('a segment %s', (_where, open) => {
  test('gives back its lines as they were written', async () => {
    const files = open();
    const lines = [copied('c'), skipped('a'), failed('b')];
    await writeSegment(files, 'run-1/main/000001/a.jsonl.gz', lines);
    await expect(readSegment(files, 'run-1/main/000001/a.jsonl.gz')).resolves.toEqual(lines);
  });

  test('gives back keys of any character, one line each', async () => {
    const files = open();
    const lines = ['a\nb', 'a\r\nb', 'a\u2028b', 'a\u2029b', 'a\u0085b', 'ü\u{1f600}', '"\\'].map((key) =>
      skipped(key),
    );
    await writeSegment(files, 'a', lines);
    await expect(readSegment(files, 'a')).resolves.toEqual(lines);
  });

  test('gives back many lines whole', async () => {
    const files = open();
    const lines = Array.from({ length: 5_000 }, (_, i) => skipped(`\u{1f600}/ü/${i}`));
    await writeSegment(files, 'a', lines);
    await expect(readSegment(files, 'a')).resolves.toEqual(lines);
  });

  test('is replaced when it is written again', async () => {
    const files = open();
    await writeSegment(files, 'a', [skipped('a'), skipped('b')]);
    await writeSegment(files, 'a', [copied('a')]);
    await expect(readSegment(files, 'a')).resolves.toEqual([copied('a')]);
  });

  test('is not written without lines, but for a scan’s', async () => {
    const files = open();
    await writeSegment(files, 'run-1/main/000001/a', []);
    await writeScan(files, place, { first: 'a', last: 'a' }, await packed([]));
    await expect(all(files.list(''))).resolves.toEqual(['run-1/main/000001/scan.jsonl.gz']);
    await expect(readSegment(files, 'run-1/main/000001/scan.jsonl.gz')).resolves.toEqual([]);
  });

  test('of a scan tells its span, which is no line', async () => {
    const files = open();
    const span = { first: 'a\u0000', last: 'ü\n' };
    const lines = Array.from({ length: 5_000 }, (_, i) => skipped(String(i)));
    await writeScan(files, place, span, await packed(lines));
    await expect(readSpan(files, place)).resolves.toEqual(span);
    await expect(readSegment(files, 'run-1/main/000001/scan.jsonl.gz')).resolves.toEqual(lines);
  });

  test('that is not there has no lines, and a scan’s no span', async () => {
    await expect(readSegment(open(), 'a')).resolves.toEqual([]);
    await expect(readSpan(open(), place)).resolves.toEqual({});
  });
});

describe('a segment that cannot be read', () => {
  const lines = Array.from({ length: 100 }, (_, i) => skipped(String(i)));

  test('is an error where it is cut short', async () => {
    const files = new MemoryFiles();
    await writeSegment(files, 'a', lines);
    const file = files.files.get('a')!;
    files.files.set('a', file.subarray(0, file.length - 20));
    await expect(readSegment(files, 'a')).rejects.toThrow('unexpected end of file');
  });

  test('is an error where the reading breaks off', async () => {
    const files = new MemoryFiles();
    files.read = () => Promise.resolve(new Readable({ read: () => undefined }).destroy(new Error('socket hang up')));
    await expect(readSegment(files, 'a')).rejects.toThrow('socket hang up');
    await expect(readSpan(files, place)).rejects.toThrow('socket hang up');
  });

  test('is read again where that may help', async () => {
    const files = new MemoryFiles();
    await writeScan(files, place, { first: 'a', last: 'b' }, await packed(lines));
    const read = files.read.bind(files);
    let reads = 0;
    files.read = (name) => {
      reads += 1;
      if (reads % 2 === 0) return read(name);
      const error = new TransferError('Unavailable', 'broken off');
      return Promise.resolve(new Readable({ read: () => undefined }).destroy(error));
    };
    await expect(readSegment(files, 'run-1/main/000001/scan.jsonl.gz')).resolves.toEqual(lines);
    await expect(readSpan(files, place)).resolves.toEqual({ first: 'a', last: 'b' });
    expect(reads).toBe(4);
  });
});
