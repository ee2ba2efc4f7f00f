/** What is left unused of a limit is made up for, within bounds, and what was too much is given back. */
import fc from 'fast-check';
import { boostOf, nextBalance, type Balance } from '../../src/domain/bandwidth-balance';
import type { Claim } from '../../src/domain/bandwidth-share';

const LIMIT = 1_000_000;
const claim = (process: string, sent?: number, copies = 1): Claim => ({
  process,
  copies,
  want: Infinity,
  ...(sent === undefined ? {} : { sent }),
});
const job: Claim = { process: 'j', copies: 1, want: LIMIT / 4, job: true };
const before: Balance = { at: 0, sent: new Map([['p', 500_000], ['q', 100_000]]), seconds: 0 }; // prettier-ignore

describe('half a second later,', () => {
  test.each<[string, Claim[], number | undefined]>([
    ['all was used', [claim('p', 700_000), claim('q', 400_000)], 0],
    ['a tenth of a second of it was left', [claim('p', 700_000), claim('q', 300_000)], 0.1],
    ['a tenth of a second of it was too much', [claim('p', 900_000), claim('q', 300_000)], -0.1],
    ['nothing was sent: no more than so much is made up for', [claim('p', 500_000), claim('q', 100_000)], 0.3],
    ['far too much was sent: no more than so much is given back', [claim('p', 5e6), claim('q', 5e6)], -0.8],
    ['one that has come counts with all it has sent', [claim('p', 700_000), claim('q', 100_000), claim('r', 300_000)], 0], // prettier-ignore
    ['so does one that has come again', [claim('p', 700_000), claim('q', 50_000)], 0.25],
    ['one that has gone counts no more', [claim('p', 900_000)], 0.1],
    ['jobs have their own, and do not count', [claim('p', 700_000), claim('q', 275_000), job], 0],
    ['one at work that does not tell: nothing is known', [claim('p', 700_000), claim('q')], undefined],
    ['one that has left does not matter', [claim('p', 900_000), claim('q', undefined, 0)], 0.1],
  ])('%s', (_name, claims, seconds) => {
    const after = nextBalance(before, 500, LIMIT, claims);
    if (seconds === undefined) expect(after).toBeUndefined();
    else expect(after?.seconds).toBeCloseTo(seconds, 6);
  });

  test('it is not known at the first look what was sent before', () => {
    expect(nextBalance(undefined, 500, LIMIT, [claim('p', 5e6)])?.seconds).toBe(0);
  });
});

test('shares are raised by what was left, lowered by what was too much, and as they are where nothing is known', () => {
  expect([undefined, 0, 0.3, -0.8].map((seconds) => boostOf(seconds === undefined ? seconds : { ...before, seconds }))).toEqual([1, 1, 1.3, expect.closeTo(0.2, 6)]); // prettier-ignore
});

test('over any stretch, what is sent by raised shares comes to the limit and 0.3 s of it at most', () => {
  const looks = fc.array(
    fc.record({ ms: fc.integer({ min: 1, max: 900 }), used: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })) }), // prettier-ignore
    { minLength: 1, maxLength: 60 },
  );
  fc.assert(
    fc.property(looks, fc.nat(59), (steps, from) => {
      let balance = nextBalance(undefined, 0, LIMIT, [claim('p', 0)]);
      let [at, sent, begun] = [0, 0, { at: 0, sent: 0 }];
      steps.forEach(({ ms, used }, index) => {
        if (index === from) begun = { at, sent };
        at += ms;
        sent += (used * boostOf(balance) * LIMIT * ms) / 1000;
        balance = nextBalance(balance, at, LIMIT, [claim('p', sent)]);
      });
      expect((sent - begun.sent) / LIMIT).toBeLessThanOrEqual((at - begun.at) / 1000 + 0.3 + 1e-6);
    }),
  );
});
