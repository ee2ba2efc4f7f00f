/** One pack: a single activity over a key range, begun again for what a hold has left of it. */
import type { PackRequest } from '../../src/domain/work';
import { holdsSignal } from '../../src/workflows/messages';
import type { TransferPackInput, RangeResult } from '../../src/workflows/transfer-pack';
import { anObject, aPack, GROUP, packed, refusal, RUN } from './support/examples';
import { Gate, openedBeforeStop, pause, until } from './support/gate';
import { failureOf, statusOf } from './support/outcome';
import { useStage, type Play } from './support/stage';

const stage = useStage();

function start(play: Play, changes: Partial<TransferPackInput> = {}) {
  const { transfer } = play;
  const input: TransferPackInput = { transfer, run: RUN, pack: aPack('p'), force: false, holds: [], ...changes };
  return play.start('transferPack', `${play.id}/p/p`, input);
}

const rangeFrom = (startAfter: string) => ({ ...aPack('p').range, startAfter });
const asked = ({ sequence, range, holds, passed }: PackRequest) => ({ sequence, range, holds, passed });

test('a pack names its range, its run and its segment, and returns what the activity counted', async () => {
  const play = stage.play({ copyPack: () => packed({ counters: { listed: 3, copied: 2, skipped: 1 } }) });
  const result = await (await start(play, { force: true })).result();
  expect(result).toEqual(packed({ counters: { listed: 3, copied: 2, skipped: 1 } }));
  const { transfer } = play;
  const { range } = aPack('p');
  const request = {
    transfer,
    run: RUN,
    pack: 'p',
    group: GROUP,
    sequence: 1,
    range,
    force: true,
    holds: [],
    passed: [],
  };
  expect(play.calls('copyPack')).toEqual([request]);
});

test('a pack that reached its limit goes on from its cursor, and its results add up', async () => {
  const [large, larger] = [anObject('large'), anObject('larger')];
  const results = [
    packed({ next: rangeFrom('in/c'), counters: { listed: 2, copied: 2, bytesCopied: 20 }, grown: [large] }),
    packed({ next: rangeFrom('in/f'), counters: { listed: 1, failed: 1 } }),
    packed({ counters: { listed: 4, skipped: 4 }, grown: [larger] }),
  ];
  const play = stage.play({ copyPack: () => results.shift()! });
  const { counters, grown, deferred } = (await (await start(play)).result()) as RangeResult;
  expect(counters).toMatchObject({ listed: 7, copied: 2, failed: 1, skipped: 4, bytesCopied: 20 });
  expect(grown).toEqual([large, larger]);
  expect(deferred).toEqual([]);
  expect(play.calls('copyPack').map(asked)).toEqual([
    { sequence: 1, range: aPack('p').range, holds: [], passed: [] },
    { sequence: 2, range: rangeFrom('in/c'), holds: [], passed: [] },
    { sequence: 3, range: rangeFrom('in/f'), holds: [], passed: [] },
  ]);
});

test('a new hold begins the pack again with what is left, and what it keeps back is passed over from then on', async () => {
  const gate = new Gate();
  const first = { hold: 'd/', range: { prefix: 'in/d/' } };
  const second = { hold: 'g/', range: { prefix: 'in/g/' } };
  let call = 0;
  const play = stage.play({
    copyPack: async () => {
      call += 1;
      if (call === 1) {
        await openedBeforeStop(gate);
        return packed({ next: rangeFrom('in/c'), counters: { copied: 1 } });
      }
      if (call === 2) {
        await openedBeforeStop(gate);
        return packed({ next: rangeFrom('in/f'), counters: { copied: 10 }, deferred: [first] });
      }
      return packed({ counters: { copied: 100 }, deferred: [second] });
    },
  });
  const handle = await start(play);
  await until('it has begun', () => play.calls('copyPack').length === 1);
  await handle.signal(holdsSignal, ['d/']);
  await until('it has begun again', () => play.calls('copyPack').length === 2);
  await handle.signal(holdsSignal, ['d/', 'g/']);
  const { counters, deferred } = (await handle.result()) as RangeResult;
  expect(counters.copied).toBe(111);
  expect(deferred).toEqual([first, second]);
  expect(play.calls('copyPack').map(asked)).toEqual([
    { sequence: 1, range: aPack('p').range, holds: [], passed: [] },
    { sequence: 2, range: rangeFrom('in/c'), holds: ['d/'], passed: [] },
    { sequence: 3, range: rangeFrom('in/f'), holds: ['d/', 'g/'], passed: ['d/'] },
  ]);
});

test('a hold that is released does not disturb the pack', async () => {
  const gate = new Gate();
  const undisturbed: boolean[] = [];
  const play = stage.play({
    copyPack: async () => {
      undisturbed.push(await openedBeforeStop(gate));
      return packed();
    },
  });
  const handle = await start(play, { holds: ['d/'] });
  await until('it has begun', () => play.calls('copyPack').length === 1);
  await handle.signal(holdsSignal, []);
  await pause();
  gate.open();
  await handle.result();
  expect(undisturbed).toEqual([true]);
});

test('a hold on everything keeps a pack from beginning, and stops one that has begun', async () => {
  let held = 0;
  const gate = new Gate();
  const play = stage.play({
    copyPack: async () => {
      if (await openedBeforeStop(gate)) return packed({ counters: { copied: 1 } });
      held += 1;
      return packed({ next: rangeFrom('in/c') });
    },
  });
  const handle = await start(play, { holds: [''] });
  await pause();
  expect(play.log).toEqual([]);
  await handle.signal(holdsSignal, []);
  await until('it has begun', () => play.log.length === 1);
  await handle.signal(holdsSignal, ['']);
  await until('it has stopped', () => held === 1);
  await pause();
  expect(play.log).toHaveLength(1);
  gate.open();
  await handle.signal(holdsSignal, []);
  expect(await handle.result()).toMatchObject({ counters: { copied: 1 } });
  expect(play.calls('copyPack').map(({ range }) => range)).toEqual([aPack('p').range, rangeFrom('in/c')]);
});

test('a cancelled pack lets its activity stop, and ends', async () => {
  let stopped = false;
  const play = stage.play({
    copyPack: async () => {
      stopped = !(await openedBeforeStop(new Gate()));
      return packed({ next: rangeFrom('in/c') });
    },
  });
  const handle = await start(play);
  await until('it has begun', () => play.log.length === 1);
  await handle.cancel();
  expect(await statusOf(handle)).toBe('CANCELLED');
  expect(stopped).toBe(true);
  expect(play.log).toHaveLength(1);
});

test('a pack that fails says why', async () => {
  const play = stage.play({
    copyPack: () => {
      throw refusal('NoSuchBucket', 'there is no such bucket');
    },
  });
  expect(await failureOf(await start(play))).toEqual({ code: 'NoSuchBucket', message: 'there is no such bucket' });
});
