/** One lane: its window of children, what it does when one is lost, and what it defers. */
import type { ScanRequest } from '../../src/domain/work';
import type { LaneState } from '../../src/workflows/lane-state';
import { holdsSignal } from '../../src/workflows/messages';
import { LARGE, aLane, anObject, aPack, found, packed, RUN, type Activities } from './support/examples';
import { Gate, moving, pause, until } from './support/gate';
import { useStage, type Play } from './support/stage';

const stage = useStage();

const start = (play: Play, changes: Partial<LaneState> = {}) =>
  play.start('transferRange', `${play.id}/r/main`, aLane(play.transfer, changes));
const window = (objectsPerLane: number) => ({ limits: { lanes: 1, objectsPerLane } });
const objects = (...keys: string[]) => found({ objects: keys.map((key) => anObject(key)) });
/** Scans that bring these answers one after the other. */
const scanning = (...answers: ReturnType<typeof found>[]): Pick<Activities, 'scanRange'> => ({
  scanRange: () => answers.shift()!,
});
const from = (startAfter: string) => ({ prefix: 'in/', startAfter });

describe('the window', () => {
  test('never has more children at work than the transfer allows, objects and packs together', async () => {
    const gate = new Gate();
    const at = { once: 0, most: 0 };
    const work = async () => {
      at.once += 1;
      at.most = Math.max(at.most, at.once);
      await gate.opened;
      await pause(50);
      at.once -= 1;
    };
    const play = stage.play(
      {
        ...scanning(
          { ...objects('a', 'b', 'c', 'd'), packs: [aPack('p'), aPack('q')], next: from('in/d') },
          objects('e', 'f', 'g'),
        ),
        copyParts: () => work().then(() => ({ state: 'complete' })),
        copyPack: () => work().then(() => packed({ counters: { listed: 1, copied: 1 } })),
      },
      window(3),
    );
    const handle = await start(play);
    await until('it is full', () => at.once === 3);
    await pause();
    gate.open();
    await expect(handle.result()).resolves.toMatchObject({ listed: 9, copied: 9 });
    expect(at.most).toBe(3);
  });

  test('is filled before more is scanned', async () => {
    const gate = new Gate();
    const play = stage.play(
      { ...scanning({ ...objects('a', 'b', 'c'), next: from('in/c') }, objects('d')), copyParts: () => moving(gate) },
      window(2),
    );
    const handle = await start(play);
    await until('it is full', () => play.calls('copyParts').length === 2);
    await pause();
    expect(play.calls('copyParts')).toHaveLength(2);
    expect(play.calls('scanRange')).toHaveLength(1);
    gate.open();
    await expect(handle.result()).resolves.toMatchObject({ listed: 4, copied: 4 });
  });

  test('has no place for a paused object, so that others go on', async () => {
    const [a, b] = [new Gate(), new Gate()];
    const play = stage.play(
      {
        ...scanning(objects('a/1', 'a/2', 'b/1')),
        copyParts: ({ targetKey }) => moving(targetKey.startsWith('out/a') ? a : b),
      },
      window(1),
    );
    const handle = await start(play);
    const keys = () => play.calls('copyParts').map(({ targetKey }) => targetKey);
    await until('the first is at work', () => keys().length === 1);
    await handle.signal(holdsSignal, ['a/']);
    await until('another is at work', () => keys().length === 2);
    expect(keys()).toEqual(['out/a/1', 'out/b/1']);
    b.open();
    await until('that one is done', async () => (await play.handle('/o/b-1').describe()).status.name === 'COMPLETED');
    expect((await play.handle('/o/a-1').describe()).status.name).toBe('RUNNING');
    a.open();
    await handle.signal(holdsSignal, []);
    await expect(handle.result()).resolves.toMatchObject({ copied: 3 });
    expect(keys()).toEqual(['out/a/1', 'out/b/1', 'out/a/1', 'out/a/2']);
  });
});

test('a child that is terminated from outside is counted as failed and recorded, and its uploads are aborted', async () => {
  const [lost, other] = [new Gate(), new Gate()];
  const play = stage.play({
    ...scanning(objects('lost', 'other')),
    copyParts: ({ targetKey }) => moving(targetKey === 'out/lost' ? lost : other),
  });
  const handle = await start(play);
  await until('both are at work', () => play.calls('copyParts').length === 2);
  await play.handle('/o/lost').terminate('by hand');
  await until('it is recorded', () => play.calls('recordFailure').length === 1);
  const { transfer } = play;
  expect(play.calls('abortTransfer')).toEqual([
    { transfer, targetKey: 'out/lost', since: RUN.startedAt, route: 'worker' },
  ]);
  expect(play.calls('recordFailure')).toMatchObject([
    { run: RUN, object: anObject('lost'), line: { outcome: 'failed', key: 'in/lost', size: LARGE, code: 'Unknown' } },
  ]);
  other.open();
  await expect(handle.result()).resolves.toMatchObject({ listed: 2, copied: 1, failed: 1, bytesCopied: LARGE });
});

test('an object whose id is still taken by a child of a terminated run is started once that one has cleaned up', async () => {
  const cleaned = new Gate();
  const play = stage.play({
    ...scanning(objects('k'), objects('k')),
    copyParts: async () => (play.calls('copyParts').length === 1 ? moving(new Gate()) : { state: 'complete' }),
    abortTransfer: () => cleaned.opened,
  });
  const first = await start(play);
  await until('the first is at work', () => play.calls('copyParts').length === 1);
  await first.terminate('by hand');
  // As the run does, which has lost its lane.
  await play.handle('/o/k').cancel();
  await until('its child cleans up', () => play.calls('abortTransfer').length === 1);

  const second = await start(play);
  await until('the second has found the id taken', async () =>
    ((await second.fetchHistory()).events ?? []).some(
      ({ startChildWorkflowExecutionFailedEventAttributes: refused }) => refused !== undefined && refused !== null,
    ),
  );
  expect(play.calls('openTransfer')).toHaveLength(1);
  cleaned.open();
  await expect(second.result()).resolves.toMatchObject({ listed: 1, copied: 1 });
  expect(play.calls('openTransfer')).toHaveLength(2);
  expect(play.calls('abortTransfer')).toMatchObject([{ uploadId: 'upload-1' }]);
});

describe('what a hold keeps back', () => {
  const asked = ({ range, holds, passed }: ScanRequest) => ({ range, holds, passed });

  test('is scanned after its release, each stretch once, and is passed over by the rest of the scan that met it', async () => {
    const a = { hold: 'a/', range: { prefix: 'in/a/', endAt: 'in/z' } };
    const b = { hold: 'b/', range: { prefix: 'in/b/', startAfter: 'in/b/5' } };
    const within = { hold: 'a/c/', range: { prefix: 'in/a/c/', endAt: 'in/z' } };
    const counters = { listed: 1, skipped: 1 };
    const play = stage.play(
      scanning(
        found({ counters, deferred: [a, b], next: from('in/b') }),
        found({ counters }),
        found({ counters, deferred: [within], next: { ...a.range, startAfter: 'in/a/9' } }),
        found({ counters }),
        found({ counters }),
        found({ counters }),
      ),
    );
    const handle = await start(play, { holds: ['a/', 'b/'] });
    await until('the rest is scanned', () => play.calls('scanRange').length === 2);
    await pause();
    expect(play.calls('scanRange')).toHaveLength(2);
    await handle.signal(holdsSignal, ['b/', 'a/c/']);
    await until('the first is scanned', () => play.calls('scanRange').length === 4);
    await pause();
    expect(play.calls('scanRange')).toHaveLength(4);
    await handle.signal(holdsSignal, []);
    await expect(handle.result()).resolves.toMatchObject({ listed: 6, skipped: 6 });
    expect(play.calls('scanRange').map(asked)).toEqual([
      { range: { prefix: 'in/' }, holds: ['a/', 'b/'], passed: [] },
      { range: from('in/b'), holds: ['a/', 'b/'], passed: ['a/', 'b/'] },
      { range: a.range, holds: ['b/', 'a/c/'], passed: [] },
      { range: { ...a.range, startAfter: 'in/a/9' }, holds: ['b/', 'a/c/'], passed: ['a/c/'] },
      { range: b.range, holds: [], passed: [] },
      { range: within.range, holds: [], passed: [] },
    ]);
    // Each names a segment of the report of its own.
    expect(play.calls('scanRange').map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('waits as long as a wider hold is in force', async () => {
    const play = stage.play(scanning(found({ deferred: [{ hold: 'a/b/', range: { prefix: 'in/a/b/' } }] }), found()));
    const handle = await start(play, { holds: ['a/b/'] });
    await until('the rest is scanned', () => play.calls('scanRange').length === 1);
    await handle.signal(holdsSignal, ['a/']);
    await pause();
    expect(play.calls('scanRange')).toHaveLength(1);
    await handle.signal(holdsSignal, ['elsewhere/']);
    await handle.result();
    expect(play.calls('scanRange').map(({ range }) => range.prefix)).toEqual(['in/', 'in/a/b/']);
  });

  test('of a pack is a pack again, and the stretches that are still to scan see all their keys', async () => {
    const rest = { prefix: 'in/a/', startAfter: 'in/a/3', endAt: 'in/p' };
    const group = 'main/000009';
    const gate = new Gate();
    const play = stage.play({
      scanRange: async () => {
        if (play.calls('scanRange').length === 1) return found({ packs: [aPack('p', { group })], next: from('in/p') });
        await gate.opened;
        return found({ counters: { listed: 1, skipped: 1 }, next: from('in/q') });
      },
      copyPack: ({ pack }) =>
        pack === 'p'
          ? packed({ counters: { listed: 3, copied: 3 }, deferred: [{ hold: 'a/', range: rest }] })
          : packed({ counters: { listed: 4, copied: 4 } }),
    });
    const handle = await start(play, { holds: ['a/'] });
    await until('the pack is done', async () => (await statusOf(play, '/p/p')) === 'COMPLETED');
    gate.open();
    await until('it scans on', () => play.calls('scanRange').length > 3);
    expect(play.calls('scanRange').flatMap(({ passed }) => passed)).toEqual([]);
    expect(play.calls('copyPack')).toHaveLength(1);
    await handle.signal(holdsSignal, []);
    await until('the rest is copied', () => play.calls('copyPack').length === 2);
    expect(play.calls('copyPack')[1]).toMatchObject({ group, range: rest, holds: [], passed: [] });
    await handle.terminate('it would scan for ever');
  });

  const statusOf = (play: Play, child: string) =>
    play
      .handle(child)
      .describe()
      .then(
        ({ status }) => status.name,
        () => 'none',
      );
});

test('keys of a pack that have grown too large become objects, but for those that the scan has given a child already', async () => {
  const [alone, grown] = [anObject('alone', { size: 90e6 }), anObject('grown', { size: 85e6 })];
  const play = stage.play({
    ...scanning(found({ objects: [alone], packs: [aPack('p')] })),
    copyPack: () => packed({ counters: { listed: 5, copied: 5, bytesCopied: 5 }, grown: [alone, grown] }),
  });
  const result: unknown = await (await start(play)).result();
  expect(result).toMatchObject({ listed: 7, copied: 7, bytesListed: 175e6, bytesCopied: 175e6 + 5 });
  expect(
    play
      .calls('openTransfer')
      .map(({ object }) => object.id)
      .sort(),
  ).toEqual(['alone', 'grown']);
});

test('a key of any length and script has a child, a pack up to it too', async () => {
  const key = '文'.repeat(341);
  const id = '0123456789abcdef';
  const play = stage.play({
    ...scanning(
      found({
        objects: [
          anObject(key, { id }),
          anObject('文'.repeat(57), { id: `${id}1` }),
          anObject('😀'.repeat(250), { id: `${id}2` }),
        ],
        packs: [aPack('p', { objects: 1000, range: { prefix: 'in/', endAt: `in/${key}` } })],
      }),
    ),
  });
  await expect((await start(play)).result()).resolves.toMatchObject({ copied: 3 });
  expect((await play.handle(`/o/${id}`).describe()).memo).toMatchObject({ key: `in/${key}`, size: LARGE });
});
