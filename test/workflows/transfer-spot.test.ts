/** A large object whose Spot hosts are taken away, or which finds no room: the on-demand queue, without spending its tries. */
import type { SealResult } from '../../src/transfer/seal-transfer';
import { aJob, anObject, copiedLine, objectInput, type Activities } from './support/examples';
import { failureOf } from './support/outcome';
import { useStage, type Play } from './support/stage';

const stage = useStage();

const batch = { queue: 'spot', jobDefinition: 'job', reclaimsBeforeOnDemand: 2, runnableDeadlineMs: 1, bytesPerJob: 0 };
const withOnDemand = { batch: { ...batch, onDemandQueue: 'on-demand' } };

function start(play: Play) {
  return play.start('transferObject', `${play.id}/o/k`, objectInput(play.transfer, { object: anObject('k', { route: 'batch' }) })); // prettier-ignore
}

/** So many parts are missing at each seal, until it holds. */
function sealing(...missing: number[]): Pick<Activities, 'sealTransfer'> {
  return {
    sealTransfer({ seal: { task } }): SealResult {
      const next = missing.shift();
      return next === undefined
        ? { kind: 'sealed', line: copiedLine(task) }
        : { kind: 'incomplete', parts: 10, missing: next };
    },
  };
}

const queues = (play: Play) =>
  play.calls('runBatchJob').map(({ onDemand }) => (onDemand === true ? 'on-demand' : 'spot'));

test.each(['reclaimed', 'interrupted', 'noRoom'] as const)(
  'a job that ended %s is followed by one on demand',
  async (end) => {
    const ends = [aJob(end), aJob()];
    const play = stage.play({ ...sealing(5), runBatchJob: () => ends.shift() ?? aJob() }, withOnDemand);
    await expect((await start(play)).result()).resolves.toMatchObject({ outcome: 'copied' });
    expect(queues(play)).toEqual(['spot', 'on-demand']);
    expect(play.calls('openTransfer')).toHaveLength(1);
    expect(play.calls('abortTransfer')).toEqual([]);
  },
);

test('without an on-demand queue Spot is tried for as long as it takes, and nothing is given up', async () => {
  const play = stage.play({ ...sealing(9, 9, 9, 9, 9, 9), runBatchJob: () => aJob('reclaimed') }, { batch });
  await expect((await start(play)).result()).resolves.toMatchObject({ outcome: 'copied' });
  expect(queues(play)).toEqual(['spot', 'spot', 'spot', 'spot', 'spot', 'spot', 'spot']);
});

test('rounds that are interrupted without a part are counted: something else is wrong', async () => {
  const play = stage.play({ ...sealing(9, 9, 9, 9, 9), runBatchJob: () => aJob('interrupted') }, withOnDemand);
  expect(await failureOf(await start(play))).toMatchObject({ code: 'NoProgress' });
  expect(queues(play)).toEqual(['spot', 'on-demand', 'on-demand', 'on-demand']);
});

test('a job that fails is followed by one of the same queue', async () => {
  let jobs = 0;
  const play = stage.play(
    {
      ...sealing(5),
      runBatchJob: ({ tasks: [task] }) => {
        jobs += 1;
        if (jobs > 1) return aJob();
        const { targetKey = '' } = task ?? {};
        return { ...aJob('failed'), failures: [{ targetKey, code: 'JobFailed', message: 'out of memory' }] };
      },
    },
    withOnDemand,
  );
  await expect((await start(play)).result()).resolves.toMatchObject({ outcome: 'copied' });
  expect(queues(play)).toEqual(['spot', 'spot']);
});
