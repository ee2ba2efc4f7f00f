/** One object that is held or cancelled on its way: its compute stops first, and only a cancel aborts its upload. */
import type { TransferObjectInput } from '../../src/workflows/transfer-object';
import { holdsSignal } from '../../src/workflows/messages';
import { aJob, LARGE, anObject, objectInput, RUN } from './support/examples';
import { Gate, moving, openedBeforeStop, pause, until } from './support/gate';
import { statusOf } from './support/outcome';
import { useStage, type Play } from './support/stage';

const stage = useStage();

function start(play: Play, changes: Partial<TransferObjectInput> = {}) {
  return play.start('transferObject', `${play.id}/o/k`, objectInput(play.transfer, changes));
}

test.each(['worker', 'batch'] as const)(
  'a cancelled object of the %s route lets its compute stop, then aborts its upload',
  async (route) => {
    const never = new Gate();
    const stopped: string[] = [];
    const play: Play = stage.play({
      copyParts: async () => {
        const moved = await moving(never);
        stopped.push(`worker after ${play.calls('abortTransfer').length} aborts`);
        return moved;
      },
      runBatchJob: async () => {
        await openedBeforeStop(never);
        stopped.push(`batch after ${play.calls('abortTransfer').length} aborts`);
        return aJob('stopped');
      },
    });
    const handle = await start(play, { object: anObject('k', { route }) });
    await until('it moves', () => play.log.length === 2);
    await handle.cancel();
    expect(await statusOf(handle)).toBe('CANCELLED');
    expect(stopped).toEqual([`${route} after 0 aborts`]);
    expect(play.calls('abortTransfer')).toMatchObject([{ uploadId: 'upload-1' }]);
    expect(play.calls('sealTransfer')).toEqual([]);
    expect(play.calls('recordFailure')).toEqual([]);
  },
);

test('an object cancelled while its upload is being created aborts that upload', async () => {
  const gate = new Gate();
  const play: Play = stage.play({
    openTransfer: async ({ object }) => {
      await gate.opened;
      return { kind: 'open', reason: 'missing', task: { ...taskOf(play), pinned: { ...object, etag: 'e' } } };
    },
  });
  const handle = await start(play);
  await until('it is being opened', () => play.calls('openTransfer').length === 1);
  await handle.cancel();
  await pause();
  gate.open();
  expect(await statusOf(handle)).toBe('CANCELLED');
  expect(play.calls('abortTransfer')).toMatchObject([{ uploadId: 'upload-9' }]);
  expect(play.calls('copyParts')).toEqual([]);
});

function taskOf({ transfer }: Play) {
  return {
    checksum: { algorithm: 'CRC32' as const },
    source: transfer.source,
    target: transfer.target,
    targetKey: 'out/k',
    uploadId: 'upload-9',
    plan: { kind: 'multipart', size: LARGE, layout: [[100, 1]], mirrored: false },
    run: RUN.mark,
    copyMetadata: true,
    copyTags: false,
  } as const;
}

test('a held object is not opened until its hold is released', async () => {
  const play = stage.play();
  const handle = await start(play, { holds: ['k'] });
  await handle.signal(holdsSignal, ['other', 'k']);
  await pause();
  expect(play.log).toEqual([]);
  await handle.signal(holdsSignal, ['other']);
  await expect(handle.result()).resolves.toMatchObject({ outcome: 'copied' });
});

test('a hold that arrives after its own release changes nothing', async () => {
  const gate = new Gate();
  const play = stage.play({ copyParts: () => moving(gate) });
  const handle = await start(play);
  await until('it moves', () => play.calls('copyParts').length === 1);
  await handle.signal(holdsSignal, [], 2);
  await handle.signal(holdsSignal, [''], 1);
  await pause();
  gate.open();
  await expect(handle.result()).resolves.toMatchObject({ outcome: 'copied' });
  expect(play.calls('copyParts')).toHaveLength(1);
});

test.each(['worker', 'batch'] as const)(
  'a hold stops the %s that moves an object, and a release goes on with the same upload',
  async (route) => {
    const gate = new Gate();
    let held = 0;
    const play = stage.play({
      copyParts: async () => {
        const moved = await moving(gate);
        if (moved.state === 'stopped') held += 1;
        return moved;
      },
      runBatchJob: async () => {
        const over = await openedBeforeStop(gate);
        if (!over) held += 1;
        return aJob(over ? 'done' : 'stopped');
      },
    });
    const handle = await start(play, { object: anObject('k', { route }) });
    await until('it moves', () => play.log.length === 2);
    await handle.signal(holdsSignal, ['unrelated/']);
    await pause();
    expect(held).toBe(0);
    await handle.signal(holdsSignal, ['']);
    await until('it has stopped', () => held === 1);
    await pause();
    expect(play.log).toHaveLength(2);
    gate.open();
    await handle.signal(holdsSignal, []);
    await expect(handle.result()).resolves.toEqual({ outcome: 'copied', bytes: LARGE });
    expect(play.calls('openTransfer')).toHaveLength(1);
    expect(play.calls(route === 'worker' ? 'copyParts' : 'runBatchJob')).toHaveLength(2);
    expect(play.calls('abortTransfer')).toEqual([]);
  },
);
