/** The order in which the files of a report count. */
import { deletesLane } from '../../src/domain/deletes';
import {
  compareGroups,
  compareSegments,
  groupOf,
  isGroup,
  isSegment,
  objectSegment,
  packSegment,
  scanSegment,
} from '../../src/transfer/report-names';

const place = { run: 'run-1', group: groupOf('main', 7) };
const pack = { ...place, pack: '0f', sequence: 1, segment: 2, attempt: 3 };

test('a group has the names of its lane and its scan, and its segments stand below it', () => {
  expect(scanSegment(place)).toBe('run-1/main/000007/scan.jsonl.gz');
  expect(packSegment(pack)).toBe('run-1/main/000007/pack-0f-1-2-3.jsonl.gz');
  expect(objectSegment({ ...place, id: 'ab' })).toBe('run-1/main/000007/object-ab.jsonl.gz');
  expect(groupOf('rerun-1', 1_234_567)).toBe('rerun-1/1234567');
});

test('segments count from the scan to the packs to the objects, and of one pack by numbers', () => {
  const ordered = [
    scanSegment(place),
    packSegment({ ...pack, attempt: 9 }),
    packSegment({ ...pack, attempt: 10 }),
    packSegment({ ...pack, segment: 10, attempt: 1 }),
    packSegment({ ...pack, sequence: 2, segment: 1, attempt: 1 }),
    objectSegment({ ...place, id: '00' }),
  ];
  expect(ordered.toReversed().sort(compareSegments)).toEqual(ordered);
});

test('groups count from the first lanes to the reruns, and of one lane by numbers', () => {
  const ordered = ['main/000001', 'main/000010', 'main/1000000', 'rerun-2/000001', 'rerun-2/000002', 'rerun-10/000001'];
  expect(ordered.toReversed().sort(compareGroups)).toEqual(ordered);
});

test('deletes count after the lanes that were there, and before a rerun that was asked for meanwhile', () => {
  const deletes = (reruns: number, round: number) => groupOf(deletesLane(reruns, round), 1);
  const ordered = ['main/000001', deletes(0, 1), 'rerun-1/000001', 'rerun-2/000009', deletes(2, 2), 'rerun-3/000001'];
  expect(ordered.toReversed().sort(compareGroups)).toEqual(ordered);
  expect(isGroup(deletes(2, 2))).toBe(true);
});

test.each([
  ['main/000001', true],
  ['rerun-1/1234567', true],
  ['main/1', false],
  ['main', false],
  ['packs/abc', false],
])('%s is a group: %s', (name, is) => expect(isGroup(name)).toBe(is));

test('a run’s other files are no segments', () => {
  expect(['run-1/index.json.gz', 'run-1/summary.json'].map(isSegment)).toEqual([false, false]);
});
