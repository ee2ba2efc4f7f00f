/** Pause, resume and `progress`, as they are sent by `ferry` or by anyone's hand. */
import { NO_COUNTERS } from '../../src/domain/counters';
import type { Progress } from '../../src/domain/run-result';
import { laneProgressSignal, pauseSignal, progressQuery, resumeSignal } from '../../src/workflows/messages';
import { LARGE, anObject, aPack, found, packed } from './support/examples';
import { Gate, moving, openedBeforeStop, pause, until } from './support/gate';
import { useStage, type Play } from './support/stage';

const stage = useStage();

const progress = (play: Play): Promise<Progress> => play.handle().query(progressQuery);
const isRunning = (play: Play, child: string) =>
  play
    .handle(child)
    .describe()
    .then(
      ({ status }) => status.name === 'RUNNING',
      () => false,
    );

test('a pause before preflight is over holds everything until it is resumed', async () => {
  const gate = new Gate();
  const play: Play = stage.play({
    preflight: async () => {
      await gate.opened;
      return { transfer: play.transfer, scope: {} };
    },
  });
  const handle = await play.run();
  await until('preflight has begun', () => play.log.length === 1);
  await handle.signal(pauseSignal, {});
  gate.open();
  await until('the lane waits', () => isRunning(play, '/r/main'));
  await pause();
  expect(play.log.map(({ activity }) => activity)).toEqual(['preflight', 'endLeftovers']);
  expect(await progress(play)).toMatchObject({ state: 'paused', holds: [''] });
  await handle.signal(resumeSignal, {});
  await handle.result();
  expect(play.calls('scanRange')).toMatchObject([{ holds: [] }]);
});

test('a pause without a prefix stops objects and packs, and a resume takes them up where they were', async () => {
  const gate = new Gate();
  let stopped = 0;
  const play = stage.play({
    scanRange: () => found({ objects: [anObject('a/1')], packs: [aPack('p')] }),
    copyParts: async () => {
      const moved = await moving(gate);
      if (moved.state === 'stopped') stopped += 1;
      return moved;
    },
    copyPack: async ({ range }) => {
      if (await openedBeforeStop(gate)) return packed({ counters: { listed: 5, copied: 5 } });
      stopped += 1;
      return packed({ next: { ...range, startAfter: 'in/m' }, counters: { listed: 4, copied: 4 } });
    },
  });
  const handle = await play.run();
  await until('both are at work', () => play.calls('copyParts').length + play.calls('copyPack').length === 2);
  await handle.signal(pauseSignal);
  await until('both have stopped', () => stopped === 2);
  const before = play.log.length;
  await pause();
  expect(play.log).toHaveLength(before);
  expect((await progress(play)).state).toBe('paused');
  gate.open();
  await handle.signal(resumeSignal);
  await expect(handle.result()).resolves.toMatchObject({ listed: 10, copied: 10, failed: 0 });
  expect(play.calls('openTransfer')).toHaveLength(1);
  expect(play.calls('copyPack').map(({ range }) => range.startAfter)).toEqual([undefined, 'in/m']);
  expect(play.calls('abortTransfer')).toEqual([]);
});

test('a pause of a prefix stops what is below it alone, and a resume of it goes on', async () => {
  const [a, b] = [new Gate(), new Gate()];
  const stopped: string[] = [];
  const play = stage.play({
    scanRange: () => found({ objects: [anObject('a/1'), anObject('b/1')] }),
    copyParts: async ({ targetKey }) => {
      const moved = await moving(targetKey === 'out/a/1' ? a : b);
      if (moved.state === 'stopped') stopped.push(targetKey);
      return moved;
    },
  });
  const handle = await play.run();
  await until('both are at work', () => play.calls('copyParts').length === 2);
  await handle.signal(pauseSignal, { prefix: 'a/' });
  await until('one has stopped', () => stopped.length === 1);
  expect(await progress(play)).toMatchObject({ state: 'running', holds: ['a/'] });
  b.open();
  await until('the other is done', async () => !(await isRunning(play, '/o/b-1')));
  expect(stopped).toEqual(['out/a/1']);
  expect(await isRunning(play, '/o/a-1')).toBe(true);
  // Another prefix's release is not this one's.
  await handle.signal(resumeSignal, { prefix: 'b/' });
  await pause();
  expect(play.calls('copyParts')).toHaveLength(2);
  a.open();
  await handle.signal(resumeSignal, { prefix: 'a/' });
  await expect(handle.result()).resolves.toMatchObject({ listed: 2, copied: 2 });
  expect(
    play
      .calls('copyParts')
      .map(({ targetKey }) => targetKey)
      .sort(),
  ).toEqual(['out/a/1', 'out/a/1', 'out/b/1']);
});

test('a resume without a prefix clears every hold', async () => {
  const gate = new Gate();
  const play = stage.play({ scanRange: () => gate.opened.then(() => found()) });
  const handle = await play.run();
  for (const prefix of ['a/', 'b/', 'a/', undefined]) {
    await handle.signal(pauseSignal, prefix === undefined ? {} : { prefix });
  }
  await until('all are heard', async () => (await progress(play)).holds.length === 3);
  expect((await progress(play)).holds).toEqual(['a/', 'b/', '']);
  await handle.signal(resumeSignal, { prefix: '' });
  await until('one is released', async () => (await progress(play)).holds.length === 2);
  await handle.signal(resumeSignal);
  await until('all are released', async () => (await progress(play)).holds.length === 0);
  gate.open();
  await handle.result();
});

test.each([
  ['pause', [{ prefix: 5 }]],
  ['pause', [{ prefix: null }]],
  ['pause', [{ prefix: ['a/'] }]],
  ['rerun', []],
  ['rerun', [null]],
  ['rerun', [{}]],
  ['rerun', [{ prefix: 5 }]],
  ['rerun', ['a/']],
  ['resume', [{ prefix: {} }]],
  ['nonsense', [{ prefix: 'a/' }]],
])('a signal %s %j is refused and changes nothing', async (name, args) => {
  const gate = new Gate();
  const play = stage.play({ scanRange: () => gate.opened.then(() => found()) });
  const handle = await play.run();
  await until('the lane scans', () => play.calls('scanRange').length === 1);
  await handle.signal(pauseSignal, { prefix: 'kept/' });
  await handle.signal(name, ...args);
  await until('the signals are heard', async () => (await progress(play)).holds.length > 0);
  gate.open();
  await handle.result();
  expect(await progress(play)).toMatchObject({ holds: ['kept/'] });
  expect(play.calls('scanRange')).toHaveLength(1);
});

test('progress tells of preflight, running, paused and finishing, and of the end', async () => {
  const [preflight, scan, finish] = [new Gate(), new Gate(), new Gate()];
  const play: Play = stage.play({
    preflight: async () => {
      await preflight.opened;
      return { transfer: play.transfer, scope: {} };
    },
    scanRange: async () => {
      await scan.opened;
      return found({ objects: [anObject('k')], counters: { listed: 2, skipped: 2 } });
    },
    finishRun: () => finish.opened,
  });
  const handle = await play.run();
  const state = (expected: string) => until(expected, async () => (await progress(play)).state === expected);
  const { transfer } = play;
  const { firstExecutionRunId: runId } = handle;
  expect(await progress(play)).toMatchObject({ transfer: transfer.name, runId, state: 'preflight', pending: 0 });
  expect((await progress(play)).listingDone).toBe(false);
  preflight.open();
  await state('running');
  expect(await progress(play)).toMatchObject({ counters: { listed: 0 }, listingDone: false });
  await handle.signal(pauseSignal);
  await state('paused');
  await handle.signal(resumeSignal);
  await state('running');
  scan.open();
  await state('finishing');
  const counters = { listed: 3, copied: 1, skipped: 2, failed: 0, bytesCopied: LARGE, bytesListed: LARGE };
  expect(await progress(play)).toMatchObject({ counters, pending: 0, listingDone: true });
  // A report that was on its way when the lane ended comes too late to replace its result.
  await handle.signal(laneProgressSignal, { lane: 'main', counters: NO_COUNTERS, listingDone: false });
  expect(await progress(play)).toMatchObject({ counters, pending: 0, listingDone: true });
  finish.open();
  await handle.result();
  expect(await progress(play)).toMatchObject({ state: 'finishing', counters, pending: 0, listingDone: true });
});
