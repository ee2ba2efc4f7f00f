/** One Batch job an upload: submitted once, found again, awaited, ended, and its end explained. */
import { TransferError } from '../../src/domain/transfer-error';
import { jobNameOf } from '../../src/transfer/find-job';
import { JobPoller } from '../../src/transfer/job-poller';
import type { JobProgress } from '../../src/transfer/run-job';
import { withoutWaiting } from './examples';
import { batch, bytes, scene } from './job-scene';

withoutWaiting();

describe('runJob', () => {
  test('submits a job with the whole task, and waits until it is over', async () => {
    const { run, jobs, task } = scene([
      { status: 'RUNNABLE' },
      { status: 'RUNNING' },
      { status: 'SUCCEEDED', exitCode: 0 },
    ]);
    await expect(run()).resolves.toMatchObject({ state: 'over', job: { jobId: 'job-1', status: 'SUCCEEDED' } });
    expect(jobs.submitted).toEqual([
      {
        queue: 'spot',
        jobDefinition: 'job',
        jobName: jobNameOf({ uploads: [task] }),
        task: JSON.stringify(task),
        attempts: 3,
      },
    ]);
  });

  test('finds the live job of an attempt whose answer was lost', async () => {
    const { run, jobs, task } = scene();
    jobs.add('lost', jobNameOf({ uploads: [task] }), 'spot', [{ status: 'RUNNING' }, { status: 'SUCCEEDED' }]);
    await expect(run()).resolves.toMatchObject({ state: 'over', job: { jobId: 'lost' } });
    expect(jobs.submitted).toEqual([]);
  });

  test('looks in the on-demand queue as well', async () => {
    const { run, jobs, task } = scene();
    jobs.add('dear', jobNameOf({ uploads: [task] }), 'on-demand', [{ status: 'SUCCEEDED' }]);
    await expect(run({}, { ...batch, onDemandQueue: 'on-demand' })).resolves.toMatchObject({ job: { jobId: 'dear' } });
    expect(jobs.submitted).toEqual([]);
  });

  test('does not take a job of another upload, or one that is over', async () => {
    const { run, jobs, task } = scene();
    jobs.add('other', jobNameOf({ uploads: [{ ...task, uploadId: 'other' }] }), 'spot', [{ status: 'RUNNING' }]);
    jobs.add('over', jobNameOf({ uploads: [task] }), 'spot', [{ status: 'SUCCEEDED' }]);
    await jobs.describe(['over']);
    await expect(run()).resolves.toMatchObject({ job: { jobId: 'job-1' } });
  });

  test('attaches to the job that it is told of, without looking for others', async () => {
    const { run, jobs } = scene();
    jobs.add('mine', 'whatever', 'spot', [{ status: 'RUNNING' }, { status: 'SUCCEEDED' }]);
    await expect(run({ last: { jobId: 'mine' } })).resolves.toMatchObject({ job: { jobId: 'mine' } });
    expect(jobs.submitted).toEqual([]);
  });

  test('submits anew where Batch has forgotten the job that it is told of', async () => {
    const { run, jobs } = scene();
    await expect(run({ last: { jobId: 'forgotten' } })).resolves.toMatchObject({ job: { jobId: 'job-1' } });
    expect(jobs.submitted).toHaveLength(1);
  });

  test('tells how far the upload has come, as the store shows it', async () => {
    const { run, jobs, target, task } = scene([
      { status: 'RUNNING' },
      { status: 'RUNNING' },
      { status: 'RUNNING' },
      { status: 'SUCCEEDED' },
    ]);
    const told: JobProgress[] = [];
    const parts = target.uploads.get(task.uploadId ?? '')?.parts;
    jobs.onDescribe = () => parts?.set(1, { number: 1, size: 1_000, etag: 'e', body: bytes.subarray(0, 1_000) });
    await run({ onProgress: (progress) => told.push(progress) });
    expect(told[0]).toMatchObject({
      jobId: 'job-1',
      queue: 'spot',
      status: 'SUBMITTED',
      attempts: [],
      begun: expect.any(Number),
      parts: 0,
      bytes: 0,
    });
    expect(told.at(-1)).toMatchObject({
      jobId: 'job-1',
      queue: 'spot',
      status: 'SUCCEEDED',
      attempts: [],
      parts: 1,
      bytes: 1_000,
    });
  });

  test('goes on while the store does not answer: progress is for people', async () => {
    const { run, target } = scene();
    target.failNext('listParts', 'Unavailable', 100);
    await expect(run()).resolves.toMatchObject({ state: 'over' });
  });

  test('looks again where Batch did not answer', async () => {
    const { run, jobs } = scene();
    jobs.onDescribe = () => {
      jobs.onDescribe = () => undefined;
      jobs.refusal = new TransferError('Throttled', 'slow down');
    };
    await expect(run()).resolves.toMatchObject({ state: 'over' });
  });

  test('a stop terminates the job, waits until it is over, and is no failure', async () => {
    const { run, jobs } = scene([{ status: 'RUNNING' }]);
    const stop = new AbortController();
    let looks = 0;
    jobs.onDescribe = () => {
      looks += 1;
      if (looks === 3) stop.abort();
    };
    await expect(run({ stop: stop.signal })).resolves.toMatchObject({ state: 'stopped', job: { status: 'FAILED' } });
    expect(jobs.terminated).toEqual(['job-1']);
  });

  test('a stop does not wait for the next poll', async () => {
    const { run, jobs } = scene([{ status: 'RUNNING' }]);
    const stop = new AbortController();
    const begun = Date.now();
    let terminatedAfter = Infinity;
    const terminate = jobs.terminate.bind(jobs);
    jobs.terminate = (...args) => {
      terminatedAfter = Date.now() - begun;
      return terminate(...args);
    };
    setTimeout(() => stop.abort(), 10);
    await run({ stop: stop.signal, poller: new JobPoller(jobs, 600) });
    expect(terminatedAfter).toBeLessThan(500);
  });
});

describe('runJob, the job having failed,', () => {
  test.each([
    ['interrupted: its parts are kept', 'interrupted', { exitCode: 75 }],
    ['with its host reclaimed', 'reclaimed', { statusReason: 'Host EC2 (instance i-1) terminated.' }],
  ])('is over when it was %s', async (_name, end, facts) => {
    const { run } = scene([{ status: 'FAILED', ...facts }]);
    await expect(run()).resolves.toMatchObject({ state: 'over', end, job: { status: 'FAILED' } });
  });

  test('names job, reason, exit code and log', async () => {
    const { run } = scene([
      { status: 'FAILED', exitCode: 1, statusReason: 'Essential container exited', logStream: 'log/1' },
    ]);
    await expect(run()).resolves.toMatchObject({
      end: 'failed',
      failures: [
        {
          targetKey: 'acme/k',
          code: 'JobFailed',
          message: 'Batch job job-1, log stream log/1 failed: Essential container exited (exit code 1)',
        },
      ],
    });
  });

  test.each([
    ['for a task that its image does not understand', 64, 'JobNotUnderstood'],
    ['for want of memory', 137, 'JobFailed'],
    ['without an exit code', undefined, 'JobFailed'],
  ] as const)('fails %s', async (_name, exitCode, code) => {
    const { run } = scene([{ status: 'FAILED', ...(exitCode === undefined ? {} : { exitCode }) }]);
    await expect(run()).resolves.toMatchObject({ state: 'over', failures: [{ code }] });
  });

  test.each([1, 64, 75])(
    'looks at the source first: replaced is SourceChanged, whatever the exit code (%s)',
    async (exitCode) => {
      const { run, source } = scene([{ status: 'FAILED', exitCode }]);
      source.seed('k', 'replaced');
      await expect(run()).resolves.toMatchObject({ failures: [{ code: 'SourceChanged' }] });
    },
  );

  test('looks at the source first: deleted is SourceGone', async () => {
    const { run, source } = scene([{ status: 'FAILED', exitCode: 1 }]);
    source.objects.clear();
    await expect(run()).resolves.toMatchObject({ failures: [{ code: 'SourceGone' }] });
  });

  test('takes a job that Batch no longer knows for one that failed', async () => {
    const { run, jobs } = scene([{ status: 'RUNNING' }]);
    let looks = 0;
    jobs.onDescribe = () => {
      looks += 1;
      if (looks === 2) jobs.jobs.clear();
    };
    await expect(run()).resolves.toMatchObject({
      failures: [{ code: 'JobFailed', message: expect.stringContaining('no longer knows') as string }],
    });
  });
});

test('a job’s name is fit for Batch, and is of one key and one upload', () => {
  const { task } = scene();
  const name = jobNameOf({ uploads: [task] });
  expect(name).toMatch(/^[a-zA-Z0-9_-]{1,128}$/);
  expect(jobNameOf({ uploads: [{ ...task, targetKey: 'ü/\u{1f600}' }] })).toMatch(/^[a-zA-Z0-9_-]{1,128}$/);
  expect(
    new Set([
      name,
      jobNameOf({ uploads: [{ ...task, targetKey: 'x' }] }),
      jobNameOf({ uploads: [{ ...task, uploadId: 'x' }] }),
    ]).size,
  ).toBe(3);
  const other = { ...task, run: 'other' };
  expect(jobNameOf({ uploads: [other] })).toBe(name);
});
