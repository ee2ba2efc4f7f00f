/** The ledger: which lines of the last run's report count, and in which order it may be asked. */
import type { ReportLine } from '../../src/domain/report-line';
import { openLedger } from '../../src/transfer/ledger';
import { writeIndex } from '../../src/transfer/report-groups';
import { MemoryFiles } from '../support/memory-files';
import { copied, failed, RUN_ID, scanOf, skipped, spanOf, writeGroup, type Group } from './report-scene';

async function ledgerOf(...groups: readonly Group[]) {
  const files = new MemoryFiles();
  for (const group of groups) await writeGroup(files, group);
  await writeIndex(files, RUN_ID);
  files.reads.splice(0);
  return { files, ledger: await openLedger(files, RUN_ID) };
}

const pair = { sourceEtag: 'source', targetEtag: 'target' };

test.each<[string, ReportLine, typeof pair | undefined]>([
  ['a copy', copied('k', pair), pair],
  ['a key that was identical', skipped('k', { ...pair, reason: 'identical' }), pair],
  ['a key that stood in the ledger before', skipped('k', { ...pair, reason: 'ledger' }), pair],
  ['a key that had a record', skipped('k', { ...pair, reason: 'recorded' }), pair],
  ['a key of equal checksum', skipped('k', { ...pair, reason: 'checksum' }), pair],
  ['no key that was left as it stood', skipped('k', { ...pair, reason: 'neverOverwrite' }), undefined],
  ['no key that was gone', skipped('k', { ...pair, reason: 'gone' }), undefined],
  ['no key that was deleted', { ...copied('k', pair), outcome: 'deleted' }, undefined],
  ['no key that was to be deleted', { ...copied('k', pair), outcome: 'kept', reason: 'changed' }, undefined],
  ['no key that failed', failed('k'), undefined],
])('the ledger knows %s', async (_name, line, entry) => {
  const { ledger } = await ledgerOf({ name: 'main/000001', span: spanOf('k'), scan: [line] });
  await expect(ledger.from('').lookup('k')).resolves.toEqual(entry);
});

test('a cursor answers ascending keys, the same one again too, and nothing of a key that it has passed', async () => {
  const keys = ['a', 'c', 'e'];
  const { ledger } = await ledgerOf({
    name: 'main/000001',
    span: spanOf(...keys),
    scan: keys.map((key) => copied(key, pair)),
  });
  const cursor = ledger.from('a');
  const answers = [];
  for (const key of ['a', 'a', 'b', 'c', 'a', 'e', 'f']) answers.push((await cursor.lookup(key)) !== undefined);
  expect(answers).toEqual([true, true, false, true, false, true, false]);
});

test('a cursor reads the groups of its keys alone, and nothing before it is asked', async () => {
  const { files, ledger } = await ledgerOf(
    ...['a', 'b', 'c', 'd'].map((key, i) => ({
      name: `main/00000${i + 1}`,
      span: spanOf(key),
      packs: [[copied(key)]],
    })),
  );
  files.reads.splice(0);
  const cursor = ledger.from('b');
  expect(files.reads).toEqual([]);
  await cursor.lookup('b');
  await cursor.lookup('c');
  await cursor.close();
  expect(files.reads.filter((name) => name.endsWith('scan.jsonl.gz'))).toEqual(
    ['main/000002', 'main/000003'].map(scanOf),
  );
});

test('a closed cursor knows nothing more', async () => {
  const { ledger } = await ledgerOf({ name: 'main/000001', span: spanOf('a', 'b'), scan: [copied('a'), copied('b')] });
  const cursor = ledger.from('');
  await cursor.lookup('a');
  await cursor.close();
  await expect(cursor.lookup('b')).resolves.toBeUndefined();
});

test('the report of a store without order is a ledger while it is small', async () => {
  const groups = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ name: `main/00000${i}`, span: {}, scan: [copied(`k${i}`, pair)] }));
  const small = await ledgerOf(...groups(8));
  await expect(small.ledger.from('k7').lookup('k7')).resolves.toEqual(pair);
  const large = await ledgerOf(...groups(9));
  await expect(large.ledger.from('k7').lookup('k7')).resolves.toBeUndefined();
});
