/** All processes together hold a limit within a tenth, over any five seconds, also where objects go from one to the next. */
import { Crowd, numbers, type CrowdMember } from '../support/bandwidth-crowd';

const MB = 1e6;
const LIMIT = 20 * MB;
const LINE = 60 * MB;
const SECONDS = 60;
const MOST = 1.1 * LIMIT;

function crowdOf(count: number) {
  const crowd = new Crowd(LIMIT, LINE);
  const members = Array.from({ length: count }, (_, index) => crowd.join(`p${index}`));
  return { crowd, members };
}

function always(member: CrowdMember | undefined, atOnce: number, bytes = 10 * MB): void {
  const slot = async () => {
    for (;;) await member?.copy(bytes);
  };
  for (let i = 0; i < atOnce; i++) void slot();
}

/** So many objects at once, each handed to any of them. */
function hop(crowd: Crowd, members: readonly CrowdMember[], atOnce: number, bytes: number, seed: number): void {
  const random = numbers(seed);
  const slot = async () => {
    for (;;) {
      await crowd.clock.sleep(50 + random() * 150);
      await members[Math.floor(random() * members.length)]?.copy(bytes);
    }
  };
  for (let i = 0; i < atOnce; i++) void slot();
}

const within = (rate: number, limit: number) => expect(Math.abs(rate / limit - 1)).toBeLessThan(0.1);

describe('objects that go from one process to the next:', () => {
  test.each([
    [2, 2, 10],
    [3, 2, 10],
    [3, 4, 10],
    [5, 3, 10],
    [3, 8, 2],
    [3, 16, 10],
  ])('%i processes, %i at once, of %i MB', async (count, atOnce, size) => {
    for (const seed of [1, 2, 3]) {
      const { crowd, members } = crowdOf(count);
      hop(crowd, members, atOnce, size * MB, seed);
      await crowd.run(SECONDS);
      within(crowd.rate(5, SECONDS), LIMIT);
      expect(crowd.highest(5, 0, SECONDS)).toBeLessThan(MOST);
    }
  });

  test('of two releases: nobody goes beyond the limit', async () => {
    const { crowd, members } = crowdOf(2);
    hop(crowd, [...members, crowd.join('old', { tells: false })], 4, 10 * MB, 1);
    await crowd.run(SECONDS);
    expect(crowd.rate(5, SECONDS)).toBeGreaterThan(0.6 * LIMIT);
    expect(crowd.highest(5, 0, SECONDS)).toBeLessThan(MOST);
  });
});

test.each<[string, number[]]>([
  ['all at work', [5, 5, 5]],
  ['one at work, and two that have nothing', [5, 0, 0]],
  ['much here, little there', [9, 1, 1]],
])('%s', async (_name, copies) => {
  const { crowd, members } = crowdOf(copies.length);
  members.forEach((member, index) => always(member, copies[index] ?? 0));
  await crowd.run(SECONDS);
  within(crowd.rate(5, SECONDS), LIMIT);
  expect(crowd.highest(5, 0, SECONDS)).toBeLessThan(MOST);
});

test('one with tiny objects, which is held by their number and not by its share', async () => {
  const { crowd, members } = crowdOf(2);
  always(members[0], 2, 16 * MB);
  always(members[1], 8, MB / 100);
  await crowd.run(SECONDS);
  within(crowd.rate(5, SECONDS), LIMIT);
  expect(crowd.highest(5, 0, SECONDS)).toBeLessThan(MOST);
});

test('one that is killed: the others take up its part, and go beyond the limit at no time', async () => {
  const { crowd, members } = crowdOf(3);
  for (const member of members) always(member, 5);
  await crowd.run(20);
  members[0]?.kill();
  await crowd.run(40);
  expect(crowd.rate(22, 34)).toBeGreaterThan(0.8 * LIMIT);
  within(crowd.rate(36, 60), LIMIT);
  expect(crowd.highest(5, 0, 60)).toBeLessThan(MOST);
});

test.each([0.5, 2])('the limit times %d', async (times) => {
  const { crowd, members } = crowdOf(3);
  for (const member of members) always(member, 5);
  await crowd.run(20);
  crowd.board.rate = times * LIMIT;
  await crowd.run(40);
  expect(crowd.highest(5, 0, 60)).toBeLessThan(Math.max(1, times) * MOST);
  within(crowd.rate(26, 60), times * LIMIT);
  expect(crowd.highest(5, 26, 60)).toBeLessThan(times * MOST);
});

test('four that join one at once', async () => {
  const { crowd, members } = crowdOf(5);
  always(members[0], 2);
  await crowd.run(20);
  for (const member of members.slice(1)) always(member, 4);
  await crowd.run(20);
  within(crowd.rate(25, 40), LIMIT);
  expect(crowd.highest(5, 0, 40)).toBeLessThan(MOST);
});

test.each([2, 3, 5, 8])('%i that come and go at random go beyond the limit at no time', async (count) => {
  for (const [seed, phase] of [
    [77, 1000],
    [154, 2000],
    [231, 5000],
  ] as const) {
    // prettier-ignore
    const random = numbers(seed);
    const { crowd, members } = crowdOf(count);
    const work = async (member: CrowdMember) => {
      for (;;) {
        await crowd.clock.sleep(random() * phase);
        const until = crowd.clock.now() + random() * phase;
        const slot = async () => {
          do await member.copy((1 + random() * 10) * MB);
          while (crowd.clock.now() < until);
        };
        await Promise.all(Array.from({ length: 1 + Math.floor(random() * 6) }, slot));
      }
    };
    for (const member of members) void work(member);
    await crowd.run(SECONDS);
    expect(crowd.highest(5, 0, SECONDS)).toBeLessThan(MOST);
  }
});
