/** A Batch job that finds no room, loses its host, or is there twice. */
import { TransferError } from '../../src/domain/transfer-error';
import { jobNameOf } from '../../src/transfer/find-job';
import { JobPoller } from '../../src/transfer/job-poller';
import { runJob, type JobProgress } from '../../src/transfer/run-job';
import { until } from '../support/until';
import { anEngine, failingWith, withoutWaiting } from './examples';
import { batch, bytes, scene } from './job-scene';
import type { MemoryJobs } from './memory-jobs';

withoutWaiting();

describe('runJob, where there is no room or a host is taken away,', () => {
  const spec = { ...batch, onDemandQueue: 'on-demand', runnableDeadlineMs: 60 };

  test('ends a job that has waited for room until the deadline, and says so', async () => {
    const { run, jobs } = scene([{ status: 'RUNNABLE' }]);
    await expect(run({}, spec)).resolves.toMatchObject({ state: 'over', end: 'noRoom' });
    expect(jobs.terminated).toEqual(['job-1']);
  });

  test('counts the time that it waited before its worker was lost', async () => {
    const { run, jobs, task } = scene();
    jobs.add('mine', jobNameOf({ uploads: [task] }), 'spot', [{ status: 'RUNNABLE' }]);
    const runnableSince = Date.now() - 1_000;
    const told: JobProgress[] = [];
    const patient = { ...spec, runnableDeadlineMs: 1_000 };
    await expect(
      run({ last: { jobId: 'mine', runnableSince }, onProgress: (now) => told.push(now) }, patient),
    ).resolves.toMatchObject({ end: 'noRoom' });
    expect(told.length).toBeLessThan(10);
  });

  test.each([
    ['without another queue', batch],
    ['in the on-demand queue itself', { ...spec, queue: 'on-demand' }],
    [
      'in it by its ARN',
      { ...spec, queue: 'on-demand', onDemandQueue: 'arn:aws:batch:us-east-1:1:job-queue/on-demand' },
    ],
  ])('waits for as long as it takes %s', async (_where, where) => {
    const { run, jobs } = scene([{ status: 'RUNNABLE' }]);
    let looks = 0;
    jobs.onDescribe = (jobId) => {
      looks += 1;
      if (looks > 100) jobs.jobs.set(jobId, { ...found(jobs, jobId), steps: [{ status: 'SUCCEEDED' }] });
    };
    await expect(run({}, where)).resolves.toMatchObject({ end: 'done' });
    expect(jobs.terminated).toEqual([]);
  });

  test('submits to the on-demand queue where it is told to', async () => {
    const { jobs, task, stage } = scene();
    const poller = new JobPoller(jobs, 0);
    await runJob({ tasks: [task], batch: spec, onDemand: true }, anEngine(stage), jobs, { poller });
    expect(jobs.submitted).toMatchObject([{ queue: 'on-demand', attempts: 3 }]);
  });

  test('tells each attempt, and what it has saved', async () => {
    const lost = { reason: 'Host EC2 (instance i-1) terminated.', logStream: 'log/1' };
    const { run, jobs, target, task } = scene([
      { status: 'RUNNING' },
      { status: 'RUNNABLE', attempts: [lost] },
      { status: 'RUNNING', attempts: [lost] },
      { status: 'SUCCEEDED', attempts: [lost, { exitCode: 0, logStream: 'log/2' }] },
    ]);
    const parts = target.uploads.get(task.uploadId ?? '')?.parts;
    let looks = 0;
    jobs.onDescribe = () => {
      looks += 1;
      if (looks === 2) parts?.set(1, { number: 1, size: 1_000, etag: 'e', body: bytes.subarray(0, 1_000) });
      if (looks === 4) parts?.set(3, { number: 3, size: 17, etag: 'f', body: bytes.subarray(2_000) });
    };
    await expect(run()).resolves.toMatchObject({
      attempts: [
        { queue: 'spot', ...lost, bytes: 1_000 },
        { queue: 'spot', exitCode: 0, logStream: 'log/2', bytes: 17 },
      ],
    });
  });
});

describe('runJob, after a lost answer to SubmitJob,', () => {
  test('ends the double when the listing shows it, and goes on with the one that is furthest on', async () => {
    const { run, jobs, task } = scene([{ status: 'RUNNABLE' }]);
    jobs.add('lost', jobNameOf({ uploads: [task] }), 'spot', [{ status: 'RUNNING' }]);
    jobs.unseen.add('lost');
    await jobs.describe(['lost']);
    const shown = setTimeout(() => {
      jobs.unseen.clear();
    }, 20);
    jobs.onDescribe = (jobId) => {
      if (jobs.terminated.length > 0) jobs.jobs.set(jobId, { ...found(jobs, jobId), steps: [{ status: 'SUCCEEDED' }] });
    };
    await expect(run({ retried: true })).resolves.toMatchObject({ job: { jobId: 'lost' }, end: 'done', doubles: 1 });
    clearTimeout(shown);
    expect(jobs.terminated).toEqual(['job-1']);
  });

  test('a double is ended in time, however rare the polls are', async () => {
    const { run, jobs, task } = scene([{ status: 'RUNNING' }]);
    jobs.add('lost', jobNameOf({ uploads: [task] }), 'spot', [{ status: 'RUNNABLE' }]);
    jobs.unseen.add('lost');
    const leave = new AbortController();
    const never = new Promise<undefined>(() => undefined);
    const running = run({ retried: true, leave: leave.signal, poller: { next: () => never } });
    setTimeout(() => jobs.unseen.clear(), 20);
    await until('it is ended', () => jobs.terminated.length === 1, { timeoutMs: 5_000, everyMs: 5 });
    leave.abort(new Error('the test is over'));
    await expect(running).rejects.toThrow('the test is over');
  });

  test('a job that is soon over waits for the double', async () => {
    const { run, jobs, task } = scene();
    jobs.add('lost', jobNameOf({ uploads: [task] }), 'spot', [{ status: 'RUNNABLE' }]);
    jobs.unseen.add('lost');
    setTimeout(() => jobs.unseen.clear(), 20);
    await expect(run({ retried: true })).resolves.toMatchObject({ job: { jobId: 'job-1' }, end: 'done', doubles: 1 });
    expect(jobs.terminated).toEqual(['lost']);
  });

  test('a submission that is refused for the number of them is repeated; any other failure is not', async () => {
    const { run, jobs } = scene();
    jobs.refusal = new TransferError('Throttled', 'slow down');
    await expect(run()).resolves.toMatchObject({ end: 'done', doubles: 0 });
    jobs.refusal = new TransferError('Unavailable', 'no answer');
    await expect(run()).rejects.toEqual(failingWith('Unavailable'));
    expect(jobs.submitted).toHaveLength(1);
  });

  test('the time counts from the submission, also for the next attempt', async () => {
    const { run, jobs, task } = scene();
    jobs.add('mine', jobNameOf({ uploads: [task] }), 'spot', [{ status: 'SUCCEEDED' }]);
    const begun = Date.now() - 1_000_000;
    let finds = 0;
    jobs.onFind = () => (finds += 1);
    const last = { jobId: 'mine', begun };
    await expect(run({ retried: true, last, lookAgainMs: 1_000_000 })).resolves.toMatchObject({ end: 'done' });
    expect(finds).toBe(1);
  });

  test('a double is looked for at once where a lost worker has waited long enough', async () => {
    const { run, jobs, task } = scene();
    const name = jobNameOf({ uploads: [task] });
    jobs.add('mine', name, 'spot', [{ status: 'RUNNING' }]);
    jobs.add('lost', name, 'spot', [{ status: 'RUNNABLE' }]);
    jobs.onDescribe = () => {
      if (jobs.terminated.length > 0)
        jobs.jobs.set('mine', { ...found(jobs, 'mine'), steps: [{ status: 'SUCCEEDED' }] });
    };
    const last = { jobId: 'mine', begun: Date.now() - 1_000_000 };
    await expect(run({ last, retried: true, lookAgainMs: 1_000_000 })).resolves.toMatchObject({
      end: 'done',
      doubles: 1,
    });
    expect(jobs.terminated).toEqual(['lost']);
  });

  test('a job whose answer came at once is not waited for, nor looked for twice', async () => {
    const { run, jobs } = scene();
    let finds = 0;
    jobs.onFind = () => (finds += 1);
    await expect(run({ lookAgainMs: 1_000_000 })).resolves.toMatchObject({ end: 'done', doubles: 0 });
    expect(finds).toBe(1);
  });
});

function found({ jobs }: MemoryJobs, jobId: string) {
  const job = jobs.get(jobId);
  if (job === undefined) throw new Error(`No job ${jobId}`);
  return job;
}
