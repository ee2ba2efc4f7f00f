/** A job under a limit of bandwidth: its share is fixed when it is submitted, and given back when it is over. */
import { TransferError } from '../../src/domain/transfer-error';
import type { Bandwidth, JobShareRequest } from '../../src/transfer/bandwidth';
import { JobPoller } from '../../src/transfer/job-poller';
import { runJob, type JobProgress, type RunJobOptions } from '../../src/transfer/run-job';
import { OPEN_GATE } from '../../src/transfer/send-gate';
import { anEngine, failingWith, withoutWaiting } from './examples';
import { batch, scene } from './job-scene';

withoutWaiting();

describe('runJob, under a limit of bandwidth,', () => {
  /** Gives every job the same share, and notes what becomes of it. */
  function sharing(rate: number | undefined, room = Promise.resolve()) {
    const asked: JobShareRequest[] = [];
    const told: (string | boolean)[] = [];
    const bandwidth: Bandwidth = {
      gate: () => OPEN_GATE,
      async job(_limit, request) {
        asked.push(request);
        const stopped = new Promise<never>((_resolve, reject) => {
          request.stop?.addEventListener('abort', () => reject(request.stop?.reason as Error));
        });
        await Promise.race([room, stopped]);
        return {
          ...(rate === undefined ? {} : { rate }),
          moves: (yes) => told.push(yes),
          end: () => told.push('end'),
        };
      },
    };
    return { bandwidth, asked, told };
  }

  function limited(rate: number | undefined, room?: Promise<void>) {
    const stage = scene([{ status: 'RUNNABLE' }, { status: 'RUNNING' }, { status: 'SUCCEEDED', exitCode: 0 }]);
    const shares = sharing(rate, room);
    const task = { ...stage.task, limit: { transfer: 'acme-daily', bandwidth: 100 } };
    const run = (options: Partial<RunJobOptions> = {}) =>
      runJob({ tasks: [task], batch }, anEngine(stage.stage, { bandwidth: shares.bandwidth }), stage.jobs, {
        poller: new JobPoller(stage.jobs, 0),
        lookAgainMs: 50,
        ...options,
      });
    return { ...stage, ...shares, task, run };
  }

  test.each([
    ['its share', 25, { bandwidth: 25 }],
    ['no share where there is no limit now', undefined, {}],
  ])('tells the job %s, in place of what the configuration says', async (_name, rate, expected) => {
    const { run, jobs, task } = limited(rate);
    await run();
    expect(JSON.parse(jobs.submitted[0]?.task ?? '')).toEqual({
      ...task,
      limit: { transfer: 'acme-daily', ...expected },
    });
  });

  test('says when the job moves bytes, and when it is over', async () => {
    const { run, told } = limited(25);
    await run();
    expect(told).toEqual([false, false, true, 'end']);
  });

  test('tells the next attempt of the share, which then takes it as it is', async () => {
    const { run, asked, jobs } = limited(25);
    const progress: JobProgress[] = [];
    await run({ onProgress: (now) => progress.push(now) });
    expect(progress.at(-1)).toMatchObject({ jobId: 'job-1', bandwidth: 25 });
    jobs.add('mine', 'whatever', 'spot', [{ status: 'RUNNING' }, { status: 'SUCCEEDED' }]);
    await run({ last: { jobId: 'mine', bandwidth: 25 } });
    expect(asked.map(({ given }) => given)).toEqual([undefined, { rate: 25 }]);
  });

  test('a stop while it waits for its share submits nothing, and is no failure', async () => {
    const { run, jobs } = limited(25, new Promise(() => undefined));
    const stop = new AbortController();
    const stopped = run({ stop: stop.signal });
    setTimeout(() => stop.abort(new Error('paused')), 5);
    await expect(stopped).resolves.toMatchObject({ state: 'stopped' });
    expect(jobs.submitted).toEqual([]);
  });

  test('a worker that leaves while it waits throws, for another to wait', async () => {
    const { run } = limited(25, new Promise(() => undefined));
    const leave = new AbortController();
    const left = run({ stop: new AbortController().signal, leave: leave.signal });
    setTimeout(() => leave.abort(new Error('shutting down')), 5);
    await expect(left).rejects.toThrow('shutting down');
  });

  test('a share is given back where the job cannot be submitted', async () => {
    const { run, jobs, told } = limited(25);
    jobs.submit = () => Promise.reject(new TransferError('AccessDenied', 'no'));
    await expect(run()).rejects.toEqual(failingWith('AccessDenied'));
    expect(told).toEqual(['end']);
  });
});
