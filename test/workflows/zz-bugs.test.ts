import { ApplicationFailure } from '@temporalio/common';
import { cancellationSignal, heartbeat } from '@temporalio/activity';
import type { Progress } from '../../src/domain/run-result';
import {
  holdsSignal,
  laneProgressSignal,
  pauseSignal,
  progressQuery,
  rerunSignal,
  resumeSignal,
} from '../../src/workflows/messages';
import { aLane, anObject, aPack, found, packed, refusal } from './support/examples';
import { Gate, moving, openedBeforeStop, pause, until } from './support/gate';
import { failureOf, statusOf } from './support/outcome';
import { Stage, START_MS, type Play } from './support/stage';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
}, START_MS);
afterEach(() => stage.clear());
afterAll(() => stage.stop(), 30_000);
jest.setTimeout(15_000);
const transient = () => ApplicationFailure.create({ type: 'Unavailable', message: 'try again' });
const progress = (play: Play): Promise<Progress> => play.handle().query(progressQuery);

test('A1 a pause while a copy waits for its next attempt loses nothing', async () => {
  const play = stage.play({
    scanRange: () => found({ objects: [anObject('a')] }),
    copyParts: () => {
      if (play.calls('copyParts').length <= 3) throw transient();
      return { state: 'complete' };
    },
  });
  const handle = await play.run();
  await until('3 attempts', () => play.calls('copyParts').length === 3);
  await handle.signal(pauseSignal);
  await pause();
  await handle.signal(resumeSignal);
  await expect(handle.result()).resolves.toMatchObject({ listed: 1, copied: 1, failed: 0 });
  expect(play.calls('abortTransfer')).toEqual([]);
});
test('A2 a pause while a pack waits for its next attempt loses nothing', async () => {
  const play = stage.play({
    scanRange: () => found({ packs: [aPack('p')] }),
    copyPack: () => {
      if (play.calls('copyPack').length <= 3) throw transient();
      return packed({ counters: { listed: 10, copied: 10 } });
    },
  });
  const handle = await play.run();
  await until('3 attempts', () => play.calls('copyPack').length === 3);
  await handle.signal(pauseSignal);
  await pause();
  await handle.signal(resumeSignal);
  await expect(handle.result()).resolves.toMatchObject({ listed: 10, copied: 10, failed: 0 });
});
async function failWhenStopped(): Promise<never> {
  const beat = setInterval(() => heartbeat(), 50);
  await new Promise((resolve) => cancellationSignal().addEventListener('abort', resolve));
  clearInterval(beat);
  throw transient();
}
test('B1 an attempt that fails for a moment while it is being paused costs nothing', async () => {
  const play: Play = stage.play({
    scanRange: () => found({ objects: [anObject('a')] }),
    copyParts: () => (play.calls('copyParts').length === 1 ? failWhenStopped() : { state: 'complete' }),
  });
  const handle = await play.run();
  await until('at work', () => play.calls('copyParts').length === 1);
  await handle.signal(pauseSignal);
  await pause(1500);
  await handle.signal(resumeSignal);
  await expect(handle.result()).resolves.toMatchObject({ listed: 1, copied: 1, failed: 0 });
});
test('B2 a pack attempt that fails for a moment while it is being paused costs nothing', async () => {
  const play: Play = stage.play({
    scanRange: () => found({ packs: [aPack('p')] }),
    copyPack: () =>
      play.calls('copyPack').length === 1 ? failWhenStopped() : packed({ counters: { listed: 1, copied: 1 } }),
  });
  const handle = await play.run();
  await until('at work', () => play.calls('copyPack').length === 1);
  await handle.signal(pauseSignal);
  await pause(1500);
  await handle.signal(resumeSignal);
  await expect(handle.result()).resolves.toMatchObject({ listed: 1, copied: 1, failed: 0 });
});
test('D a fatal failure stops the other copies at work', async () => {
  const never = new Gate();
  const play: Play = stage.play({
    scanRange: () => found({ objects: [anObject('a'), anObject('b')] }),
    copyParts: async ({ targetKey }) => {
      if (targetKey === 'out/a') return moving(never);
      await until('the other', () => play.calls('copyParts').length === 2);
      throw refusal('CredentialsRefused', 'refused');
    },
  });
  const handle = await play.run();
  expect(await failureOf(handle)).toEqual({ code: 'CredentialsRefused', message: 'refused' });
  expect(
    play
      .calls('abortTransfer')
      .map(({ targetKey }) => targetKey)
      .sort(),
  ).toEqual(['out/a', 'out/b']);
});
test('E a fatal failure ends a run that has a held object', async () => {
  const play: Play = stage.play({
    scanRange: () => found({ objects: [anObject('a/1'), anObject('b/1')] }),
    copyParts: async ({ targetKey }) => {
      if (targetKey === 'out/a/1') return moving(new Gate());
      await until('the other', () => play.calls('copyParts').length === 2);
      await pause(1500);
      throw refusal('CredentialsRefused', 'refused');
    },
  });
  const handle = await play.run();
  await until('at work', () => play.calls('copyParts').length === 2);
  await handle.signal(pauseSignal, { prefix: 'a/' });
  expect(await failureOf(handle)).toEqual({ code: 'CredentialsRefused', message: 'refused' });
});
test('F an object that is cancelled from outside is counted and recorded', async () => {
  const play = stage.play({
    scanRange: () => found({ objects: [anObject('a')] }),
    copyParts: () => moving(new Gate()),
  });
  const handle = await play.run();
  await until('at work', () => play.calls('copyParts').length === 1);
  await play.handle('/o/a').cancel();
  await expect(handle.result()).resolves.toMatchObject({ listed: 1, copied: 0, failed: 1 });
  expect(play.calls('recordFailure')).toHaveLength(1);
});
test('G1 a pack that is cancelled from outside does not leave a run that says it is complete', async () => {
  const play = stage.play({
    scanRange: () => found({ packs: [aPack('p')] }),
    copyPack: async () => {
      await openedBeforeStop(new Gate());
      return packed({ next: { prefix: 'in/' } });
    },
  });
  const handle = await play.run();
  await until('at work', () => play.calls('copyPack').length === 1);
  await play.handle('/p/p').cancel();
  await statusOf(handle);
  expect(play.calls('finishRun').map(({ summary }) => summary.outcome)).not.toEqual(['completed']);
});
test('G2 a lane that is cancelled from outside does not leave a run that says it is complete', async () => {
  const play = stage.play({
    scanRange: () => found({ objects: [anObject('a')] }),
    copyParts: () => moving(new Gate()),
  });
  const handle = await play.run();
  await until('at work', () => play.calls('copyParts').length === 1);
  await play.handle('/r/main').cancel();
  await statusOf(handle);
  expect(play.calls('finishRun').map(({ summary }) => summary.outcome)).not.toEqual(['completed']);
});
test('G3 a rerun lane cancelled from outside does not hang the reruns after it', async () => {
  const play = stage.play({
    scanRange: async ({ lane }) => {
      if (lane === 'rerun-1') await openedBeforeStop(new Gate());
      return found(lane === 'rerun-1' ? { next: { prefix: 'in/' } } : {});
    },
  });
  const handle = await play.run();
  await handle.signal(rerunSignal, { prefix: 'a/' });
  await until('at work', () => play.calls('scanRange').length === 2);
  await handle.signal(rerunSignal, { prefix: 'b/' });
  await play.handle('/r/rerun-1').cancel();
  await until('it ends', async () => (await handle.describe()).status.name !== 'RUNNING', 8000);
});
test('G4 a lane that is terminated from outside fails the run, its children end and clean up before', async () => {
  const play = stage.play({
    scanRange: () => found({ objects: [anObject('a')] }),
    copyParts: () => moving(new Gate()),
  });
  const handle = await play.run();
  await until('at work', () => play.calls('copyParts').length === 1);
  await play.handle('/r/main').terminate();
  expect(await failureOf(handle).catch((e: unknown) => ({ code: String(e) }))).toMatchObject({ code: 'Unknown' });
  await until('aborted', () => play.calls('abortTransfer').length === 1);
});
test('H progress shows what is listed while a single large object is copied', async () => {
  const gate = new Gate();
  const play = stage.play({
    scanRange: () => found({ objects: [anObject('a')] }),
    copyParts: () => moving(gate),
  });
  const handle = await play.run();
  await until('at work', () => play.calls('copyParts').length === 1);
  await pause(8000);
  const seen = await progress(play);
  gate.open();
  await handle.result();
  expect(seen).toMatchObject({ counters: { listed: 1 }, pending: 1, listingDone: true });
});
test.each([[[]], [[null]], [['text']]])('I a run started with %j fails', async (args) => {
  const play = stage.play();
  const handle = await play.start('transferBucket', play.id, ...args);
  await until('it ends', async () => (await handle.describe()).status.name !== 'RUNNING', 5000);
});
test.each([['a/'], [5], [['a/']], [{ prefx: 'a/' }], [{ Prefix: 'a/' }]])(
  'J a pause with %j does not hold everything',
  async (message) => {
    const gate = new Gate();
    const play = stage.play({ scanRange: () => gate.opened.then(() => found()) });
    const handle = await play.run();
    await handle.signal('pause', message);
    await handle.signal(pauseSignal, { prefix: 'x/' });
    await until('heard', async () => (await progress(play)).holds.includes('x/'));
    expect((await progress(play)).holds).toEqual(['x/']);
    gate.open();
  },
);
test('J2 a rerun with force as text', async () => {
  const play = stage.play();
  const handle = await play.run();
  await handle.signal('rerun', { prefix: 'a/', force: 'false' });
  await handle.result();
  expect(play.calls('scanRange').filter(({ force }) => force)).toEqual([]);
});
test('K a fatal failure while a lane drains to begin anew still ends it', async () => {
  let scans = 0;
  const gate = new Gate();
  const play = stage.play({
    scanRange: () => {
      scans += 1;
      const next = { next: { prefix: 'in/', startAfter: `in/${scans}` } };
      return scans === 1 ? found({ objects: [anObject('a')], ...next }) : found(scans < 360 ? next : {});
    },
    copyParts: async () => {
      await moving(gate);
      throw refusal('CredentialsRefused', 'refused');
    },
  });
  const handle = await play.start('transferRange', `${play.id}/r/main`, aLane(play.transfer));
  let before = -1;
  await until(
    'it drains',
    async () => {
      const same = scans > 300 && before === scans;
      before = scans;
      await pause(500);
      return same;
    },
    60_000,
  );
  expect(scans).toBeLessThan(360);
  gate.open();
  expect(await failureOf(handle).catch((e: unknown) => String(e))).toMatchObject({ code: 'CredentialsRefused' });
}, 90_000);
test('L a held object at work does not stop the rest of a long lane', async () => {
  let scans = 0;
  const play = stage.play({
    scanRange: () => {
      scans += 1;
      const next = { next: { prefix: 'in/', startAfter: `in/${scans}` } };
      return scans === 1 ? found({ objects: [anObject('a/1')], ...next }) : found(scans < 380 ? next : {});
    },
    copyParts: () => moving(new Gate()),
  });
  const handle = await play.start('transferRange', `${play.id}/r/main`, aLane(play.transfer));
  await until('at work', () => play.calls('copyParts').length === 1);
  await handle.signal(holdsSignal, ['a/']);
  await until('all is scanned', () => scans === 380, 60_000);
}, 90_000);
test('M the summary of a cancelled run counts what was copied', async () => {
  const play: Play = stage.play({
    scanRange: () => found({ objects: [anObject('a'), anObject('b')] }),
    copyParts: ({ targetKey }) => (targetKey === 'out/a' ? { state: 'complete' } : moving(new Gate())),
  });
  const handle = await play.run();
  await until(
    'one is done',
    async () => play.calls('copyParts').length === 2 && (await statusOf(play.handle('/o/a'))) === 'COMPLETED',
  );
  await handle.cancel();
  await statusOf(handle);
  expect(play.calls('finishRun')).toMatchObject([{ summary: { outcome: 'cancelled', listed: 2, copied: 1 } }]);
});
test('M2 the summary of a failed run counts what was copied', async () => {
  const play: Play = stage.play({
    scanRange: () => found({ objects: [anObject('a'), anObject('b')] }),
    copyParts: async ({ targetKey }) => {
      if (targetKey === 'out/a') return { state: 'complete' };
      await pause(1000);
      throw refusal('CredentialsRefused', 'refused');
    },
  });
  const handle = await play.run();
  await statusOf(handle);
  expect(play.calls('finishRun')).toMatchObject([{ summary: { outcome: 'failed', listed: 2, copied: 1, failed: 1 } }]);
});
test.each(['holds', 'laneProgress'])('O %s without an argument by hand', async (name) => {
  const gate = new Gate();
  const play = stage.play({ scanRange: () => gate.opened.then(() => found()) });
  const handle = await play.run();
  await until('at work', () => play.calls('scanRange').length === 1);
  await (name === 'holds' ? play.handle('/r/main') : play.handle()).signal(name);
  await pause();
  gate.open();
  await until('it ends', async () => (await handle.describe()).status.name !== 'RUNNING', 5000);
  void laneProgressSignal;
});
test('P a terminated object whose uploads cannot be aborted does not stop the others', async () => {
  const play: Play = stage.play({
    scanRange: () => found({ objects: [anObject('a'), anObject('b')] }),
    copyParts: async ({ targetKey }) => {
      if (targetKey === 'out/a') return moving(new Gate());
      await pause(1500);
      return { state: 'complete' };
    },
    abortTransfer: () => {
      throw refusal('AccessDenied', 'no');
    },
  });
  const handle = await play.run();
  await until('at work', () => play.calls('copyParts').length === 2);
  await play.handle('/o/a').terminate();
  await expect(handle.result()).resolves.toMatchObject({ listed: 2, copied: 1, failed: 1 });
});
test('P2 an object whose upload cannot be aborted is still recorded with its own reason', async () => {
  const play: Play = stage.play({
    scanRange: () => found({ objects: [anObject('a')] }),
    sealTransfer: () => {
      throw refusal('ProofFailed', 'no proof');
    },
    abortTransfer: () => {
      throw refusal('AccessDenied', 'no');
    },
  });
  await expect((await play.run()).result()).resolves.toMatchObject({ listed: 1, failed: 1 });
  expect(play.calls('recordFailure')).toMatchObject([{ line: { code: 'ProofFailed' } }]);
});
test('P3 an object whose failure cannot be recorded is counted', async () => {
  const play: Play = stage.play({
    scanRange: () => found({ objects: [anObject('a')] }),
    sealTransfer: () => {
      throw refusal('ProofFailed', 'no proof');
    },
    recordFailure: () => {
      throw refusal('AccessDenied', 'no');
    },
  });
  await expect((await play.run()).result()).resolves.toMatchObject({ listed: 1, failed: 1 });
});
test('Q a pack that is terminated does not stop the others', async () => {
  const play: Play = stage.play({
    scanRange: () => found({ objects: [anObject('a')], packs: [aPack('p', { objects: 10 })] }),
    copyPack: async () => {
      await openedBeforeStop(new Gate());
      return packed();
    },
  });
  const handle = await play.run();
  await until('at work', () => play.calls('copyPack').length === 1);
  await play.handle('/p/p').terminate();
  await expect(handle.result()).resolves.toMatchObject({ copied: 1 });
});
test('R one pack fails on a matter of its own: the others go on', async () => {
  const play: Play = stage.play({
    scanRange: () => found({ packs: [aPack('p'), aPack('q')] }),
    copyPack: ({ pack }) => {
      if (pack === 'p') throw refusal('AccessDenied', 'one');
      return packed({ counters: { listed: 1, copied: 1 } });
    },
  });
  const handle = await play.run();
  expect(await failureOf(handle)).toEqual({ code: 'AccessDenied', message: 'one' });
  expect(play.calls('copyPack')).toHaveLength(2);
});
test('S two packs of a scan with the same id as one of a rerun do not run at once and both count', async () => {
  const play: Play = stage.play({
    scanRange: () => found({ packs: [aPack('p')], objects: [anObject('a')] }),
    copyPack: async () => {
      await pause(300);
      return packed({ counters: { listed: 1, copied: 1 } });
    },
  });
  const handle = await play.run();
  await handle.signal(rerunSignal, { prefix: 'a/', force: true });
  await expect(handle.result()).resolves.toMatchObject({ listed: 4, copied: 4 });
});
