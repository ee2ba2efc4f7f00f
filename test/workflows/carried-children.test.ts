/** Children that outlive the run of the lane that has started them: none is lost, none is counted twice, all hear of holds and of a cancel. */
import type { LaneState, LaneWork } from '../../src/workflows/lane-state';
import { holdsSignal } from '../../src/workflows/messages';
import type { CarriedChild } from '../../src/workflows/window';
import { aLane, anObject, aPack, found, GROUP, objectInput, packed, refusal, RUN } from './support/examples';
import { Gate, moving, openedBeforeStop, pause, until } from './support/gate';
import { failureOf, statusOf } from './support/outcome';
import { useStage, type Play } from './support/stage';

const stage = useStage();

/** Starts children as an earlier run of the lane would have, and then the lane that takes them over. */
async function carry(play: Play, works: readonly LaneWork[], changes: Partial<LaneState> = {}) {
  const carried: CarriedChild<LaneWork>[] = [];
  for (const work of works) {
    const [type, id, input] = childOf(play, work);
    const { workflowId, firstExecutionRunId: runId } = await play.start(type, play.id + id, input);
    carried.push({ workflowId, runId, work, told: 0 });
  }
  const lane = (more: Partial<LaneState> = {}) =>
    play.start('transferRange', `${play.id}/r/main`, aLane(play.transfer, { carried, ...changes, ...more }));
  return { lane, carried };
}

function childOf({ transfer }: Play, work: LaneWork): [type: string, id: string, input: object] {
  const common = { transfer, run: RUN, force: false, holds: [] };
  if (work.kind === 'object')
    return ['transferObject', `/o/${work.object.id}`, objectInput(transfer, { object: work.object })];
  if (work.kind === 'pack') return ['transferPack', `/p/${work.pack.id}`, { ...common, pack: work.pack }];
  return ['transferPack', `/p/${work.job.id}`, { ...common, job: work.job }];
}

const anObjectWork = (id: string): LaneWork => ({ kind: 'object', object: anObject(id) });

test('children that are at work, that have ended in silence, and that fail, each count once', async () => {
  const gate = new Gate();
  const play: Play = stage.play({
    scanRange: () => found({ objects: [anObject('new')] }),
    copyParts: ({ targetKey }) => {
      if (targetKey === 'out/bad') throw refusal('AccessDenied');
      return targetKey === 'out/slow' ? moving(gate) : { state: 'complete' };
    },
    copyPack: () => packed({ counters: { listed: 7, copied: 7 } }),
  });
  const works = [
    anObjectWork('slow'),
    anObjectWork('over'),
    anObjectWork('bad'),
    { kind: 'pack', pack: aPack('p'), alone: [] },
    {
      kind: 'job',
      job: { id: 'j', group: GROUP, objects: ['x', 'y'].map((key) => anObject(key, { route: 'batch' })) },
    },
  ];
  const { lane } = await carry(play, works as LaneWork[]);
  await play.handle('/o/over').result();
  const handle = await lane();
  await until('the new object is done', () => play.calls('sealTransfer').some(({ object }) => object.id === 'new'));
  gate.open();
  await expect(handle.result()).resolves.toMatchObject({ listed: 8, copied: 12, failed: 1 });
  expect(
    play
      .calls('openTransfer')
      .map(({ object }) => object.id)
      .sort(),
  ).toEqual(['bad', 'new', 'over', 'slow', 'x', 'y']);
  expect(play.calls('copyPack')).toHaveLength(1);
  expect(play.calls('runBatchJob')).toHaveLength(1);
});

test('they take places in the window', async () => {
  const gate = new Gate();
  const play = stage.play(
    {
      scanRange: () => found({ objects: [anObject('new')] }),
      copyParts: ({ targetKey }) => (targetKey === 'out/new' ? { state: 'complete' } : moving(gate)),
    },
    { limits: { lanes: 1, objectsPerLane: 2 } },
  );
  const { lane } = await carry(play, [anObjectWork('a'), anObjectWork('b')]);
  const handle = await lane();
  await pause(1000);
  expect(play.calls('scanRange')).toEqual([]);
  gate.open();
  await expect(handle.result()).resolves.toMatchObject({ copied: 3 });
});

test('one that was terminated by hand is cleaned up after, and reported', async () => {
  const play = stage.play({ scanRange: () => found(), copyParts: () => moving(new Gate()) });
  const { lane } = await carry(play, [anObjectWork('a')]);
  const handle = await lane();
  await until('it moves', () => play.calls('copyParts').length === 1);
  await play.handle('/o/a').terminate('by hand');
  await expect(handle.result()).resolves.toMatchObject({ failed: 1 });
  expect(play.calls('abortTransfer')).toMatchObject([{ targetKey: 'out/a' }]);
  expect(play.calls('recordFailure')).toMatchObject([{ line: { key: 'in/a', code: 'Unknown' } }]);
});

test('one whose failure concerns every object ends the lane, and the others are asked to end', async () => {
  const gate = new Gate();
  const play = stage.play({
    scanRange: () => gate.opened.then(() => found()),
    copyParts: ({ targetKey }) => {
      if (targetKey === 'out/bad')
        return gate.opened.then(() => {
          throw refusal('NoSuchBucket');
        });
      return moving(new Gate());
    },
  });
  const { lane } = await carry(play, [anObjectWork('bad'), anObjectWork('other')]);
  const handle = await lane();
  await until('both move', () => play.calls('copyParts').length === 2);
  gate.open();
  await expect(failureOf(handle)).resolves.toMatchObject({ code: 'NoSuchBucket' });
  expect(await statusOf(play.handle('/o/other'))).toBe('CANCELLED');
  expect(
    play
      .calls('abortTransfer')
      .map(({ targetKey }) => targetKey)
      .sort(),
  ).toEqual(['out/bad', 'out/other']);
});

test('a hold reaches them, and its release, once each', async () => {
  const gate = new Gate();
  let stopped = 0;
  const play = stage.play({
    scanRange: () => found(),
    copyParts: async () => {
      const moved = await moving(gate);
      if (moved.state === 'stopped') stopped += 1;
      return moved;
    },
  });
  const { lane } = await carry(play, [anObjectWork('a')]);
  await until('it moves', () => play.calls('copyParts').length === 1);
  // The earlier run had heard of a hold that it could not pass on any more.
  const handle = await lane({ holds: ['a'], holdsVersion: 3 });
  await until('it has stopped', () => stopped === 1);
  gate.open();
  await handle.signal(holdsSignal, [], 4);
  await expect(handle.result()).resolves.toMatchObject({ copied: 1 });
  const { events } = await play.handle('/o/a').fetchHistory();
  const words = (events ?? []).filter(
    ({ workflowExecutionSignaledEventAttributes: signal }) => signal?.signalName === 'holds',
  );
  expect(words).toHaveLength(2);
});

test('a cancel of the lane is passed on to them, and their ends are awaited', async () => {
  const play = stage.play({
    scanRange: () => found(),
    copyParts: () => moving(new Gate()),
    copyPack: async ({ range }) => (await openedBeforeStop(new Gate()), packed({ next: range })),
    // It takes its time to clean up.
    abortTransfer: () => pause(1500),
  });
  const { lane } = await carry(play, [anObjectWork('a'), { kind: 'pack', pack: aPack('p'), alone: [] }]);
  const handle = await lane();
  await until('both are at work', () => play.calls('copyParts').length + play.calls('copyPack').length === 2);
  await handle.cancel();
  expect(await statusOf(handle)).toBe('CANCELLED');
  for (const id of ['/o/a', '/p/p']) expect((await play.handle(id).describe()).status.name).toBe('CANCELLED');
  expect(play.calls('abortTransfer')).toMatchObject([{ targetKey: 'out/a' }]);
});

test('a lane that is terminated by hand ends its run, and the run asks what it has left to end', async () => {
  const play = stage.play({
    scanRange: () => found({ objects: [anObject('a')] }),
    copyParts: () => moving(new Gate()),
    endLeftovers: async () => {
      await play
        .handle('/o/a')
        .cancel()
        .catch(() => undefined);
      return 1;
    },
  });
  const handle = await play.run();
  await until('it moves', () => play.calls('copyParts').length === 1);
  await play.handle('/r/main').terminate('by hand');
  expect(await statusOf(handle)).toBe('FAILED');
  expect(await statusOf(play.handle('/o/a'))).toBe('CANCELLED');
  expect(play.calls('endLeftovers')).toEqual([{ transfer: play.transfer.name }, { transfer: play.transfer.name }]);
});

test('a server that cannot be searched for what is left keeps no run from its work', async () => {
  const play = stage.play({
    scanRange: () => found({ objects: [anObject('a')] }),
    endLeftovers: () => {
      throw refusal('Unavailable');
    },
  });
  await expect((await play.run()).result()).resolves.toMatchObject({ copied: 1 });
});
