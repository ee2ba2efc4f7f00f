/** What a process says of itself, as one line, and which of all lines count. */
import fc from 'fast-check';
import type { Claim } from '../../src/domain/bandwidth-share';
import { lastWords, readWord, textOf } from '../../src/workers/poller-board';

const said = (process: string, number: number, copies: number, want: number, at: number, job = false) => ({
  identity: `ferry-bandwidth ${number} ${textOf({ process, copies, want, job })}`,
  at,
});
const words = (...pollers: Parameters<typeof lastWords>[0]) =>
  lastWords(pollers).map(({ process, copies }) => [process, copies]);

describe('a claim', () => {
  test.each<[Claim, string]>([
    [{ process: 'host:12:ab', copies: 4, want: 2e7 }, 'host:12:ab 4 20000000'],
    [{ process: 'host:12:ab', copies: 4, want: Infinity }, 'host:12:ab 4 all'],
    [{ process: 'host:12:ab', copies: 4, want: 2e7, sent: 65536 }, 'host:12:ab 4 20000000 sent=65536'],
    [{ process: 'ferry-1-2', copies: 1, want: 5, job: true }, 'ferry-1-2 1 5 job'],
  ])('%j is one line that people can read', (claim, text) => expect(textOf(claim)).toBe(text));

  test('is read as it was written', () => {
    const whole = fc.nat({ max: Number.MAX_SAFE_INTEGER });
    const claims = fc.record<Claim>(
      {
        process: fc.stringMatching(/^[\w:.-]{1,40}$/),
        copies: fc.nat(),
        want: fc.oneof(whole, fc.constant(Infinity)),
        job: fc.constant(true),
        sent: whole,
      },
      { requiredKeys: ['process', 'copies', 'want'] },
    );
    fc.assert(
      fc.property(claims, whole, (claim, number) => {
        expect(readWord(`ferry-bandwidth ${number} ${textOf(claim)}`)).toEqual({ claim, number });
      }),
    );
  });

  test.each([
    ['4711@host'],
    [''],
    ['ferry-bandwidth'],
    ['ferry-bandwidth 1 p 2'],
    ['ferry-bandwidth 1 p 2 x'],
    ['ferry-bandwidth 1 p 2 -4'],
    ['ferry-bandwidth 1 p 2 3 4'],
    ['ferry-bandwidth 1 p 2 3 sent='],
    ['other 1 p 2 3'],
  ])('%p is none', (text) => expect(readWord(text)).toBeUndefined());
});

describe('of all claims', () => {
  test('the last of each process counts, whichever Temporal has seen last', () => {
    expect(words(said('p', 2, 20, 1, 1000), said('p', 1, 10, 1, 1500), said('q', 1, 5, 1, 900))).toEqual([
      ['p', 20],
      ['q', 5],
    ]);
  });

  test('one that was not shown for 15 s does not count, by the server’s clock', () => {
    expect(words(said('p', 1, 1, 1, 100_000), said('q', 1, 2, 1, 85_001), said('r', 1, 3, 1, 85_000))).toEqual([
      ['p', 1],
      ['q', 2],
    ]);
  });

  test('one that has left does not count; a job that waits does', () => {
    expect(words(said('p', 1, 9, 9, 1), said('p', 2, 0, 0, 2), said('j', 1, 0, 0, 2, true))).toEqual([['j', 0]]);
  });

  test('pollers of another kind do not count', () => expect(words({ identity: '4711@host', at: 1 })).toEqual([]));
  test('none is none', () => expect(words()).toEqual([]));
});
