/** An object that is given up: no job goes on with it, and no upload is left. */
import { abortTransfer } from '../../src/transfer/abort-transfer';
import { jobNameOf } from '../../src/transfer/find-job';
import { JobPoller } from '../../src/transfer/job-poller';
import { MemoryStore } from '../support/memory-store';
import { MemoryJobs } from './memory-jobs';

const batch = {
  queue: 'spot',
  onDemandQueue: 'on-demand',
  jobDefinition: 'd',
  reclaimsBeforeOnDemand: 2,
  runnableDeadlineMs: 1,
};

function scene() {
  const target = new MemoryStore();
  const jobs = new MemoryJobs();
  const known = target.seedUpload('k', 1_000_000);
  const lost = target.seedUpload('k', 1_000_001);
  return { target, jobs, known, lost };
}

test('jobs of the known upload, and of those that were never told, are over before their uploads are ended', async () => {
  const { target, jobs, known, lost } = scene();
  for (const [id, uploadId, queue] of [
    ['job-known', known, 'spot'],
    ['job-lost', lost, 'on-demand'],
  ] as const) {
    const name = jobNameOf({ targetKey: 'k', uploadId });
    jobs.add(id, name, queue, [{ status: 'RUNNING' }, { status: 'RUNNING' }, { status: 'FAILED' }]);
  }
  let abortedEarly = false;
  jobs.onDescribe = () => (abortedEarly ||= target.uploads.size < 2);
  await abortTransfer(
    { target, targetKey: 'k', uploadId: known, since: 1_000_000, batch },
    jobs,
    new JobPoller(jobs, 1),
  );
  expect(jobs.terminated.sort()).toEqual(['job-known', 'job-lost']);
  expect(abortedEarly).toBe(false);
  expect(target.uploads.size).toBe(0);
});

test('without Batch the uploads alone are ended', async () => {
  const { target } = scene();
  await abortTransfer({ target, targetKey: 'k', since: 1_000_000 });
  expect(target.uploads.size).toBe(0);
});

test('where no job is live, none is terminated', async () => {
  const { target, jobs, known } = scene();
  await abortTransfer(
    { target, targetKey: 'k', uploadId: known, since: 1_000_000, batch },
    jobs,
    new JobPoller(jobs, 1),
  );
  expect(jobs.terminated).toEqual([]);
  expect(target.uploads.size).toBe(0);
});
