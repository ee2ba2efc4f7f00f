/** How a run ends before its time: cancelled by an operator, or by a failure that every object would meet. */
import { pauseSignal } from '../../src/workflows/messages';
import { aJob, anObject, aPack, found, packed, refusal } from './support/examples';
import { Gate, moving, openedBeforeStop, pause, until } from './support/gate';
import { failureOf, statusOf } from './support/outcome';
import { useStage, type Play } from './support/stage';

const stage = useStage();

const summaries = (play: Play) => play.calls('finishRun').map(({ summary }) => summary);

test('a cancel stops objects and packs, aborts every open upload, and is written down when all of that is over', async () => {
  const play: Play = stage.play({
    scanRange: () => found({ objects: [anObject('a'), anObject('b', { route: 'batch' })], packs: [aPack('p')] }),
    copyParts: () => moving(new Gate()),
    runBatchJob: async () => {
      await openedBeforeStop(new Gate());
      return aJob('stopped');
    },
    copyPack: async ({ range }) => {
      await openedBeforeStop(new Gate());
      return packed({ next: range });
    },
    // A store that takes its time: the run waits for it.
    abortTransfer: () => pause(300),
  });
  const handle = await play.run();
  const atWork = ['copyParts', 'runBatchJob', 'copyPack'] as const;
  await until('all are at work', () => atWork.every((activity) => play.calls(activity).length === 1));
  await handle.cancel();
  expect(await statusOf(handle)).toBe('CANCELLED');
  expect(
    play
      .calls('abortTransfer')
      .map(({ targetKey, uploadId }) => `${targetKey} ${uploadId}`)
      .sort(),
  ).toEqual([
    expect.stringMatching(/^out\/a upload-[12]$/) as string,
    expect.stringMatching(/^out\/b upload-[12]$/) as string,
  ]);
  expect(summaries(play)).toMatchObject([{ outcome: 'cancelled', transfer: play.transfer.name, failed: 0 }]);
  expect(play.log.at(-1)?.activity).toBe('finishRun');
  for (const child of ['/r/main', '/o/a', '/o/b', '/p/p']) {
    expect([child, (await play.handle(child).describe()).status.name]).toEqual([child, 'CANCELLED']);
  }
});

test('a cancel ends a paused run, and aborts the upload that waits in it', async () => {
  let stopped = 0;
  const play = stage.play({
    scanRange: () => found({ objects: [anObject('a')] }),
    copyParts: async () => {
      const moved = await moving(new Gate());
      stopped += 1;
      return moved;
    },
  });
  const handle = await play.run();
  await until('it is at work', () => play.calls('copyParts').length === 1);
  await handle.signal(pauseSignal);
  await until('it has stopped', () => stopped === 1);
  expect(play.calls('abortTransfer')).toEqual([]);
  await handle.cancel();
  expect(await statusOf(handle)).toBe('CANCELLED');
  expect(play.calls('abortTransfer')).toMatchObject([{ targetKey: 'out/a', uploadId: 'upload-1' }]);
  expect(summaries(play)).toMatchObject([{ outcome: 'cancelled' }]);
});

test('a cancel during a scan starts nothing of what the scan has found', async () => {
  const gate = new Gate();
  const play = stage.play({
    scanRange: async () => {
      await gate.opened;
      return found({ objects: [anObject('a')], packs: [aPack('p')] });
    },
  });
  const handle = await play.run();
  await until('it scans', () => play.calls('scanRange').length === 1);
  await handle.cancel();
  await pause();
  gate.open();
  expect(await statusOf(handle)).toBe('CANCELLED');
  expect(play.log.map(({ activity }) => activity)).toEqual([
    'preflight',
    'endLeftovers',
    'scanRange',
    'endLeftovers',
    'finishRun',
  ]);
  expect(summaries(play)).toMatchObject([{ outcome: 'cancelled' }]);
});

test('a refusal that every object would meet ends the run with its message, and starts no other object', async () => {
  const play = stage.play(
    {
      scanRange: () => found({ objects: [anObject('a'), anObject('b')], next: { prefix: 'in/', startAfter: 'in/b' } }),
      copyParts: () => {
        throw refusal('NoSuchBucket', 'source: there is no such bucket');
      },
    },
    { limits: { lanes: 1, objectsPerLane: 1 } },
  );
  const handle = await play.run();
  const message = 'source: there is no such bucket';
  expect(await failureOf(handle)).toEqual({ code: 'NoSuchBucket', message });
  expect(play.calls('openTransfer')).toHaveLength(1);
  expect(play.calls('scanRange')).toHaveLength(1);
  expect(play.calls('abortTransfer')).toMatchObject([{ uploadId: 'upload-1' }]);
  expect(summaries(play)).toMatchObject([{ outcome: 'failed', message }]);
});

test('a scan that fails ends the run after the objects at work, and their counts are in its summary', async () => {
  const gate = new Gate();
  let scans = 0;
  const play = stage.play({
    scanRange: () => {
      scans += 1;
      if (scans > 1) throw refusal('AccessDenied', 'the source may not be listed');
      return found({ objects: [anObject('a')], next: { prefix: 'in/', startAfter: 'in/a' } });
    },
    copyParts: () => moving(gate),
  });
  const handle = await play.run();
  await until('the second scan has failed', () => scans === 2);
  await pause();
  expect(summaries(play)).toEqual([]);
  gate.open();
  expect(await failureOf(handle)).toEqual({ code: 'AccessDenied', message: 'the source may not be listed' });
  expect(summaries(play)).toMatchObject([{ outcome: 'failed', message: 'the source may not be listed' }]);
  expect((await play.handle('/o/a').describe()).status.name).toBe('COMPLETED');
});

test('an object that fails alone is counted, and the run goes on', async () => {
  const play = stage.play({
    scanRange: () => found({ objects: [anObject('a'), anObject('b')] }),
    sealTransfer: ({ seal: { task, reason, route } }) => {
      const { key, size } = task.pinned;
      if (key === 'in/a') throw refusal('ProofFailed');
      const facts = { key, size, sourceEtag: 'e', targetKey: task.targetKey, targetEtag: 'e', route, reason };
      return { kind: 'sealed', line: { outcome: 'copied', proof: 'etag', ...facts } };
    },
  });
  await expect((await play.run()).result()).resolves.toMatchObject({ listed: 2, copied: 1, failed: 1 });
  expect(play.calls('recordFailure')).toMatchObject([{ line: { key: 'in/a', code: 'ProofFailed' } }]);
  expect(summaries(play)).toMatchObject([{ outcome: 'completed', failed: 1 }]);
});

test('a summary that cannot be written fails the run with the reason', async () => {
  const play = stage.play({
    finishRun: () => {
      throw refusal('AccessDenied', 'the report may not be written');
    },
  });
  const handle = await play.run();
  expect(await failureOf(handle)).toEqual({ code: 'AccessDenied', message: 'the report may not be written' });
});
