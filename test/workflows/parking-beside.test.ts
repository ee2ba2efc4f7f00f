/** What an operator asks for while a run is parked: pauses, reruns and a cancel work as ever. */
import { pauseSignal, rerunSignal, resumeSignal } from '../../src/workflows/messages';
import { anObject, aPack, found, packed } from './support/examples';
import { Gate, meeting, pause, until } from './support/gate';
import { inState, Key, progress } from './support/key';
import { statusOf } from './support/outcome';
import { useStage, type Play } from './support/stage';

const stage = useStage();

test('pauses and releases of an operator are kept beside the parking, and nothing begins by them', async () => {
  const key = new Key();
  const both = meeting(2);
  const play = stage.play({
    canary: key.canary,
    scanRange: () => found({ objects: [anObject('a/1'), anObject('b/1')] }),
    copyParts: () => both().then(() => (key.check(), { state: 'complete' })),
  });
  const handle = await play.run();
  await inState(play, 'parked');
  await until('both are refused', () => play.calls('copyParts').length === 2);
  await handle.signal(pauseSignal, { prefix: 'a/' });
  await handle.signal(pauseSignal, {});
  await until('both are heard', async () => (await progress(play)).holds.length === 2);
  expect(await progress(play)).toMatchObject({ state: 'parked', holds: ['a/', ''] });
  await handle.signal(resumeSignal, { prefix: '' });
  await pause();
  expect(await progress(play)).toMatchObject({ state: 'parked', holds: ['a/'] });
  expect([play.calls('copyParts').length, play.calls('canary').length]).toEqual([2, 1]);
  key.works = true;
  await handle.signal(resumeSignal);
  await expect(handle.result()).resolves.toMatchObject({ copied: 2, failed: 0 });
  expect((await progress(play)).holds).toEqual([]);
});

test('an operator who has paused everything finds it paused when the parking is over', async () => {
  const key = new Key();
  const canary = new Gate();
  const play: Play = stage.play({
    canary: async () => {
      if (play.calls('canary').length === 2) await canary.opened;
      key.check();
    },
    scanRange: () => found({ objects: [anObject('a')] }),
    copyParts: () => (key.check(), { state: 'complete' }),
  });
  const handle = await play.run();
  await inState(play, 'parked');
  await handle.signal(resumeSignal);
  await until('it is checked', () => play.calls('canary').length === 2);
  await handle.signal(pauseSignal);
  key.works = true;
  canary.open();
  await inState(play, 'paused');
  await pause();
  expect(play.calls('copyParts')).toHaveLength(1);
  await handle.signal(resumeSignal);
  await expect(handle.result()).resolves.toMatchObject({ copied: 1 });
});

test('a cancel ends a parked run, and aborts what waits in it', async () => {
  const key = new Key();
  const both = meeting(2);
  const play = stage.play({
    canary: key.canary,
    scanRange: () => found({ objects: [anObject('a')], packs: [aPack('p')] }),
    copyParts: () => both().then(() => (key.check(), { state: 'complete' })),
    copyPack: () => both().then(() => (key.check(), packed())),
    // It is refused as well: that is told, and does not park.
    abortTransfer: () => key.check(),
  });
  const handle = await play.run();
  await inState(play, 'parked');
  await handle.cancel();
  expect(await statusOf(handle)).toBe('CANCELLED');
  expect(play.calls('abortTransfer')).toMatchObject([{ uploadId: 'upload-1' }]);
  expect(play.calls('finishRun')).toMatchObject([{ summary: { outcome: 'cancelled', failed: 0 } }]);
  expect(play.calls('recordFailure')).toEqual([]);
});

test('a rerun waits for the end of the parking', async () => {
  const key = new Key();
  const play: Play = stage.play({
    canary: key.canary,
    scanRange: ({ lane }) => found({ objects: lane === 'main' ? [anObject('a')] : [] }),
    copyParts: () => (key.check(), { state: 'complete' }),
  });
  const handle = await play.run();
  await inState(play, 'parked');
  await handle.signal(rerunSignal, { prefix: 'x/' });
  await until('its lane is there', () =>
    play
      .handle('/r/rerun-1')
      .describe()
      .then(
        () => true,
        () => false,
      ),
  );
  await pause();
  expect(play.calls('scanRange')).toHaveLength(1);
  key.works = true;
  await handle.signal(resumeSignal);
  await expect(handle.result()).resolves.toMatchObject({ copied: 1 });
  expect(play.calls('scanRange').map(({ lane }) => lane)).toEqual(['main', 'rerun-1']);
});
