/** When a pack writes down what is finished. */
import { PackLog, type PackCheckpoint, type SmallEnd } from '../../src/transfer/pack-log';

function scene() {
  const time = { now: 0 };
  const checkpoints: PackCheckpoint[] = [];
  const written: number[] = [];
  const log = new PackLog({
    start: { startAfter: '' },
    deferred: () => [],
    clock: { now: () => time.now },
    onLines: (lines) => {
      written.push(lines.length);
      return Promise.resolve();
    },
    onCheckpoint: (checkpoint) => checkpoints.push(checkpoint),
  });
  let walked = 0;
  /** Returns what ends it. */
  const begin = () => {
    const key = String((walked += 1)).padStart(4, '0');
    const end = log.begin({ position: { startAfter: key }, deferred: 0 });
    return () => end(skipped(key));
  };
  return { time, log, checkpoints, written, begin };
}

function skipped(key: string): SmallEnd {
  return { kind: 'line', line: { outcome: 'skipped', reason: 'identical', key, size: 1, sourceEtag: 'e' } };
}

test('after 256 objects', async () => {
  const { log, written, begin } = scene();
  for (let i = 0; i < 600; i++) begin()();
  await log.idle();
  await log.close();
  expect(written).toEqual([256, 256, 88]);
});

test('after five seconds, be they few, and not before', async () => {
  const { time, log, checkpoints, written, begin } = scene();
  for (let i = 0; i < 3; i++) begin()();
  time.now = 4_999;
  begin()();
  await log.idle();
  expect(written).toEqual([]);
  time.now = 5_000;
  begin()();
  await log.idle();
  expect(written).toEqual([5]);
  expect(checkpoints).toMatchObject([{ segment: 1, position: { startAfter: '0005' }, counters: { skipped: 5 } }]);
  time.now = 9_999;
  begin()();
  await log.idle();
  expect(written).toEqual([5]);
});

test('never past an object that has not ended', async () => {
  const { time, log, checkpoints, begin } = scene();
  begin()();
  const slow = begin();
  time.now = 6_000;
  begin()();
  await log.idle();
  expect(checkpoints.map(({ position }) => position.startAfter)).toEqual(['0001']);
  time.now = 12_000;
  begin()();
  await log.idle();
  expect(checkpoints).toHaveLength(1);
  slow();
  await log.idle();
  expect(checkpoints.at(-1)).toMatchObject({ position: { startAfter: '0004' }, counters: { skipped: 4 } });
});
