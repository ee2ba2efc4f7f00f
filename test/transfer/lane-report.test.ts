/** The report of a lane whose source changes while it is at work: each key stands where its order puts it, and within its group's span. */
import { compareKeys } from '../../src/domain/key-order';
import { readGroup, readGroups } from '../../src/transfer/report-groups';
import { aStage, anEngine, aTransfer, withoutWaiting } from './examples';
import { expectReportOf } from './lane-report';
import { MemoryLane, RUN } from './memory-lane';

withoutWaiting();

test('keys that come between a scan and its pack stand in the report, each in its place', async () => {
  const stage = aStage();
  const seed = (prefix: string, count: number, size: number) => {
    for (let i = 0; i < count; i++) stage.source.seed(`${prefix}${String(i).padStart(3, '0')}`, 'x'.repeat(size));
  };
  // A scan ends with the large ones, and the next one begins with the small ones behind them.
  seed('k1/', 10, 1);
  seed('k2/', 256 - 10, 200);
  seed('k4/', 10, 1);
  const transfer = aTransfer({ route: { packBelow: 100, batchFrom: 1_000_000 } });
  const lane = new MemoryLane(transfer, anEngine(stage), { packsFirst: true });
  lane.onPack = () => {
    for (const key of ['k0', 'k1/0', 'k1/0055', 'k1/2', 'k3', 'k4/009a']) stage.source.seed(key, 'late');
    return undefined;
  };
  await lane.run();
  await expectReportOf(lane);
  expect(lane.lines.map(({ key }) => key)).toEqual(expect.arrayContaining(['k0', 'k1/0', 'k1/0055', 'k3']));
  const groups = await readGroups(lane.report, RUN.id);
  expect(groups).toHaveLength(2);
  for (const { name, span } of groups) {
    const keys = (await readGroup(lane.report, RUN.id, name)).map(({ key }) => key);
    expect(
      keys.filter((key) => compareKeys(key, span.first ?? '') < 0 || compareKeys(key, span.last ?? '') > 0),
    ).toEqual([]);
  }
});
