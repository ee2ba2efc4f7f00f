/** A report's files in a folder: whole or not at all, whoever writes at once. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { reportFolder } from '../../src/transfer/report-folder';
import { all } from '../support/memory-files';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'ferry-report-'))));
afterEach(() => rm(folder, { recursive: true }));

async function* breaking(): AsyncGenerator<string> {
  await Promise.resolve();
  yield 'half';
  throw new Error('broken');
}

test('a file that is not finished is not shown, and nothing is left of one that failed', async () => {
  const files = reportFolder(folder);
  await expect(files.write('run-1/a', Readable.from(breaking()))).rejects.toThrow('broken');
  await expect(readdir(join(folder, 'run-1'))).resolves.toEqual([]);
  await writeFile(join(folder, 'run-1', 'b.1.tmp'), 'unfinished');
  await expect(all(files.list(''))).resolves.toEqual([]);
});

test('the old file is kept when writing the new one fails', async () => {
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

test('nothing is listed where there is no folder, and no folder is read as a file', async () => {
  const files = reportFolder(join(folder, 'none'));
  await expect(all(files.list(''))).resolves.toEqual([]);
  await expect(all(files.folders(''))).resolves.toEqual([]);
  await expect(files.read('a')).resolves.toBeUndefined();
  await reportFolder(folder).write('run-1/a', Readable.from(['x']));
  await expect(reportFolder(folder).read('run-1')).resolves.toBeUndefined();
});

test('a listing begins where its prefix says, and tells whole names', async () => {
  const files = reportFolder(folder);
  const names = ['run-1/main/000001/a', 'run-1/main/000001/b', 'run-1/main/000002/a', 'run-1/summary.json', 'run-10/a'];
  for (const name of names) await files.write(name, Readable.from(['x']));
  await expect(all(files.list('run-1/main/000001/'))).resolves.toEqual(names.slice(0, 2));
  await expect(all(files.list('run-1/main/00'))).resolves.toEqual(names.slice(0, 3));
  await expect(all(files.list('run-1'))).resolves.toEqual(names);
  await expect(all(files.folders(''))).resolves.toEqual(['run-1', 'run-10']);
  await expect(all(files.folders('run-1/main/'))).resolves.toEqual(['000001', '000002']);
});
