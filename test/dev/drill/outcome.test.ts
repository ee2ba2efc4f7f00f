import { judgeListing, judgeRemains, judgeReport, judgeResult } from '../../../dev/drill/outcome';
import type { CopiedLine, FailedLine } from '../../../src/domain/report-line';
import type { RunResult } from '../../../src/domain/run-result';

const expected = new Map([
  ['r/a', 1],
  ['r/b', 2],
]);

test('what was delivered, and nothing else, is right', () => {
  expect(judgeListing(expected, new Map(expected))).toEqual({ checks: 3, problems: [] });
});

test.each<[what: string, found: [string, number][], problem: string]>([
  ['a missing object', [['r/a', 1]], 'r/b: missing in the target'],
  ['an object of another size', [...expected, ['r/b', 3]], 'r/b: 3 bytes, not 2'],
  ['an object too many', [...expected, ['r/c', 1]], 'in the target beside what was delivered: r/c'],
])('%s is reported', (_what, found, problem) => {
  expect(judgeListing(expected, new Map(found)).problems).toEqual([problem]);
});

const result: RunResult = {
  transfer: 't',
  workflowId: 'ferry-t',
  runId: 'r',
  listed: 2,
  copied: 2,
  skipped: 0,
  deleted: 0,
  failed: 0,
  bytesCopied: 3,
  startedAt: '',
  finishedAt: '',
};

test.each<[what: string, result: RunResult, problems: number]>([
  ['every object was copied', result, 0],
  ['an object was counted twice', { ...result, copied: 3 }, 1],
  ['an object failed', { ...result, copied: 1, failed: 1 }, 1],
  ['an object was skipped', { ...result, copied: 1, skipped: 1 }, 1],
  ['bytes were counted twice', { ...result, bytesCopied: 4 }, 1],
])('a result in which %s', (_what, run, problems) => {
  expect(judgeResult(expected, run).problems).toHaveLength(problems);
});

const copied = (key: string): CopiedLine => ({
  outcome: 'copied',
  reason: 'missing',
  proof: 'etag',
  key,
  size: 1,
  sourceEtag: 'e',
  targetKey: key,
  targetEtag: 'e',
  route: 'pack',
});
const failed: FailedLine = { outcome: 'failed', key: 'r/b', size: 1, sourceEtag: '', code: 'Unknown', message: '' };

test('a report must say of each key that it was copied, and say it once', () => {
  const keys = [...expected.keys()];
  expect(judgeReport(keys, [copied('r/a'), copied('r/b')]).problems).toEqual([]);
  expect(judgeReport(keys, [copied('r/a'), copied('r/b'), copied('r/a')]).problems).toHaveLength(1);
  expect(judgeReport(keys, [copied('r/a')]).problems).toHaveLength(1);
  expect(judgeReport(keys, [copied('r/a'), { ...copied('r/b'), proof: 'none' as never }]).problems).toHaveLength(1);
  expect(judgeReport(keys, [copied('r/a'), copied('r/b'), failed]).problems).toHaveLength(2);
});

test('an open upload and a live job are reported', () => {
  expect(judgeRemains([], [{ jobId: 'j', status: 'FAILED' }]).problems).toEqual([]);
  expect(judgeRemains(['r/a'], [{ jobId: 'j', status: 'RUNNING' }]).problems).toEqual([
    'uploads were left open in the target: r/a',
    'jobs were left behind: j RUNNING',
  ]);
});
