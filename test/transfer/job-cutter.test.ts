/** The rule by which objects share a job. */
import { JobCutter } from '../../src/transfer/job-cutter';
import type { LimitSpec } from '../../src/domain/transfer';
import { aTransfer } from './examples';

const GB = 1e9;

function cut(sizes: readonly number[], { bytesPerJob = 30 * GB, limits = {}, key = (i: number) => `k${i}` } = {}) {
  const batch = { queue: 'q', jobDefinition: 'd', reclaimsBeforeOnDemand: 2, runnableDeadlineMs: 1, bytesPerJob };
  const limitsOf: LimitSpec = { lanes: 1, objectsPerLane: 1, ...limits };
  const jobs: number[][] = [];
  const cutter = new JobCutter(aTransfer({ batch, limits: limitsOf }), (objects) =>
    jobs.push(objects.map(({ size }) => size)),
  );
  for (const [i, size] of sizes.entries()) cutter.take({ key: key(i), size });
  cutter.finish();
  return jobs;
}

test.each([
  ['nothing', [], []],
  ['one object', [2 * GB], [[2 * GB]]],
  ['objects that come to the bound', [10 * GB, 20 * GB, 2 * GB], [[10 * GB, 20 * GB], [2 * GB]]],
  ['one that would go beyond it', [10 * GB, 21 * GB], [[10 * GB], [21 * GB]]],
  ['one that is enough by itself, between two that are not', [2 * GB, 30 * GB, 3 * GB], [[30 * GB], [2 * GB, 3 * GB]]],
])('%s', (_name, sizes, jobs) => expect(cut(sizes)).toEqual(jobs));

test('at 0 each has its own', () => expect(cut([1, 2, 3], { bytesPerJob: 0 })).toEqual([[1], [2], [3]]));

test('a limit of bandwidth makes five minutes of work less: a job has a quarter of it', () => {
  // 300 s at 10 MB/s.
  const limits = { bandwidth: 40e6 };
  expect(cut([1.5 * GB, 1.5 * GB, 1.5 * GB], { limits })).toEqual([[1.5 * GB, 1.5 * GB], [1.5 * GB]]);
});

test('as many as a job can be told of: the longest keys go alone', () => {
  const long = (i: number) => String(i).padEnd(1024, 'k');
  expect(cut([1, 1, 1, 1], { key: long }).map(({ length }) => length)).toEqual([2, 2]);
  const many = cut(Array.from({ length: 40 }, () => 1));
  expect(Math.max(...many.map(({ length }) => length))).toBeLessThanOrEqual(13);
  expect(many[0]?.length).toBeGreaterThanOrEqual(8);
});
