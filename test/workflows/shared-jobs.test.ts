/** Large objects that share Batch jobs in one child: one job for all that may go, and each with a fate of its own. */
import type { JobOutcome } from '../../src/activities/control-activities';
import type { CopyTask } from '../../src/domain/copy-task';
import type { SharedJobSpec } from '../../src/domain/work';
import { holdsSignal, laneReportQuery, pauseSignal } from '../../src/workflows/messages';
import type { SharedJobResult } from '../../src/workflows/objects-sharing-jobs';
import {
  aJob,
  anObject,
  aTask,
  copiedLine,
  found,
  GROUP,
  refusal,
  RUN,
  skippedLine,
  type Activities,
} from './support/examples';
import { Gate, openedBeforeStop, until } from './support/gate';
import { statusOf } from './support/outcome';
import { useStage, type Play } from './support/stage';

const stage = useStage();

const spec = { queue: 'spot', jobDefinition: 'job', reclaimsBeforeOnDemand: 2, runnableDeadlineMs: 1 };
const batch = { ...spec, bytesPerJob: 1_000_000_000 };

function aJobOf(...keys: string[]): SharedJobSpec {
  return { id: 'shared', group: GROUP, objects: keys.map((key) => anObject(key, { route: 'batch' })) };
}

function start(play: Play, job: SharedJobSpec, changes: object = {}) {
  const input = { transfer: play.transfer, run: RUN, job, force: false, holds: [], ...changes };
  return play.start('transferPack', `${play.id}/p/${job.id}`, input);
}

/** What each job was told to move. */
const jobsOf = (play: Play) => play.calls('runBatchJob').map(({ tasks }) => tasks.map(nameOf));
const nameOf = ({ targetKey }: CopyTask) => targetKey.replace('out/', '');

function failed(
  { tasks }: { readonly tasks: readonly CopyTask[] },
  code: 'JobFailed' | 'SourceChanged' = 'JobFailed',
): JobOutcome {
  return { ...aJob('failed'), failures: tasks.map(({ targetKey }) => ({ targetKey, code, message: 'it failed' })) };
}

/** What these of a job have missing is never stored. */
const neverStored =
  (...names: string[]): Activities['sealTransfer'] =>
  ({ seal: { task } }) =>
    names.includes(nameOf(task))
      ? { kind: 'incomplete', parts: 9, missing: 9 }
      : { kind: 'sealed', line: copiedLine(task) };

test('all go by one job, and each is opened and sealed by itself', async () => {
  const play = stage.play({}, { batch });
  const handle = await start(play, aJobOf('a', 'b', 'c'));
  await expect(handle.result()).resolves.toMatchObject({ counters: { copied: 3 }, changing: [], failures: [] });
  expect(play.calls('openTransfer')).toHaveLength(3);
  expect(jobsOf(play).map((names) => [...names].sort())).toEqual([['a', 'b', 'c']]);
  expect(play.calls('runBatchJob')).toMatchObject([{ share: 'shared' }]);
  expect(play.calls('sealTransfer')).toHaveLength(3);
  expect(play.calls('abortTransfer')).toEqual([]);
});

test('one with nothing to do is not waited for', async () => {
  const play: Play = stage.play(
    {
      openTransfer: ({ object }) =>
        object.key === 'in/a'
          ? { kind: 'done', line: skippedLine(object) }
          : { kind: 'open', reason: 'missing', task: aTask(play.transfer, object, object.key) },
    },
    { batch },
  );
  const handle = await start(play, aJobOf('a', 'b', 'c'));
  await expect(handle.result()).resolves.toMatchObject({ counters: { copied: 2, skipped: 1 } });
  expect(jobsOf(play)).toHaveLength(1);
});

test('one that fails leaves the others done, and does not make them try again', async () => {
  const play = stage.play({ runBatchJob: failed, sealTransfer: neverStored('bad') }, { batch });
  const handle = await start(play, aJobOf('good', 'bad', 'better'));
  const { counters, failures } = (await handle.result()) as SharedJobResult;
  expect(counters).toMatchObject({ copied: 2, failed: 1 });
  expect(failures).toMatchObject([{ code: 'JobFailed' }]);
  expect(play.calls('recordFailure')).toMatchObject([{ line: { key: 'in/bad', code: 'JobFailed' } }]);
  // The rounds that bring it nothing are its own.
  expect(jobsOf(play).slice(1)).toEqual([['bad'], ['bad'], ['bad']]);
  const [abort, ...more] = play.calls('abortTransfer');
  expect(more).toEqual([]);
  expect(abort).toMatchObject({ targetKey: 'out/bad', shared: { share: 'shared' } });
  expect(abort?.shared?.uploads?.map(({ targetKey }) => targetKey)).toContain('out/bad');
});

test('those that one job takes nowhere go on without each other: one may be what ends it', async () => {
  const seals = new Map<string, number>();
  const play = stage.play(
    {
      runBatchJob: failed,
      // Nothing is stored until a job of its own.
      sealTransfer: ({ seal: { task } }) => {
        const rounds = (seals.get(nameOf(task)) ?? 0) + 1;
        seals.set(nameOf(task), rounds);
        return rounds > 2 ? { kind: 'sealed', line: copiedLine(task) } : { kind: 'incomplete', parts: 9, missing: 9 };
      },
    },
    { batch },
  );
  const handle = await start(play, aJobOf('a', 'b'));
  await expect(handle.result()).resolves.toMatchObject({ counters: { copied: 2 } });
  const [first, second, ...alone] = jobsOf(play);
  expect([first, second].map((names) => names?.length)).toEqual([2, 2]);
  expect(alone.map((names) => names.length)).toEqual([1, 1]);
});

test('one that was replaced is opened anew, and the others are not', async () => {
  let jobs = 0;
  const play = stage.play(
    {
      runBatchJob: (input) => {
        jobs += 1;
        if (jobs > 1) return aJob();
        return failed({ tasks: input.tasks.filter((task) => nameOf(task) === 'a') }, 'SourceChanged');
      },
    },
    { batch },
  );
  const handle = await start(play, aJobOf('a', 'b'));
  await expect(handle.result()).resolves.toMatchObject({ counters: { copied: 2 } });
  expect(
    play
      .calls('openTransfer')
      .map(({ object: { key } }) => key)
      .sort(),
  ).toEqual(['in/a', 'in/a', 'in/b']);
  expect(jobsOf(play)[1]).toEqual(['a']);
  expect(play.calls('abortTransfer')).toMatchObject([{ targetKey: 'out/a' }]);
});

test('a reclaimed job is followed by one on demand, of all that have something missing', async () => {
  const ends = [aJob('reclaimed'), aJob()];
  let seals = 0;
  const play = stage.play(
    {
      runBatchJob: () => ends.shift() ?? aJob(),
      sealTransfer: ({ seal: { task } }) => {
        seals += 1;
        return seals <= 2 && nameOf(task) !== 'c' ? { kind: 'incomplete', parts: 9, missing: 9 } : { kind: 'sealed', line: copiedLine(task) }; // prettier-ignore
      },
    },
    { batch: { ...batch, onDemandQueue: 'on-demand' } },
  );
  const handle = await start(play, aJobOf('a', 'b'));
  await expect(handle.result()).resolves.toMatchObject({ counters: { copied: 2 } });
  expect(play.calls('runBatchJob').map(({ onDemand, tasks }) => [onDemand, tasks.length])).toEqual([
    [false, 2],
    [true, 2],
  ]);
});

test('a hold on one ends the job; the others go on without it, and it follows when it is released', async () => {
  const gate = new Gate();
  let jobs = 0;
  const play = stage.play(
    {
      runBatchJob: async () => {
        jobs += 1;
        if (jobs > 1) return aJob();
        return aJob((await openedBeforeStop(gate)) ? 'done' : 'stopped');
      },
    },
    { batch },
  );
  const handle = await start(play, aJobOf('a', 'h/b', 'c'));
  await until('the job runs', () => jobs === 1);
  await handle.signal(holdsSignal, ['h/']);
  await until('the others are done', () => play.calls('sealTransfer').length === 2);
  expect(jobsOf(play)[1]?.toSorted()).toEqual(['a', 'c']);
  await handle.signal(holdsSignal, []);
  await expect(handle.result()).resolves.toMatchObject({ counters: { copied: 3 } });
  expect(jobsOf(play).slice(2)).toEqual([['h/b']]);
  expect(play.calls('openTransfer')).toHaveLength(3);
});

test('a cancel ends the job first, and then every upload', async () => {
  const never = new Gate();
  const stopped: number[] = [];
  const play: Play = stage.play(
    {
      runBatchJob: async () => {
        await openedBeforeStop(never);
        stopped.push(play.calls('abortTransfer').length);
        return aJob('stopped');
      },
    },
    { batch },
  );
  const handle = await start(play, aJobOf('a', 'b'));
  await until('the job runs', () => play.calls('runBatchJob').length === 1);
  await handle.cancel();
  expect(await statusOf(handle)).toBe('CANCELLED');
  expect(stopped).toEqual([0]);
  const aborts = play.calls('abortTransfer');
  expect(aborts.map(({ targetKey }) => targetKey).sort()).toEqual(['out/a', 'out/b']);
  expect(aborts.map(({ uploadId }) => uploadId).sort()).toEqual(['upload-1', 'upload-2']);
});

test('credentials refused within one are asked about, and what all share goes on when they work', async () => {
  let jobs = 0;
  const play = stage.play(
    {
      scanRange: () => found({ jobs: [aJobOf('a', 'b')] }),
      runBatchJob: () => {
        jobs += 1;
        if (jobs === 1) throw refusal('CredentialsRefused');
        return aJob();
      },
    },
    { batch, limits: { lanes: 1, objectsPerLane: 4 } },
  );
  await expect((await play.run()).result()).resolves.toMatchObject({ copied: 2, failed: 0 });
});

test('a lane starts them as one child, counts each, and reports each of one that was ended by hand', async () => {
  const never = new Gate();
  const lost = { ...aJobOf('x', 'y'), id: 'lost' };
  const play = stage.play(
    {
      scanRange: () => found({ jobs: [aJobOf('a', 'b', 'c'), lost], counters: { listed: 5 } }),
      runBatchJob: async ({ share }) => (share === 'lost' && (await openedBeforeStop(never)) ? aJob() : aJob()),
    },
    { batch, limits: { lanes: 1, objectsPerLane: 4 } },
  );
  const run = await play.run();
  await until('both jobs run', () => play.calls('runBatchJob').length === 2);
  await play.handle('/p/lost').terminate('by hand');
  await expect(run.result()).resolves.toMatchObject({ listed: 5, copied: 3, failed: 2 });
  expect(play.calls('recordFailure').map(({ line: { key } }) => key)).toEqual(['in/x', 'in/y']);
  expect(play.calls('abortTransfer')).toMatchObject([{ shared: { share: 'lost' } }, { shared: { share: 'lost' } }]);
});

test('those that have ended count at once, though a hold keeps another; what is lost then is the other alone', async () => {
  const gate = new Gate();
  const play = stage.play(
    {
      scanRange: () => found({ jobs: [aJobOf('a', 'h/b', 'c')], counters: { listed: 3 } }),
      runBatchJob: async ({ tasks }) => (tasks.length < 3 || (await openedBeforeStop(gate)) ? aJob() : aJob('stopped')),
    },
    { batch, limits: { lanes: 1, objectsPerLane: 4 } },
  );
  const run = await play.run();
  await until('the job runs', () => play.calls('runBatchJob').length === 1);
  await run.signal(pauseSignal, { prefix: 'h/' });
  const counters = async () => (await play.handle('/r/main').query(laneReportQuery)).counters;
  await until('two are counted', async () => (await counters()).copied === 2);
  await play.handle('/p/shared').terminate('by hand');
  await expect(run.result()).resolves.toMatchObject({ listed: 3, copied: 2, failed: 1 });
  expect(play.calls('recordFailure').map(({ line: { key } }) => key)).toEqual(['in/h/b']);
});
