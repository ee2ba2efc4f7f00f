/** One object that one PutObject takes: a single activity, until its store or a hold has it otherwise. */
import type { TransferObjectInput } from '../../src/workflows/transfer-object';
import { holdsSignal } from '../../src/workflows/messages';
import { anObject, aTask, copiedLine, objectInput, refusal, skippedLine } from './support/examples';
import { Gate, openedBeforeStop, pause, until } from './support/gate';
import { failureOf, statusOf } from './support/outcome';
import { useStage, type Play } from './support/stage';

const stage = useStage();

const small = anObject('k', { size: 64 * 1024 * 1024 });

function start(play: Play, changes: Partial<TransferObjectInput> = {}) {
  return play.start('transferObject', `${play.id}/o/k`, objectInput(play.transfer, { object: small, ...changes }));
}

const activities = (play: Play) => play.log.map(({ activity }) => activity);

test('an object of up to 64 MiB takes one activity', async () => {
  const play = stage.play();
  await expect((await start(play)).result()).resolves.toEqual({ outcome: 'copied', bytes: small.size });
  expect(activities(play)).toEqual(['copyWhole']);
  expect(play.calls('copyWhole')).toMatchObject([{ object: small, force: false, retried: false }]);
});

test('one byte more, or the Batch route, and it is opened first', async () => {
  const play = stage.play();
  const larger = anObject('k', { size: small.size + 1 });
  await (await start(play, { object: larger })).result();
  await (await start(play, { object: { ...small, route: 'batch' } })).result();
  expect(play.calls('copyWhole')).toEqual([]);
  expect(play.calls('openTransfer')).toHaveLength(2);
});

test('one with nothing to copy is skipped', async () => {
  const play = stage.play({ copyWhole: () => ({ kind: 'done', line: skippedLine(small) }) });
  await expect((await start(play)).result()).resolves.toEqual({ outcome: 'skipped', bytes: 0 });
});

test('one that its source holds in parts goes on with the upload that was opened for it', async () => {
  const play: Play = stage.play({
    copyWhole: ({ object }) => ({ kind: 'open', task: aTask(play.transfer, object, 'upload-7'), reason: 'changed' }),
  });
  await expect((await start(play)).result()).resolves.toMatchObject({ outcome: 'copied' });
  expect(activities(play)).toEqual(['copyWhole', 'copyParts', 'sealTransfer']);
  expect(play.calls('sealTransfer')).toMatchObject([{ seal: { task: { uploadId: 'upload-7' }, reason: 'changed' } }]);
});

test('one that has shrunk since it was listed is written in one piece', async () => {
  const play: Play = stage.play({
    openTransfer: () => ({ kind: 'open', task: aTask(play.transfer, small), reason: 'missing' }),
  });
  const handle = await start(play, { object: anObject('k') });
  await expect(handle.result()).resolves.toMatchObject({ outcome: 'copied' });
  expect(activities(play)).toEqual(['openTransfer', 'copyWhole']);
});

test('a hold stops it, and a release begins it anew, looking for what the first try has left', async () => {
  const gate = new Gate();
  const play: Play = stage.play({
    copyWhole: async ({ object }) =>
      (await openedBeforeStop(gate))
        ? { kind: 'sealed', line: copiedLine(aTask(play.transfer, object)) }
        : { kind: 'stopped' },
  });
  const handle = await start(play);
  await until('it is at work', () => play.log.length === 1);
  await handle.signal(holdsSignal, ['']);
  await pause();
  gate.open();
  await pause();
  expect(play.log).toHaveLength(1);
  await handle.signal(holdsSignal, []);
  await expect(handle.result()).resolves.toMatchObject({ outcome: 'copied' });
  expect(play.calls('copyWhole').map(({ retried }) => retried)).toEqual([false, true]);
});

test('a cancel stops it and ends whatever a lost attempt has opened', async () => {
  const play = stage.play({
    copyWhole: async () => {
      await openedBeforeStop(new Gate());
      return { kind: 'stopped' };
    },
  });
  const handle = await start(play);
  await until('it is at work', () => play.log.length === 1);
  await handle.cancel();
  expect(await statusOf(handle)).toBe('CANCELLED');
  expect(activities(play)).toEqual(['copyWhole', 'abortTransfer']);
  expect(play.calls('abortTransfer')).toMatchObject([{ targetKey: 'out/k' }]);
});

test('a copy that was overtaken is followed by another, told that there is one', async () => {
  let copies = 0;
  const play: Play = stage.play({
    copyWhole: ({ object }) => {
      copies += 1;
      const line = copiedLine(aTask(play.transfer, object));
      return { kind: 'sealed', line, ...(copies === 1 ? { replaced: true } : {}) };
    },
  });
  await expect((await start(play)).result()).resolves.toEqual({ outcome: 'copied', bytes: 2 * small.size });
  expect(play.calls('copyWhole').map(({ retried, copied }) => [retried, copied])).toEqual([
    [false, undefined],
    [true, true],
  ]);
});

test('one that changes is tried anew; one that fails is recorded', async () => {
  const codes = ['SourceChanged', 'AccessDenied'] as const;
  let tries = 0;
  const play = stage.play({
    copyWhole: () => {
      throw refusal(codes[tries++] ?? 'BadRequest');
    },
  });
  expect(await failureOf(await start(play))).toMatchObject({ code: 'AccessDenied' });
  expect(play.calls('copyWhole').map(({ retried }) => retried)).toEqual([false, true]);
  expect(play.calls('recordFailure')).toMatchObject([{ line: { key: 'in/k', code: 'AccessDenied' } }]);
});
