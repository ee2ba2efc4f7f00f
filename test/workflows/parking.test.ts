/** Credentials that are refused in the middle of a run, and do not work: the run is parked, loses nothing, and goes on with new ones. */
import type { Parked } from '../../src/domain/run-result';
import { resumeSignal } from '../../src/workflows/messages';
import { parkedWaitMs } from '../../src/workflows/parking';
import { aJob, anObject, aPack, found, packed, refusal, type Activities } from './support/examples';
import { Gate, meeting, moving, pause, until } from './support/gate';
import { inState, Key, progress } from './support/key';
import { useStage, type Play } from './support/stage';

const stage = useStage();

test.each([
  [0, 1],
  [1, 2],
  [2, 4],
  [5, 32],
  [6, 60],
  [1000, 60],
])('after %s checks that failed, a parked run waits %s minutes', (checks, minutes) => {
  expect(parkedWaitMs(checks)).toBe(minutes * 60_000);
});

test('a run whose key is refused is parked and says why, goes on when it is resumed with a new key, and keeps its parts', async () => {
  const key = new Key();
  const all = meeting(3);
  const play = stage.play({
    canary: key.canary,
    scanRange: () => found({ objects: [anObject('a'), anObject('b', { route: 'batch' })], packs: [aPack('p')] }),
    copyParts: () => all().then(() => (key.check(), { state: 'complete' })),
    runBatchJob: () => all().then(() => (key.check(), aJob())),
    copyPack: () => all().then(() => (key.check(), packed({ counters: { listed: 3, copied: 3 } }))),
  });
  const handle = await play.run();
  await inState(play, 'parked');
  const { parked, holds, counters } = await progress(play);
  expect(parked).toEqual<Parked>({
    code: 'CredentialsRefused',
    message: 'source: the key is refused',
    since: expect.any(String) as string,
  });
  expect(holds).toEqual([]);
  expect(counters.failed).toBe(0);
  await pause(1000);
  // Three refusals, of which each has asked: one canary.
  expect(play.calls('canary')).toEqual([{ transfer: play.transfer }]);
  const before = play.log.length;
  await pause(1000);
  expect(play.log).toHaveLength(before);

  key.works = true;
  await handle.signal(resumeSignal, {});
  await expect(handle.result()).resolves.toMatchObject({ listed: 5, copied: 5, failed: 0 });
  expect((await progress(play)).parked).toBeUndefined();
  expect(play.calls('canary')).toHaveLength(2);
  expect(play.calls('openTransfer')).toHaveLength(2);
  expect(play.calls('copyPack').map(({ range }) => range)).toEqual([aPack('p').range, aPack('p').range]);
  expect(play.calls('copyPack').map(({ sequence }) => sequence)).toEqual([1, 2]);
  expect(play.calls('abortTransfer')).toEqual([]);
  expect(play.calls('recordFailure')).toEqual([]);
});

test('a resume does not end the parking as long as the key is refused, and neither does a store that cannot be reached', async () => {
  const key = new Key();
  let reachable = true;
  const play: Play = stage.play({
    canary: () => {
      if (!reachable) throw refusal('Unreachable', 'source: it cannot be reached');
      key.check();
    },
    scanRange: () => found({ objects: [anObject('a')] }),
    copyParts: () => (key.check(), { state: 'complete' }),
  });
  const handle = await play.run();
  await inState(play, 'parked');
  const { since } = (await progress(play)).parked!;
  await handle.signal(resumeSignal);
  await until('it is checked again', () => play.calls('canary').length === 2);
  reachable = false;
  key.works = true;
  await handle.signal(resumeSignal);
  await until('it is checked again', () => play.calls('canary').length === 3);
  await until('it says so', async () => (await progress(play)).parked?.code === 'Unreachable');
  expect(await progress(play)).toMatchObject({ state: 'parked', parked: { since } });
  expect(play.calls('copyParts')).toHaveLength(1);
  reachable = true;
  // The release of a prefix does not ask for a check.
  await handle.signal(resumeSignal, { prefix: 'a/' });
  await pause();
  expect(play.calls('canary')).toHaveLength(3);
  await handle.signal(resumeSignal);
  await expect(handle.result()).resolves.toMatchObject({ copied: 1 });
});

test('what is at work with an older key stops as for a pause, and nothing of it is sent again', async () => {
  const key = new Key();
  const gate = new Gate();
  const both = meeting(2);
  let stopped = 0;
  const play = stage.play({
    canary: key.canary,
    scanRange: () => found({ objects: [anObject('old'), anObject('new')] }),
    copyParts: async ({ targetKey }) => {
      await both();
      if (targetKey === 'out/new') {
        key.check();
        return { state: 'complete' };
      }
      const moved = await moving(gate);
      if (moved.state === 'stopped') stopped += 1;
      return moved;
    },
  });
  const handle = await play.run();
  await inState(play, 'parked');
  await until('it has stopped', () => stopped === 1);
  gate.open();
  key.works = true;
  await handle.signal(resumeSignal);
  await expect(handle.result()).resolves.toMatchObject({ copied: 2, failed: 0 });
  expect(play.calls('openTransfer')).toHaveLength(2);
});

test('a scan that is refused parks the run while objects are at work, whose counts still come, and is done again', async () => {
  const key = new Key();
  const play: Play = stage.play({
    canary: key.canary,
    scanRange: async () => {
      if (play.calls('scanRange').length === 1) {
        return found({ objects: [anObject('a')], next: { prefix: 'in/', startAfter: 'in/a' } });
      }
      await until('the object is at work', () => play.calls('copyParts').length > 0);
      key.check();
      return found({ objects: [anObject('b')] });
    },
    // It does not hear of the hold in time, and finishes.
    copyParts: async ({ targetKey }) => {
      if (targetKey === 'out/a') await until('it is parked', () => play.calls('canary').length > 0);
      return { state: 'complete' };
    },
  });
  const handle = await play.run();
  await inState(play, 'parked');
  await until('the object at work is counted', async () => (await progress(play)).counters.copied === 1);
  key.works = true;
  await handle.signal(resumeSignal);
  await expect(handle.result()).resolves.toMatchObject({ listed: 2, copied: 2 });
  const scans = play.calls('scanRange');
  expect(scans.map(({ range }) => range.startAfter)).toEqual([undefined, 'in/a', 'in/a']);
  expect(scans.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
});

test('an opening, a sealing, a failure to record and the summary are done again as well', async () => {
  const key = new Key();
  const lock = (activity: keyof Activities) => {
    if (play.calls(activity).length === 1) key.works = false;
    key.check();
  };
  const play: Play = stage.play({
    canary: key.canary,
    scanRange: () => found({ objects: [anObject('a')] }),
    openTransfer: (input) => {
      lock('openTransfer');
      const { transfer, object } = input;
      const pinned = { key: object.key, etag: 'e', size: 100 };
      const plan = { kind: 'multipart', size: 100, layout: [[100, 1]], mirrored: false } as const;
      const place = { source: transfer.source, target: transfer.target, targetKey: 'out/a', uploadId: 'u' };
      return {
        kind: 'open',
        reason: 'missing',
        task: {
          ...place,
          pinned,
          plan,
          checksum: { algorithm: 'CRC32' },
          run: 'r',
          copyMetadata: true,
          copyTags: false,
        },
      };
    },
    sealTransfer: () => {
      lock('sealTransfer');
      throw refusal('BadRequest', 'not understood');
    },
    recordFailure: () => lock('recordFailure'),
    finishRun: () => lock('finishRun'),
  });
  const handle = await play.run();
  for (const activity of ['openTransfer', 'sealTransfer', 'recordFailure', 'finishRun'] as const) {
    await until(`${activity} is refused`, () => play.calls(activity).length === 1);
    await inState(play, 'parked');
    key.works = true;
    await handle.signal(resumeSignal);
    await until(`${activity} is done again`, () => play.calls(activity).length === 2);
  }
  await expect(handle.result()).resolves.toMatchObject({ listed: 1, failed: 1 });
  expect(play.calls('openTransfer').map(({ retried }) => retried)).toEqual([false, true]);
  expect(play.calls('recordFailure')).toMatchObject([{ line: { code: 'BadRequest' } }, {}]);
  expect(play.calls('canary')).toHaveLength(8);
});

test.each([[[]], [[null]], [['text']], [[{ workflowId: 5, message: 'm' }]], [[{ workflowId: 'other', message: 'm' }]]])(
  'a refusal that is sent by hand as %j changes nothing',
  async (args) => {
    const gate = new Gate();
    const play = stage.play({ scanRange: () => gate.opened.then(() => found()) });
    const handle = await play.run();
    await until('it scans', () => play.calls('scanRange').length === 1);
    await handle.signal('credentialsRefused', ...args);
    await pause();
    gate.open();
    await handle.result();
    expect(play.calls('canary')).toEqual([]);
  },
);
