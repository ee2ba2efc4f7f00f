/** When a pack writes down what is finished. */
import { setImmediate as settled } from 'node:timers/promises';
import { PackLog, type PackCheckpoint, type SmallEnd } from '../../src/transfer/pack-log';

function scene() {
  const time = { now: 0, alarm: undefined as { readonly at: number; readonly wake: () => void } | undefined };
  const clock = {
    now: () => time.now,
    after(ms: number, wake: () => void) {
      time.alarm = { at: time.now + ms, wake };
      return () => {
        time.alarm = undefined;
      };
    },
  };
  const passTo = (now: number) => {
    time.now = now;
    const { alarm } = time;
    if (alarm === undefined || alarm.at > now) return;
    time.alarm = undefined;
    alarm.wake();
  };
  const checkpoints: PackCheckpoint[] = [];
  const written: number[] = [];
  const log = new PackLog({
    start: { startAfter: '' },
    deferred: () => [],
    clock,
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
  return { passTo, log, checkpoints, written, begin };
}

function skipped(key: string): SmallEnd {
  return { kind: 'line', line: { outcome: 'skipped', reason: 'identical', key, size: 1, sourceEtag: 'e' } };
}

test('after 256 objects', async () => {
  const { log, written, begin } = scene();
  for (let i = 0; i < 600; i++) begin()();
  await settled();
  await log.close();
  expect(written).toEqual([256, 256, 88]);
});

test('five seconds after the first of them has ended, though no other ends meanwhile', async () => {
  const { passTo, checkpoints, written, begin } = scene();
  passTo(60_000);
  for (let i = 0; i < 3; i++) begin()();
  await settled();
  expect(written).toEqual([]);
  passTo(64_999);
  begin()();
  expect(written).toEqual([]);
  passTo(65_000);
  await settled();
  expect(written).toEqual([4]);
  expect(checkpoints).toMatchObject([{ segment: 1, position: { startAfter: '0004' }, counters: { skipped: 4 } }]);
  begin()();
  passTo(69_999);
  await settled();
  expect(written).toEqual([4]);
  passTo(70_000);
  await settled();
  expect(written).toEqual([4, 1]);
});

test('not by itself once it has ended, and by the close then', async () => {
  const { passTo, log, written, begin } = scene();
  begin()();
  await log.end();
  passTo(60_000);
  expect(written).toEqual([]);
  await log.close();
  expect(written).toEqual([1]);
});

test('never past an object that has not ended', async () => {
  const { passTo, checkpoints, begin } = scene();
  begin()();
  const slow = begin();
  passTo(6_000);
  begin()();
  await settled();
  expect(checkpoints.map(({ position }) => position.startAfter)).toEqual(['0001']);
  passTo(12_000);
  begin()();
  await settled();
  expect(checkpoints).toHaveLength(1);
  slow();
  passTo(18_000);
  await settled();
  expect(checkpoints.at(-1)).toMatchObject({ position: { startAfter: '0004' }, counters: { skipped: 4 } });
});
