/** The lane that is asked to share. */
import { NO_COUNTERS } from '../../src/domain/counters';
import { laneToSplit, type KnownLane } from '../../src/workflows/lane-choice';

const NOW = 1_000_000;

function known(listed: number, changes: Partial<KnownLane> = {}): KnownLane {
  const counters = { ...NO_COUNTERS, listed };
  return { since: NOW - 5000, counters, listingDone: false, over: false, whole: false, ...changes };
}

test.each<[string, Record<string, KnownLane>, number, ReturnType<typeof laneToSplit>]>([
  ['one that has listed for long', { main: known(20_000) }, 4, { lane: 'main', pieces: 4 }],
  [
    'the one that has come least far',
    { main: known(90_000), 'main-2': known(30_000) },
    3,
    { lane: 'main-2', pieces: 2 },
  ],
  [
    'one that is old, whatever it has reported',
    { main: known(0, { since: NOW - 30_000 }) },
    2,
    { lane: 'main', pieces: 2 },
  ],
  ['none that has just begun', { main: known(19_999) }, 4, undefined],
  ['none that has listed all', { main: known(50_000, { listingDone: true }) }, 4, undefined],
  ['none that had nothing to share', { main: known(50_000, { whole: true }) }, 4, undefined],
  ['none where as many are at work as may be', { main: known(50_000), 'main-2': known(0) }, 2, undefined],
  [
    'another when one is over',
    { main: known(50_000), 'main-2': known(9, { over: true }) },
    2,
    { lane: 'main', pieces: 2 },
  ],
])('is %s', (_name, lanes, most, expected) => {
  expect(laneToSplit(new Map(Object.entries(lanes)), most, NOW)).toEqual(expected);
});

test('a run has so many lanes in all', () => {
  const over = Array.from({ length: 126 }, (_, i) => [`main-${i + 2}`, known(9, { over: true })] as const);
  const lanes = new Map([['main', known(50_000)] as const, ...over]);
  expect(laneToSplit(lanes, 64, NOW)).toEqual({ lane: 'main', pieces: 2 });
  lanes.set('main-128', known(9, { over: true }));
  expect(laneToSplit(lanes, 64, NOW)).toBeUndefined();
});
