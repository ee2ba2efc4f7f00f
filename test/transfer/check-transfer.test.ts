/** What would make every object fail is found before the first one. */
import type { BatchSpec } from '../../src/domain/transfer';
import { TransferError } from '../../src/domain/transfer-error';
import { checkBuckets, checkTransfer } from '../../src/transfer/check-transfer';
import { MemoryStore } from '../support/memory-store';
import { aStage, anEngine, aTransfer } from './examples';
import { MemoryJobs } from './memory-jobs';

const batch: BatchSpec = {
  queue: 'spot',
  jobDefinition: 'job',
  reclaimsBeforeOnDemand: 2,
  runnableDeadlineMs: 1,
  bytesPerJob: 0,
};

test('checkTransfer asks both buckets, and Batch only where it is used', async () => {
  const stage = aStage();
  const jobs = new MemoryJobs();
  await checkTransfer(aTransfer(), anEngine(stage), jobs);
  expect([stage.source.requests.checkBucket, stage.target.requests.checkBucket]).toEqual([1, 1]);
  expect(jobs.checked).toEqual([]);
});

test.each([
  ['the queue', batch, ['spot']],
  ['both queues', { ...batch, onDemandQueue: 'on-demand' }, ['spot', 'on-demand']],
])('checkTransfer checks %s', async (_name, spec, queues) => {
  const jobs = new MemoryJobs();
  await checkTransfer(aTransfer({ batch: spec }), anEngine(aStage()), jobs);
  expect(jobs.checked).toEqual([{ queues, jobDefinition: 'job' }]);
});

test.each(['source', 'target'] as const)('checkTransfer says that it is the %s', async (side) => {
  const stage = aStage();
  stage[side].intercept('checkBucket', () =>
    Promise.reject(new TransferError('NoSuchBucket', 'There is no such bucket', { bucket: 'b' })),
  );
  await expect(checkTransfer(aTransfer(), anEngine(stage), new MemoryJobs())).rejects.toMatchObject({
    code: 'NoSuchBucket',
    message: `${side}: There is no such bucket`,
    location: { bucket: 'b' },
  });
});

test('checkTransfer passes on an error of another kind as it is', async () => {
  const stage = aStage();
  const bug = new TypeError('bug');
  stage.target.intercept('checkBucket', () => Promise.reject(bug));
  await expect(checkTransfer(aTransfer(), anEngine(stage), new MemoryJobs())).rejects.toBe(bug);
});

test('checkTransfer passes on what Batch says', async () => {
  const jobs = new MemoryJobs();
  jobs.refusal = new TransferError('InvalidConfiguration', 'There is no queue spot');
  await expect(checkTransfer(aTransfer({ batch }), anEngine(aStage()), jobs)).rejects.toBe(jobs.refusal);
});

test('checkBuckets asks both buckets, and nothing else', async () => {
  const stage = aStage();
  await checkBuckets(aTransfer({ batch }), anEngine(stage));
  expect([stage.source.requests, stage.target.requests]).toMatchObject([{ checkBucket: 1 }, { checkBucket: 1 }]);
});

test.each([
  ['source', 'utf8', 'directory', '`listing: ordered` under `target`'],
  ['target', 'directory', 'utf8', '`listing: ordered` under `source`'],
  ['neither', 'directory', 'directory', '`listing: ordered` under `source` and `target`'],
] as const)(
  'checkTransfer refuses deletes where the order of the %s alone is known',
  async (_side, one, two, words) => {
    const stage = {
      source: new MemoryStore({ bucket: 'theirs', order: one }),
      target: new MemoryStore({ bucket: 'ours', order: two }),
    };
    const check = (changes: object) => checkTransfer(aTransfer(changes), anEngine(stage), new MemoryJobs());
    await expect(check({ deletes: { max: 1000, approveWithinMs: 1 } })).rejects.toMatchObject({
      code: 'InvalidConfiguration',
      message: expect.stringContaining(words) as string,
    });
    await expect(check({})).resolves.toBeUndefined();
  },
);
