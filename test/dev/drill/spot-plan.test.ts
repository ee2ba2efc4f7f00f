import { seededRandom } from '../../../dev/drill/random';
import { planSpot } from '../../../dev/drill/spot/plan';

const SMALL = { objects: 5, smallest: 25e6, largest: 60e6 };
const FULL = { objects: 20, smallest: 200e6, largest: 2e9 };
const EACH = { killWorker: 1, killEndpoint: 1 };
const TWO = { killWorker: 2, killEndpoint: 2, refuseSubmit: 2, loseAnswer: 2 };
const timesOf = (values: readonly string[]) =>
  Object.fromEntries([...new Set(values)].map((value) => [value, values.filter((each) => each === value).length]));

test.each([
  ['a small one', SMALL, { ...EACH, reclaimWithNotice: 1, reclaimAtOnce: 1 }],
  ['a full one', FULL, { ...TWO, reclaimWithNotice: 9, reclaimAtOnce: 9 }],
])('%s has objects within its bounds, and each disturbance', (_what, options, disturbances) => {
  const plan = planSpot(options, seededRandom(1));
  const sizes = plan.objects.map(({ size }) => size);
  expect(sizes).toHaveLength(options.objects);
  expect([Math.min(...sizes), Math.max(...sizes)]).toEqual([options.smallest, options.largest]);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(plan.bytes);
  expect(timesOf(plan.disturbances)).toEqual(disturbances);
});

test.each([
  ['a small one', SMALL, 5 * 1024 ** 2],
  ['a full one', FULL, 16 * 1024 ** 2],
])('what %s may lose with its hosts stays within the bound', (_what, options, largestPart) => {
  const { bytes, disturbances, partConcurrency, room } = planSpot(options, seededRandom(2));
  const times = timesOf(disturbances);
  const hosts = (times.reclaimAtOnce ?? 0) + (times.killEndpoint ?? 0) * (room.spot + room.onDemand);
  expect(hosts * partConcurrency * largestPart).toBeLessThan(bytes * 0.15);
});

test('one seed gives one plan', () => {
  expect(planSpot(FULL, seededRandom(3))).toEqual(planSpot(FULL, seededRandom(3)));
  expect(planSpot(FULL, seededRandom(3))).not.toEqual(planSpot(FULL, seededRandom(4)));
});
