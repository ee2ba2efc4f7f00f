/** The deletes of a run: when they are done, and what comes before them. */
import type { DeletesResult } from '../../src/domain/deletes';
import { pauseSignal, rerunSignal, resumeSignal } from '../../src/workflows/messages';
import { deletedAll, lanes, order, playDeletes, summaryOf } from './support/deletes';
import { anObject, found, refusal, toDelete, type Activities } from './support/examples';
import { Gate, openedBeforeStop, pause, until } from './support/gate';
import { inState, Key, progress } from './support/key';
import { failureOf, statusOf } from './support/outcome';
import { useStage, type Play } from './support/stage';

const stage = useStage();

const play = (activities: Partial<Activities> = {}) => playDeletes(stage, activities);

test('a transfer that does not propagate deletes looks for none', async () => {
  const plain = stage.play();
  const result = await (await plain.run()).result();
  expect(order(plain)).toEqual(['scanRange', 'finishRun']);
  expect(result).not.toHaveProperty('deletes');
});

test('what is found is deleted when the lanes are over, and is counted in result and summary', async () => {
  const run = play({
    scanRange: () => found({ counters: { listed: 5, skipped: 5 } }),
    findDeletes: () => toDelete(2, { kept: { notOurs: 3 } }),
    deleteObjects: () => ({ complete: true, deleted: 1, failed: 0, kept: { changed: 1 } }),
  });
  const handle = await run.run();
  const result: unknown = await handle.result();
  expect(order(run)).toEqual(['scanRange', 'findDeletes', 'deleteObjects', 'finishRun']);
  const { firstExecutionRunId: id } = handle;
  const [round] = run.calls('findDeletes');
  expect(round).toMatchObject({ transfer: run.transfer, run: { id, mark: id }, lane: 'deletes-0-1' });
  expect(run.calls('deleteObjects')).toEqual([{ ...round, lists: 1, digest: 'digest of 2' }]);
  const deletes: DeletesResult = {
    done: true,
    found: { count: 2, digest: 'digest of 2' },
    kept: { notOurs: 3, changed: 1 },
  };
  expect(result).toMatchObject({ listed: 5, skipped: 5, failed: 0, deleted: 1, deletes });
  expect(summaryOf(run)).toMatchObject({ outcome: 'completed', deleted: 1, deletes });
});

test('where nothing is found, nothing more is begun', async () => {
  const run = play();
  await expect((await run.run()).result()).resolves.toMatchObject({ deleted: 0, deletes: { done: true } });
  expect(order(run)).toEqual(['scanRange', 'findDeletes', 'finishRun']);
});

describe('nothing is looked for', () => {
  test('by a run of a prefix', async () => {
    const run = play();
    const result = await (await run.run({ run: { prefix: 'a/' } })).result();
    expect(result).toMatchObject({ deletes: { done: false, message: 'Nothing was deleted: the run has looked at "a/" alone' } }); // prettier-ignore
    expect(order(run)).toEqual(['scanRange', 'finishRun']);
  });

  test('where an object has failed, be it in a rerun', async () => {
    const run = play({
      scanRange: ({ lane }) => found({ counters: lane === 'main' ? {} : { listed: 1, failed: 1 } }),
    });
    const handle = await run.run();
    await handle.signal(rerunSignal, { prefix: 'a/', force: true });
    const { deletes } = (await handle.result()) as { deletes: DeletesResult };
    expect(deletes).toMatchObject({
      done: false,
      message: expect.stringContaining('1 objects of the run have failed'),
    });
    expect(run.calls('findDeletes')).toEqual([]);
  });

  test('while a lane is at work', async () => {
    const gate = new Gate();
    const run = play({
      scanRange: async ({ lane }) => {
        if (lane !== 'main') await gate.opened;
        return found();
      },
    });
    const handle = await run.run();
    await handle.signal(rerunSignal, { prefix: 'a/', force: true });
    await until('both lanes scan', () => run.calls('scanRange').length === 2);
    await pause();
    expect(run.calls('findDeletes')).toEqual([]);
    gate.open();
    await handle.result();
    expect(lanes(run)).toEqual(['deletes-1-1']);
  });
});

describe('in the middle of its deletes', () => {
  test('a pause stops them, and after it what is left is found anew; what was done counts', async () => {
    const sizes = [2, 1];
    const run: Play = play({
      findDeletes: () => toDelete(sizes.shift() ?? 0),
      deleteObjects: async () => {
        if (run.calls('deleteObjects').length > 1) return deletedAll(1);
        await openedBeforeStop(new Gate());
        return { complete: false, deleted: 1, failed: 0, kept: {} };
      },
    });
    const handle = await run.run();
    await until('it deletes', () => run.calls('deleteObjects').length === 1);
    await handle.signal(pauseSignal);
    await inState(run, 'paused');
    await until('what was done is counted', async () => (await progress(run)).counters.deleted === 1);
    await handle.signal(resumeSignal);
    await expect(handle.result()).resolves.toMatchObject({ deleted: 2, deletes: { done: true, found: { count: 1 } } });
  });

  test('a cancel stops them, and what was done is in the summary', async () => {
    const run: Play = play({
      findDeletes: () => toDelete(2),
      deleteObjects: async () => {
        await openedBeforeStop(new Gate());
        await pause(300);
        return { complete: false, deleted: 1, failed: 0, kept: {} };
      },
    });
    const handle = await run.run();
    await until('it deletes', () => run.calls('deleteObjects').length === 1);
    await handle.cancel();
    expect(await statusOf(handle)).toBe('CANCELLED');
    expect(summaryOf(run)).toMatchObject({ outcome: 'cancelled', deleted: 1, deletes: { done: false } });
    expect(run.calls('deleteObjects')).toHaveLength(1);
  });

  test('an object that cannot be deleted is one that has failed', async () => {
    const run = play({
      scanRange: () => found({ counters: { listed: 1, skipped: 1 } }),
      findDeletes: () => toDelete(2),
      deleteObjects: () => ({ complete: true, deleted: 1, failed: 1, kept: {} }),
    });
    await expect((await run.run()).result()).resolves.toMatchObject({
      listed: 2,
      skipped: 1,
      deleted: 1,
      failed: 1,
      deletes: { done: false },
    });
  });

  test('what ends them for every object ends the run', async () => {
    const run = play({
      findDeletes: () => toDelete(2),
      deleteObjects: () => ({
        complete: false,
        deleted: 1,
        failed: 0,
        kept: {},
        failure: { code: 'NoSuchBucket', message: 'gone' },
      }),
    });
    const handle = await run.run();
    expect(await failureOf(handle)).toEqual({ code: 'NoSuchBucket', message: 'gone' });
    expect(summaryOf(run)).toMatchObject({ outcome: 'failed', message: 'gone', deleted: 1 });
  });

  test('a store whose listing is out of order fails the run with its sentence', async () => {
    const run = play({
      findDeletes: () => {
        throw refusal('InvalidConfiguration', 'The bucket theirs does not list in UTF-8 byte order');
      },
    });
    expect(await failureOf(await run.run())).toMatchObject({ code: 'InvalidConfiguration' });
  });

  test.each(['findDeletes', 'deleteObjects'] as const)(
    'a key that is refused in %s parks the run, and with a new one it looks anew',
    async (where) => {
      const key = new Key();
      const run: Play = play({
        canary: key.canary,
        findDeletes: () => {
          if (where === 'findDeletes') key.check();
          return toDelete(run.calls('deleteObjects').length > 0 ? 1 : 2);
        },
        deleteObjects: () => {
          if (where === 'findDeletes' || key.works) return deletedAll(where === 'findDeletes' ? 2 : 1);
          const failure = { code: 'CredentialsRefused', message: 'source: the key is refused' };
          return { complete: false, deleted: 1, failed: 0, kept: {}, failure };
        },
      });
      const handle = await run.run();
      await inState(run, 'parked');
      key.works = true;
      await handle.signal(resumeSignal);
      await expect(handle.result()).resolves.toMatchObject({ deleted: 2, failed: 0, deletes: { done: true } });
    },
  );
});

test('a hold that is there when the lanes are over is waited for', async () => {
  const gate = new Gate();
  const run = play({
    scanRange: async () => {
      await gate.opened;
      return found({ objects: [anObject('a')] });
    },
    findDeletes: () => toDelete(1),
  });
  const handle = await run.run();
  await handle.signal(pauseSignal, { prefix: 'nothing-there/' });
  gate.open();
  await inState(run, 'paused');
  await pause();
  expect(run.calls('findDeletes')).toEqual([]);
  await handle.signal(resumeSignal);
  await expect(handle.result()).resolves.toMatchObject({ copied: 1, deleted: 1 });
});
