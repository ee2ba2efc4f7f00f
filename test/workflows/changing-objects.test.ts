/** Objects that do not stand still while they are copied: they are tried again, with fresh tries, when all else is done. */
import type { LaneState } from '../../src/workflows/lane-state';
import { holdsSignal } from '../../src/workflows/messages';
import { LARGE, aLane, anObject, aPack, found, packed, refusal } from './support/examples';
import { Gate, moving, pause, until } from './support/gate';
import { useStage, type Play } from './support/stage';

const stage = useStage();

const start = (play: Play, changes: Partial<LaneState> = {}) =>
  play.start('transferRange', `${play.id}/r/main`, aLane(play.transfer, changes));
const keys = (play: Play) => play.calls('openTransfer').map(({ object }) => object.id);
const changed = (): never => {
  throw refusal('SourceChanged', 'it was replaced');
};

test('an object that changes is tried again when stretches, packs and other objects are done, and counts once', async () => {
  const [gate, held] = [new Gate(), new Gate()];
  const play: Play = stage.play({
    scanRange: ({ range }) => {
      if (range.prefix === 'in/held/') return found({ objects: [anObject('late')] });
      return found({ objects: [anObject('changing'), anObject('steady')], packs: [aPack('p')] });
    },
    copyParts: ({ targetKey }) => {
      if (targetKey === 'out/steady') return moving(gate);
      if (targetKey === 'out/late') return moving(held);
      return keys(play).length < 8 ? changed() : { state: 'complete' };
    },
    copyPack: () => packed({ counters: { listed: 5, copied: 5 } }),
  });
  const handle = await start(play, {
    holds: ['held/'],
    stretches: [
      { range: { prefix: 'in/' }, passed: ['held/'] },
      { range: { prefix: 'in/held/' }, hold: 'held/' },
    ],
  });
  const opened = () => keys(play).filter((key) => key === 'changing').length;
  await until('it is given up for now', () => opened() === 4);
  gate.open();
  await pause();
  await handle.signal(holdsSignal, []);
  await until('what was on hold is at work', () => keys(play).includes('late'));
  await pause();
  expect(opened()).toBe(4);
  held.open();
  await expect(handle.result()).resolves.toMatchObject({ listed: 8, copied: 8, failed: 0, bytesCopied: 3 * LARGE });
  expect(opened()).toBeGreaterThan(4);
  expect(keys(play).at(-1)).toBe('changing');
  expect(play.calls('recordFailure')).toEqual([]);
});

test('an object that changes at the end as well is reported then, and is failed', async () => {
  const play = stage.play({
    scanRange: () => found({ objects: [anObject('a'), anObject('b')] }),
    copyParts: ({ targetKey }) => (targetKey === 'out/a' ? changed() : { state: 'complete' }),
  });
  const handle = await play.run();
  await expect(handle.result()).resolves.toMatchObject({ listed: 2, copied: 1, failed: 1 });
  expect(keys(play).filter((key) => key === 'a')).toHaveLength(8);
  expect(play.calls('recordFailure')).toMatchObject([{ line: { key: 'in/a', code: 'ChangingSource' } }]);
  expect(play.calls('abortTransfer')).toHaveLength(8);
});

test('a key that changed in a pack becomes an object at the end, listed once, unless the scan has given it a child', async () => {
  const [alone, small] = [anObject('alone'), anObject('small', { size: 2 * LARGE })];
  const gate = new Gate();
  const play = stage.play({
    scanRange: () => found({ objects: [alone], packs: [aPack('p')] }),
    copyParts: ({ targetKey }) => (targetKey === 'out/alone' ? moving(gate) : { state: 'complete' }),
    copyPack: () => packed({ counters: { listed: 5, copied: 5 }, changing: [alone, small] }),
  });
  const handle = await start(play);
  await until('the pack is done', () =>
    play
      .handle('/p/p')
      .describe()
      .then(
        ({ status }) => status.name === 'COMPLETED',
        () => false,
      ),
  );
  await pause();
  expect(keys(play)).toEqual(['alone']);
  gate.open();
  await expect(handle.result()).resolves.toMatchObject({
    listed: 7,
    copied: 7,
    bytesListed: 3 * LARGE,
    bytesCopied: 3 * LARGE,
  });
  expect(keys(play)).toEqual(['alone', 'small']);
});

test('with five hundred put aside, another gets its last chance at once', async () => {
  const aside = Array.from({ length: 500 }, (_, i) => anObject(`aside-${i}`));
  const gate = new Gate();
  const play = stage.play(
    {
      scanRange: () => found({ objects: [anObject('one-too-many'), anObject('steady')] }),
      copyParts: ({ targetKey }) => (targetKey === 'out/steady' ? moving(gate) : changed()),
    },
    { limits: { lanes: 1, objectsPerLane: 2 } },
  );
  const handle = await start(play, { changing: aside });
  await until('it has failed', () => play.calls('recordFailure').length === 1);
  expect(play.calls('recordFailure')).toMatchObject([{ line: { key: 'in/one-too-many', code: 'ChangingSource' } }]);
  expect(keys(play).filter((key) => key.startsWith('aside'))).toEqual([]);
  await handle.terminate('five hundred more would follow');
});

test('a lane that is cancelled starts none of those that it has put aside', async () => {
  const play = stage.play({
    scanRange: () => found({ objects: [anObject('changing'), anObject('steady')] }),
    copyParts: ({ targetKey }) => (targetKey === 'out/steady' ? moving(new Gate()) : changed()),
  });
  const handle = await play.run();
  await until('it is given up for now', () => play.calls('abortTransfer').length === 4);
  await pause();
  await handle.cancel();
  await handle.result().catch(() => undefined);
  expect(keys(play)).toHaveLength(5);
  expect(play.calls('finishRun')).toMatchObject([{ summary: { outcome: 'cancelled', listed: 2, failed: 0 } }]);
});
