/** One final line for each key, in the order of keys: the rules, and what is read for it. */
import type { FailedLine, ReportLine } from '../../src/domain/report-line';
import { writeIndex } from '../../src/transfer/report-groups';
import { finalLines, readFailures } from '../../src/transfer/report-reader';
import { all, MemoryFiles } from '../support/memory-files';
import { copied, failed, modelOf, RUN_ID, scanOf, skipped, spanOf, writeGroup, type Group } from './report-scene';

async function reportOf(...groups: readonly Group[]): Promise<MemoryFiles> {
  const files = new MemoryFiles();
  for (const group of groups) await writeGroup(files, group);
  return files;
}

const keysOf = async (lines: AsyncIterable<ReportLine>) => (await all(lines)).map(({ key }) => key);
const main = (sequence: number, ...keys: readonly string[]): Group => ({
  name: `main/${String(sequence).padStart(6, '0')}`,
  span: spanOf(...keys),
  scan: keys.map((key) => skipped(key)),
});

describe('finalLines', () => {
  test('gives the lines of all groups in the order of keys, whatever their numbers', async () => {
    const files = await reportOf(main(2, 'a', 'd'), main(1, 'c', 'e'), main(10, 'b'), main(9, 'f'));
    expect(await keysOf(finalLines(files, RUN_ID))).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  test('gives keys in the order of their UTF-8', async () => {
    const keys = ['\u{1f600}', '\u{fffd}', 'ü', 'a-b', 'a/b', 'a'];
    const files = await reportOf(main(1, ...keys.slice(0, 3)), main(2, ...keys.slice(3)));
    expect(await keysOf(finalLines(files, RUN_ID))).toEqual(['a', 'a-b', 'a/b', 'ü', '\u{fffd}', '\u{1f600}']);
  });

  test.each<[string, Group[], ReportLine]>([
    [
      'the copy of a later rerun over that of an earlier one',
      [
        { name: 'rerun-10/000001', span: {}, objects: [copied('a', { targetEtag: 'later' })] },
        { name: 'rerun-9/000001', span: {}, objects: [copied('a', { targetEtag: 'earlier' })] },
      ],
      copied('a', { targetEtag: 'later' }),
    ],
    [
      'the first run’s copy over the failure of a rerun',
      [
        { name: 'main/000001', span: {}, packs: [[copied('a')]] },
        { name: 'rerun-1/000001', span: {}, scan: [failed('a')] },
      ],
      copied('a'),
    ],
    [
      'the last attempt of a pack',
      [{ name: 'main/000001', span: {}, packs: Array.from({ length: 10 }, (_, i) => [failed('a', `try ${i + 1}`)]) }],
      failed('a', 'try 10'),
    ],
    [
      'an object that has grown out of a pack over what the pack copied before',
      [
        {
          name: 'main/000001',
          span: {},
          packs: [[copied('a', { size: 1 })]],
          objects: [copied('a', { size: 2, route: 'worker' })],
        },
      ],
      copied('a', { size: 2, route: 'worker' }),
    ],
  ])('takes %s', async (_name, groups, line) => {
    await expect(all(finalLines(await reportOf(...groups), RUN_ID))).resolves.toEqual([line]);
  });

  test('leaves other runs and other files aside', async () => {
    const files = await reportOf(main(1, 'a'));
    await writeGroup(files, main(2, 'b'));
    for (const [name, content] of [...files.files]) files.files.set(name.replace(RUN_ID, 'run-10'), content);
    for (const name of ['summary.json', 'lanes/main-000001.jsonl.gz', 'main/x', 'main/000001/note.txt']) {
      files.files.set(`${RUN_ID}/${name}`, Buffer.from('?'));
    }
    expect(await keysOf(finalLines(files, RUN_ID))).toEqual(['a', 'b']);
    expect(await keysOf(finalLines(files, 'run-2'))).toEqual([]);
  });

  test('opens a group when its keys come, and not before', async () => {
    const files = await reportOf(main(1, 'a', 'b'), main(2, 'b', 'c'), main(3, 'd'));
    await writeIndex(files, RUN_ID);
    files.reads.splice(0);
    const lines = finalLines(files, RUN_ID);
    const opened = () => files.reads.filter((name) => name.endsWith('scan.jsonl.gz'));
    await lines.next();
    expect(opened()).toEqual([scanOf('main/000001')]);
    await lines.next();
    expect(opened()).toEqual(['main/000001', 'main/000002'].map(scanOf));
    await lines.return(undefined);
    expect(opened()).toHaveLength(2);
  });

  test('begins at a key, and opens no group that ends before it', async () => {
    const files = await reportOf(main(1, 'a', 'b'), main(2, 'c', 'e'), main(3, 'f'));
    await writeIndex(files, RUN_ID);
    files.reads.splice(0);
    expect(await keysOf(finalLines(files, RUN_ID, { from: 'd' }))).toEqual(['e', 'f']);
    expect(files.reads).not.toContain(scanOf('main/000001'));
  });

  test('needs no index', async () => {
    const groups = [main(1, 'a', 'c'), main(2, 'b')];
    const files = await reportOf(...groups);
    const without = await all(finalLines(files, RUN_ID));
    await writeIndex(files, RUN_ID);
    expect(files.files.has(`${RUN_ID}/index.json.gz`)).toBe(true);
    expect(without).toEqual(modelOf(groups));
    await expect(all(finalLines(files, RUN_ID))).resolves.toEqual(without);
  });

  test('takes a group whose scan’s segment is lost for one whose keys may be anywhere', async () => {
    const groups = [main(1, 'b', 'z'), { ...main(2), packs: [[copied('a'), copied('c')]] }];
    const files = await reportOf(...groups);
    files.files.delete(scanOf('main/000002'));
    expect(await keysOf(finalLines(files, RUN_ID))).toEqual(['a', 'b', 'c', 'z']);
  });

  test('reads a report of a store without order, far more than may be in memory, in the order of keys', async () => {
    const keys = Array.from({ length: 3_000 }, (_, i) => `k${String((i * 1_777) % 3_000).padStart(4, '0')}`);
    const groups = Array.from({ length: 300 }, (_, i) => ({
      ...main(i + 1, ...keys.slice(i * 10, i * 10 + 10)),
      span: {},
    }));
    const again = { name: 'rerun-1/000001', span: {}, scan: keys.slice(100, 200).map((key) => copied(key)) };
    const files = await reportOf(...groups, again);
    const lines = await all(finalLines(files, RUN_ID, { linesInMemory: 35 }));
    expect(lines).toEqual(modelOf([...groups, again]));
    expect(lines).toHaveLength(3_000);
  });
});

describe('readFailures', () => {
  test.each<[string, ReportLine[], FailedLine[]]>([
    ['nothing where nothing failed', [copied('a'), skipped('b')], []],
    ['a failure', [failed('a')], [failed('a')]],
    [
      'a failure over a skip, in either order, sorted by key',
      [skipped('b'), failed('b'), failed('a'), skipped('a')],
      [failed('a'), failed('b')],
    ],
    ['no failure that a copy has followed', [failed('a'), copied('a')], []],
    ['no failure that a copy came before', [copied('a'), failed('a')], []],
    ['the last of several failures', [failed('a', '1'), failed('a', '2')], [failed('a', '2')]],
  ])('finds %s', async (_name, lines, failures) => {
    const files = await reportOf(...lines.map((line, i) => ({ name: `rerun-${i}/000001`, span: {}, scan: [line] })));
    await expect(readFailures(files, RUN_ID, 100)).resolves.toEqual(failures);
  });

  test('finds the first so many, not counting those that were copied later', async () => {
    const keys = Array.from({ length: 6 }, (_, i) => `key-${i}`);
    const files = await reportOf(
      { name: 'main/000001', span: {}, scan: keys.map((key) => failed(key)) },
      { name: 'rerun-1/000001', span: {}, packs: [[copied('key-0'), copied('key-1')]] },
    );
    await expect(readFailures(files, RUN_ID, 2)).resolves.toEqual([failed('key-2'), failed('key-3')]);
  });
});
