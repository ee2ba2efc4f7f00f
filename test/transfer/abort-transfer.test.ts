/** An object that is given up: no job goes on with it, and no upload is left. */
import { abortTransfer } from '../../src/transfer/abort-transfer';
import { jobNameOf } from '../../src/transfer/find-job';
import { JobPoller } from '../../src/transfer/job-poller';
import { MemoryStore } from '../support/memory-store';
import { MemoryJobs } from './memory-jobs';

const spec = {
  queue: 'spot',
  onDemandQueue: 'on-demand',
  jobDefinition: 'd',
  reclaimsBeforeOnDemand: 2,
  runnableDeadlineMs: 1,
  bytesPerJob: 0,
};

const batchOf = (jobs: MemoryJobs) => ({ spec, jobs, poller: new JobPoller(jobs, 1) });

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
    const name = jobNameOf({ uploads: [{ targetKey: 'k', uploadId }] });
    jobs.add(id, name, queue, [{ status: 'RUNNING' }, { status: 'RUNNING' }, { status: 'FAILED' }]);
  }
  let abortedEarly = false;
  jobs.onDescribe = () => (abortedEarly ||= target.uploads.size < 2);
  await abortTransfer({ target, targetKey: 'k', uploadId: known, since: 1_000_000, batch: batchOf(jobs) });
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
  await abortTransfer({ target, targetKey: 'k', uploadId: known, since: 1_000_000, batch: batchOf(jobs) });
  expect(jobs.terminated).toEqual([]);
  expect(target.uploads.size).toBe(0);
});

describe('of an object that shared a job', () => {
  const shared = [
    { targetKey: 'k', uploadId: 'u' },
    { targetKey: 'other', uploadId: 'v' },
  ];
  const share = 'a'.repeat(32);

  function sharing() {
    const place = scene();
    const add = (id: string, name: string) => place.jobs.add(id, name, 'spot', [{ status: 'RUNNING' }]);
    add('last', jobNameOf({ share, uploads: shared }));
    add('of-the-others', jobNameOf({ share, uploads: shared.slice(1) }));
    add('of-others', jobNameOf({ share: 'b'.repeat(32), uploads: shared }));
    return place;
  }

  test('its own last job is ended, and not one that the others have without it', async () => {
    const { target, jobs } = sharing();
    const request = {
      target,
      targetKey: 'k',
      since: 1_000_000,
      batch: batchOf(jobs),
      shared: { share, uploads: shared },
    };
    await abortTransfer(request);
    expect(jobs.terminated).toEqual(['last']);
  });

  test('all jobs of those that shared are ended where nothing more is known', async () => {
    const { target, jobs } = sharing();
    await abortTransfer({ target, targetKey: 'k', since: 1_000_000, batch: batchOf(jobs), shared: { share } });
    expect(jobs.terminated.sort()).toEqual(['last', 'of-the-others']);
    expect(target.uploads.size).toBe(0);
  });
});
