/** The limit of bandwidth of a run: what the configuration says, until someone says otherwise; `progress` shows it. */
import { limitSignal, progressQuery } from '../../src/workflows/messages';
import { Gate, moving, until } from './support/gate';
import { anObject, found } from './support/examples';
import { useStage, type Play } from './support/stage';

const stage = useStage();

const MiB = 1024 ** 2;
const bandwidth = async (play: Play) => (await play.handle().query(progressQuery)).bandwidth;

/** A run whose one object is on its way until the gate opens. */
async function running(configured?: number) {
  const gate = new Gate();
  const limits = { lanes: 4, objectsPerLane: 16, ...(configured === undefined ? {} : { bandwidth: configured }) };
  const play = stage.play(
    { scanRange: () => found({ objects: [anObject('k')] }), copyParts: () => moving(gate) },
    { limits },
  );
  const handle = await play.run();
  await until('it is at work', () => play.calls('copyParts').length === 1);
  return { play, handle, gate };
}

test('is that of the configuration, is changed and lifted by `limit`, and ends with the run', async () => {
  const { play, handle, gate } = await running(10 * MiB);
  expect(await bandwidth(play)).toBe(10 * MiB);
  await handle.signal(limitSignal, { bandwidth: '40MB/s' });
  expect(await bandwidth(play)).toBe(40e6);
  await handle.signal(limitSignal, { bandwidth: null });
  expect(await bandwidth(play)).toBeUndefined();
  await handle.signal(limitSignal, { bandwidth: '1MiB/s' });
  await handle.signal('limit', {});
  expect(await bandwidth(play)).toBeUndefined();
  await handle.signal(limitSignal, { bandwidth: '1MiB/s' });
  await handle.signal('limit');
  expect(await bandwidth(play)).toBeUndefined();
  gate.open();
  await expect(handle.result()).resolves.toMatchObject({ copied: 1 });
  await play.run();
  await play.handle().result();
  expect(await bandwidth(play)).toBe(10 * MiB);
});

test('is set where the configuration has none, also before preflight is over', async () => {
  const gate = new Gate();
  const play: Play = stage.play({
    preflight: async () => {
      await gate.opened;
      return { transfer: play.transfer, scope: {} };
    },
  });
  const handle = await play.run();
  await until('preflight has begun', () => play.log.length === 1);
  expect(await bandwidth(play)).toBeUndefined();
  await handle.signal(limitSignal, { bandwidth: '5MiB/s' });
  expect(await bandwidth(play)).toBe(5 * MiB);
  gate.open();
  await handle.result();
  expect(await bandwidth(play)).toBe(5 * MiB);
});

test('is not changed by what has another shape', async () => {
  const { play, handle, gate } = await running(10 * MiB);
  const wrong = [
    { bandwith: '1MiB/s' },
    { bandwidth: '1MiB' },
    { bandwidth: '1KiB/s' },
    { bandwidth: 'none' },
    { bandwidth: 1_000_000 },
    { bandwidth: '1MiB/s', prefix: 'a/' },
    '1MiB/s',
    ['1MiB/s'],
    7,
  ];
  for (const message of wrong) {
    await handle.signal('limit', message);
    expect([message, await bandwidth(play)]).toEqual([message, 10 * MiB]);
  }
  gate.open();
  await expect(handle.result()).resolves.toMatchObject({ copied: 1, failed: 0 });
});

test('is asked for without a trace: lanes and objects know nothing of it', async () => {
  const { play, handle, gate } = await running();
  await handle.signal(limitSignal, { bandwidth: '1MiB/s' });
  const eventsOf = async (suffix = '') => (await play.handle(suffix).fetchHistory()).events ?? [];
  const before = [(await eventsOf('/r/main')).length, (await eventsOf('/o/k')).length];
  for (let i = 0; i < 20; i++) await bandwidth(play);
  expect([(await eventsOf('/r/main')).length, (await eventsOf('/o/k')).length]).toEqual(before);
  gate.open();
  await handle.result();
  const signals = (await eventsOf()).map((event) => event.workflowExecutionSignaledEventAttributes?.signalName);
  expect(signals.filter((name) => name === 'limit')).toHaveLength(1);
});
