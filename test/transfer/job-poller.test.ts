/** All jobs that are waited for, in few requests. */
import { TransferError } from '../../src/domain/transfer-error';
import type { JobView } from '../../src/transfer/job-service';
import { JobPoller } from '../../src/transfer/job-poller';
import { failingWith, withoutWaiting } from './examples';

withoutWaiting();

const view = (jobId: string): JobView => ({ jobId, status: 'RUNNING', queue: 'spot', attempts: [] });

function scene() {
  const asked: (readonly string[])[] = [];
  const failures: TransferError[] = [];
  const poller = new JobPoller(
    {
      describe(jobIds) {
        asked.push(jobIds);
        const failure = failures.shift();
        if (failure !== undefined) return Promise.reject(failure);
        return Promise.resolve(new Map(jobIds.filter((id) => id !== 'gone').map((id) => [id, view(id)])));
      },
    },
    5,
  );
  return { poller, asked, failures };
}

test('jobs are asked for together, 100 at most, each once', async () => {
  const { poller, asked } = scene();
  const ids = Array.from({ length: 150 }, (_, i) => `job-${i}`);
  const found = await Promise.all([...ids, 'job-0', 'gone'].map((id) => poller.next(id)));
  expect(found.map((job) => job?.jobId)).toEqual([...ids, 'job-0', undefined]);
  expect(asked.map(({ length }) => length)).toEqual([100, 51]);
});

test('one that is waited for anew is asked for at the next poll', async () => {
  const { poller, asked } = scene();
  for (let i = 0; i < 3; i++) await poller.next('job');
  expect(asked).toEqual([['job'], ['job'], ['job']]);
});

test('a request is tried again; one that stays refused tells all who wait, and the next poll is a new one', async () => {
  const { poller, failures } = scene();
  failures.push(new TransferError('Throttled', 'slow down'));
  await expect(poller.next('job')).resolves.toMatchObject({ jobId: 'job' });
  failures.push(new TransferError('AccessDenied', 'no'));
  const [a, b] = [poller.next('a'), poller.next('b')];
  await expect(a).rejects.toEqual(failingWith('AccessDenied'));
  await expect(b).rejects.toEqual(failingWith('AccessDenied'));
  await expect(poller.next('job')).resolves.toMatchObject({ jobId: 'job' });
});
