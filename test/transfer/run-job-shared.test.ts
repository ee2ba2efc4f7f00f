/** One job for several objects: found by all of its uploads, told of each, and ended with a word for each. */
import { jobNameOf, jobNamesBegin } from '../../src/transfer/find-job';
import { JobPoller } from '../../src/transfer/job-poller';
import { runJob, type JobProgress, type RunJobOptions } from '../../src/transfer/run-job';
import { aStage, anEngine, aTask, someBytes, withoutWaiting } from './examples';
import { batch } from './job-scene';
import { MemoryJobs } from './memory-jobs';

withoutWaiting();

const share = 'f'.repeat(32);

function scene(steps?: ConstructorParameters<typeof MemoryJobs>[0]) {
  const stage = aStage();
  const bytes = someBytes(2_017);
  const tasks = ['k', 'l', 'm'].map((key) =>
    aTask(stage, key, stage.source.seed(key, bytes), [
      [1_000, 2],
      [17, 1],
    ]),
  );
  const jobs = new MemoryJobs(steps);
  const run = (options: Partial<RunJobOptions> = {}) =>
    runJob({ tasks, share, batch }, anEngine(stage), jobs, {
      poller: new JobPoller(jobs, 0),
      lookAgainMs: 50,
      ...options,
    });
  const store = (i: number) =>
    stage.target.uploads
      .get(tasks[i]?.uploadId ?? '')
      ?.parts.set(1, { number: 1, size: 1_000, etag: 'e', body: bytes.subarray(0, 1_000) });
  return { ...stage, tasks, jobs, run, store };
}

test('is submitted once with all of them, under a name of the group and its uploads', async () => {
  const { run, jobs, tasks } = scene();
  await run();
  const [{ jobName, task } = { jobName: '', task: '' }, ...others] = jobs.submitted;
  expect(others).toEqual([]);
  expect(jobName).toBe(jobNameOf({ share, uploads: tasks }));
  expect(jobName.startsWith(jobNamesBegin(share))).toBe(true);
  expect(jobName).not.toBe(jobNameOf({ share, uploads: tasks.slice(1) }));
  expect(JSON.parse(task)).toMatchObject({ tasks: tasks.map(({ targetKey }) => ({ targetKey })) });
});

test('is found again where its answer was lost', async () => {
  const { run, jobs, tasks } = scene();
  jobs.add('lost', jobNameOf({ share, uploads: tasks }), 'spot', [{ status: 'SUCCEEDED' }]);
  await expect(run({ retried: true })).resolves.toMatchObject({ job: { jobId: 'lost' } });
  expect(jobs.submitted).toEqual([]);
});

test('tells how far each has come, also where the store does not answer for one of them', async () => {
  const running = { status: 'RUNNING' } as const;
  const { run, jobs, target, tasks, store } = scene([running, running, running, running, { status: 'SUCCEEDED' }]);
  const told: JobProgress[] = [];
  target.uploads.delete(tasks[2]?.uploadId ?? '');
  jobs.onDescribe = () => store(1);
  await run({ onProgress: (progress) => told.push(progress) });
  expect(told[0]).toMatchObject({ parts: 0, bytes: 0, each: { k: 0, l: 0, m: 0 } });
  expect(told.at(-1)).toMatchObject({ parts: 1, bytes: 1_000, each: { k: 0, l: 1_000, m: 0 } });
});

test('a later attempt goes on with what was told of each', async () => {
  const { run, jobs, target } = scene();
  target.failNext('listParts', 'Unavailable', 100);
  jobs.add('mine', 'whatever', 'spot', [{ status: 'RUNNING' }, { status: 'SUCCEEDED' }]);
  const told: JobProgress[] = [];
  await run({ last: { jobId: 'mine', each: { k: 1_000, l: 17 } }, onProgress: (progress) => told.push(progress) });
  expect(told[0]).toMatchObject({ bytes: 1_017, each: { k: 1_000, l: 17, m: 0 } });
});

test('one that was replaced is told so, and the others that the job failed', async () => {
  const { run, source } = scene([{ status: 'FAILED', exitCode: 1, statusReason: 'Essential container exited' }]);
  source.seed('l', 'replaced');
  await expect(run()).resolves.toMatchObject({
    end: 'failed',
    failures: [
      { targetKey: 'acme/k', code: 'JobFailed' },
      { targetKey: 'acme/l', code: 'SourceChanged' },
      { targetKey: 'acme/m', code: 'JobFailed' },
    ],
  });
});

test('a reclaimed job is no failure of any, but of one that is gone', async () => {
  const { run, source } = scene([{ status: 'FAILED', statusReason: 'Host EC2 (instance i-1) terminated.' }]);
  source.objects.delete('m');
  await expect(run()).resolves.toMatchObject({
    end: 'reclaimed',
    failures: [{ targetKey: 'acme/m', code: 'SourceGone' }],
  });
});
