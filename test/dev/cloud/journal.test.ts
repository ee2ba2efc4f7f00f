import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openJournal } from '../../../dev/cloud/journal';
import { temporaryFolder } from '../folders';

const folder = temporaryFolder();

test('the latest value of each key is found again, in the order in which the keys came', () => {
  const file = join(folder, 'deep', 'first.jsonl');
  const journal = openJournal(file);
  journal.write('job', 'b', 1);
  journal.write('job', 'a', { one: 1 });
  journal.write('queue', 'a', 'other');
  journal.write('job', 'b', 2);
  journal.write('job', 'gone', 3);
  journal.remove('job', 'gone');
  expect([...journal.read('job')]).toEqual([
    ['b', 2],
    ['a', { one: 1 }],
  ]);
  journal.close();
  expect([...openJournal(file).read('job')]).toEqual([
    ['b', 2],
    ['a', { one: 1 }],
  ]);
  expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(4);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('a line that was cut short is left out, and what is written after it counts', () => {
  const file = join(folder, 'cut.jsonl');
  const journal = openJournal(file);
  journal.write('job', 'a', 1);
  journal.close();
  appendFileSync(file, '{"kind":"job","key":"a","val');
  const again = openJournal(file);
  expect([...again.read('job')]).toEqual([['a', 1]]);
  again.write('job', 'a', 2);
  again.close();
  again.write('job', 'a', 3);
  expect([...openJournal(file).read('job')]).toEqual([['a', 2]]);
  expect([...openJournal(file).read('none')]).toEqual([]);
});
