/** What a Schedule starts: a run of the transfer, or the wait for the one that is there. */
import { awaitWorkflow } from '../../src/workers/await-workflow';
import { rerunSignal } from '../../src/workflows/messages';
import { found, refusal } from './support/examples';
import { Gate, pause, until } from './support/gate';
import { failureOf } from './support/outcome';
import { useStage, type Play } from './support/stage';

const stage = useStage();

const schedule = (play: Play, moment: number) =>
  play.start('scheduledTransfer', `${play.id}-scheduled-${moment}`, { name: play.transfer.name });

test('it starts the transfer under the id that signals are sent to, and waits for its end', async () => {
  const gate = new Gate();
  const play = stage.play({
    scanRange: async () => {
      await gate.opened;
      return found({ counters: { listed: 1, skipped: 1 } });
    },
  });
  const handle = await schedule(play, 1);
  await until('the run scans', () => play.calls('scanRange').length === 1);
  await play.handle().signal(rerunSignal, { prefix: 'a/' });
  await pause();
  expect((await handle.describe()).status.name).toBe('RUNNING');
  gate.open();
  await expect(handle.result()).resolves.toEqual({ workflowId: play.id, joined: false });
  await expect(play.handle().result()).resolves.toMatchObject({ listed: 2, skipped: 2 });
});

test('it joins the run that is there, starts none beside it, and ends after it', async () => {
  const gate = new Gate();
  const ends: string[] = [];
  const play: Play = stage.play({
    scanRange: async () => {
      await gate.opened;
      return found();
    },
    finishRun: () => void ends.push('run'),
    awaitTransfer: ({ workflowId }) => awaitWorkflow(stage.client, workflowId),
  });
  const run = await play.run();
  await until('the run scans', () => play.calls('scanRange').length === 1);
  const handle = await schedule(play, 1);
  const joined = handle.result().finally(() => ends.push('schedule'));
  await until('it waits', () => play.calls('awaitTransfer').length === 1);
  gate.open();
  await expect(joined).resolves.toEqual({ workflowId: play.id, joined: true });
  expect(ends).toEqual(['run', 'schedule']);
  await run.result();
  expect(play.calls('preflight')).toHaveLength(1);
});

test('it fails with what its run has failed with', async () => {
  const play = stage.play({
    preflight: () => {
      throw refusal('NoSuchBucket', 'the bucket theirs does not exist');
    },
  });
  const handle = await schedule(play, 1);
  expect(await failureOf(handle)).toEqual({ code: 'NoSuchBucket', message: 'the bucket theirs does not exist' });
});

test('a run that it started goes on when it is terminated', async () => {
  const gate = new Gate();
  const play = stage.play({
    scanRange: async () => {
      await gate.opened;
      return found({ counters: { listed: 1, skipped: 1 } });
    },
  });
  const handle = await schedule(play, 1);
  await until('the run scans', () => play.calls('scanRange').length === 1);
  await handle.terminate('a test');
  await pause();
  gate.open();
  await expect(play.handle().result()).resolves.toMatchObject({ listed: 1, skipped: 1 });
});
