/** A lane whose history has grown long begins anew where it is, with its children at work. */
import { holdsSignal } from '../../src/workflows/messages';
import { aLane, anObject, aPack, found, packed } from './support/examples';
import { Gate, moving, until } from './support/gate';
import { useStage } from './support/stage';

const stage = useStage();

const SCANS = 340;
const counters = { listed: 10, skipped: 10 };

test('a long lane begins anew past 2,000 events, and nothing is lost or done twice', async () => {
  let scans = 0;
  const gate = new Gate();
  const play = stage.play(
    {
      scanRange: ({ range }) => {
        if (range.prefix === 'in/held/') return found({ counters });
        scans += 1;
        const more = scans < SCANS ? { next: { prefix: 'in/', startAfter: `in/${scans}` } } : {};
        if (scans === 1) return found({ objects: [anObject('long')], counters, ...more });
        // Now and then more than the window holds: something always waits, and near the end too.
        if (scans % 20 !== 0) return found({ counters, ...more });
        const both = [anObject(`${scans}-a`), anObject(`${scans}-b`)];
        return found({ objects: both, packs: [aPack(`${scans}`)], counters, ...more });
      },
      copyParts: ({ targetKey }) => (targetKey === 'out/long' ? moving(gate) : { state: 'complete' }),
      copyPack: () => packed({ counters: { listed: 7, copied: 7 } }),
    },
    { limits: { lanes: 1, objectsPerLane: 2 } },
  );
  const held = { range: { prefix: 'in/held/' }, hold: 'held/' };
  const lane = aLane(play.transfer, {
    holds: ['held/'],
    stretches: [{ range: { prefix: 'in/' }, passed: ['held/'] }, held],
    // Kept for the end: they have nothing to do with the rest.
    changing: [anObject('aside-a'), anObject('aside-b')],
  });
  const handle = await play.start('transferRange', `${play.id}/r/main`, lane);
  await until('it has scanned all but what is held', () => scans === SCANS, 110_000);
  expect((await play.handle('/r/main', handle.firstExecutionRunId).describe()).status.name).toBe('CONTINUED_AS_NEW');
  await handle.signal(holdsSignal, []);
  gate.open();
  const rounds = SCANS / 20;
  await expect(handle.result()).resolves.toMatchObject({
    listed: (SCANS + 1) * 10 + rounds * 9 + 1,
    skipped: (SCANS + 1) * 10,
    copied: rounds * 9 + 3,
    failed: 0,
  });
  const { status, historyLength } = await play.handle('/r/main', handle.firstExecutionRunId).describe();
  expect(status.name).toBe('CONTINUED_AS_NEW');
  expect(historyLength).toBeLessThan(2100);
  const requests = play.calls('scanRange');
  const walked = Array.from({ length: SCANS }, (_, i) => (i === 0 ? undefined : `in/${i}`));
  expect(requests.map(({ range }) => range.startAfter)).toEqual([...walked, undefined]);
  expect(requests.map(({ sequence }) => sequence)).toEqual(requests.map((_, i) => i + 1));
  expect(requests.map(({ passed }) => passed.join())).toEqual([...walked.map(() => 'held/'), '']);
  const ids = play.calls('openTransfer').map(({ object }) => object.id);
  expect(new Set(ids).size).toBe(rounds * 2 + 3);
  expect(ids).toHaveLength(rounds * 2 + 3);
  expect(ids.slice(-2).sort()).toEqual(['aside-a', 'aside-b']);
  expect(play.calls('copyPack')).toHaveLength(rounds);
});
