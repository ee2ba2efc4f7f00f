/** Shares that come to the limit: by copies, by what is wanted, and after what jobs were given. */
import fc from 'fast-check';
import { shareOf, type Claim } from '../../src/domain/bandwidth-share';

const all = Infinity;
const worker = (copies: number, want: number, index: number): Claim => ({ process: `w${index}`, copies, want });
const job = (copies: number, want: number, index: number): Claim => ({ process: `j${index}`, copies, want, job: true });

describe('shareOf', () => {
  test.each<[string, [number, number][], [number, number][], number[]]>([
    ['alone: all', [[4, all]], [], [100]],
    ['two with as many copies: half each', [[4, all], [4, all]], [], [50, 50]], // prettier-ignore
    ['each copy gets the same', [[1, all], [4, all]], [], [20, 80]], // prettier-ignore
    ['what one cannot use is for the other', [[4, 10], [4, all]], [], [10, 90]], // prettier-ignore
    ['one that wants just its part is held to it', [[4, 50], [4, all]], [], [50, 50]], // prettier-ignore
    ['who wants little lets the others by their copies', [[9, 10], [1, all], [2, all]], [], [10, 30, 60]], // prettier-ignore
    ['nobody is held back: room to grow', [[4, 10], [4, 30]], [], [25, 75]], // prettier-ignore
    ['a job has its own', [[4, all]], [[1, 25]], [75]],
    ['a job that moves nothing now leaves it', [[4, all]], [[0, 25]], [100]],
    ['however many jobs, as much as one of them is left', [[1, all], [1, all]], times(9, [1, 25]), [12.5, 12.5]], // prettier-ignore
    ['without copies: none', [[0, all], [1, all]], [], [0, 100]], // prettier-ignore
  ])('%s', (_name, workers, jobs, expected) => {
    const claims = [...workers.map(([c, w], i) => worker(c, w, i)), ...jobs.map(([c, w], i) => job(c, w, i))];
    expect(workers.map((_, index) => shareOf(100, `w${index}`, claims))).toEqual(expected);
  });

  test('who is not on the board has none', () => {
    expect(shareOf(100, 'stranger', [worker(1, all, 0)])).toBe(0);
    expect(shareOf(100, 'stranger', [])).toBe(0);
  });

  test('the shares of all come to the limit, and nobody who wants more has less for a copy than another', () => {
    const claims = fc.array(
      fc.record({ copies: fc.integer({ min: 1, max: 512 }), want: fc.oneof(fc.constant(all), fc.integer({ min: 1, max: 1e9 })) }), // prettier-ignore
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(claims, fc.integer({ min: 65_536, max: 1e9 }), (list, limit) => {
        const board = list.map(({ copies, want }, index) => worker(copies, want, index));
        const shares = board.map(({ process }) => shareOf(limit, process, board));
        expect(shares.reduce((sum, share) => sum + share, 0) / limit).toBeCloseTo(1, 6);
        const short = board.map(({ want, copies }, i) => ({ each: (shares[i] ?? 0) / copies, short: want > (shares[i] ?? 0) })); // prettier-ignore
        const most = Math.max(...short.map(({ each }) => each));
        const total = board.reduce((sum, { want }) => sum + want, 0);
        if (total > limit) for (const one of short) if (one.short) expect(one.each / most).toBeCloseTo(1, 6);
      }),
    );
  });
});

function times(count: number, what: [number, number]): [number, number][] {
  return new Array<[number, number]>(count).fill(what);
}
