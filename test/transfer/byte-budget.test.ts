/** The memory that all copies share: never more than the total is held, and nobody is overtaken. */
import fc from 'fast-check';
import { setImmediate as turn } from 'node:timers/promises';
import { ByteBudget } from '../../src/transfer/byte-budget';

/** Holds `bytes` until it is released, and notes its start. */
function holder(budget: ByteBudget, started: string[]) {
  return (name: string, bytes: number) => {
    let release = () => undefined as void;
    const released = new Promise<void>((resolve) => (release = resolve));
    const ended = budget.hold(bytes, () => {
      started.push(name);
      return released;
    });
    return { release, ended };
  };
}

describe('ByteBudget', () => {
  test('grants what is free at once, and the rest when it comes back', async () => {
    const started: string[] = [];
    const hold = holder(new ByteBudget(10), started);
    const a = hold('a', 6);
    const b = hold('b', 4);
    hold('c', 1);
    await turn();
    expect(started).toEqual(['a', 'b']);
    b.release();
    await turn();
    expect(started).toEqual(['a', 'b', 'c']);
    a.release();
    await Promise.all([a.ended, b.ended]);
  });

  test('serves first come, first served: a small wish does not overtake a large one', async () => {
    const started: string[] = [];
    const hold = holder(new ByteBudget(10), started);
    const a = hold('a', 6);
    const large = hold('large', 8);
    const small = hold('small', 2);
    await turn();
    expect(started).toEqual(['a']);
    a.release();
    await turn();
    expect(started).toEqual(['a', 'large', 'small']);
    large.release();
    small.release();
  });

  test('grants a wish above the whole budget when nothing else is held', async () => {
    const started: string[] = [];
    const hold = holder(new ByteBudget(10), started);
    const a = hold('a', 1);
    const huge = hold('huge', 1_000);
    const after = hold('after', 1);
    await turn();
    expect(started).toEqual(['a']);
    a.release();
    await turn();
    expect(started).toEqual(['a', 'huge']);
    huge.release();
    await turn();
    expect(started).toEqual(['a', 'huge', 'after']);
    after.release();
  });

  test('gives back what a failed use has held', async () => {
    const budget = new ByteBudget(10);
    const failure = new Error('failed');
    await expect(budget.hold(10, () => Promise.reject(failure))).rejects.toBe(failure);
    await expect(budget.hold(10, () => Promise.resolve('again'))).resolves.toBe('again');
  });

  test('of several owners, and of one owner’s kinds, who holds least comes first', async () => {
    const started: string[] = [];
    const releases: (() => void)[] = [];
    const budget = new ByteBudget(8);
    const hold = (name: string, bytes: number) => {
      const use = () => {
        started.push(name);
        return new Promise<void>((resolve) => releases.push(resolve));
      };
      void budget.hold(bytes, use, { owner: name.slice(0, 1), kind: name.slice(1, 2) });
    };
    for (let i = 1; i <= 20; i++) hold(`as${i}`, 1);
    hold('al1', 4);
    hold('bs1', 2);
    hold('al2', 4);
    await turn();
    expect(started).toHaveLength(8);
    const releaseNext = async (times: number) => {
      for (let i = 0; i < times; i++) releases.shift()?.();
      await turn();
    };
    await releaseNext(2);
    expect(started.slice(8)).toEqual(['bs1']);
    await releaseNext(3);
    // The large one waits for its room, and none of the small ones overtakes it.
    expect(started.slice(9)).toEqual([]);
    await releaseNext(1);
    expect(started.slice(9)).toEqual(['al1']);
    await releaseNext(1);
    expect(started.slice(10)).toEqual(['as9']);
  });

  describe('with a part that is reserved', () => {
    /** Each name begins with its owner. */
    function ownersOf(budget: ByteBudget) {
      const started: string[] = [];
      const releases = new Map<string, () => void>();
      const hold = (name: string, bytes: number) => {
        const use = () => {
          started.push(name);
          return new Promise<void>((resolve) => releases.set(name, resolve));
        };
        void budget.hold(bytes, use, { owner: name.slice(0, 1) });
      };
      const release = async (name: string) => {
        releases.get(name)?.();
        await turn();
      };
      return { started, hold, release };
    }

    test('who has filled the rest does not make the next owner wait, for as little as that is', async () => {
      const { started, hold, release } = ownersOf(new ByteBudget(8, 2));
      for (let i = 1; i <= 9; i++) hold(`a${i}`, 1);
      for (let i = 1; i <= 3; i++) hold(`b${i}`, 1);
      await turn();
      expect(started).toEqual(['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'b1', 'b2']);
      await release('a1');
      // What is above the rest stays so until enough is given back.
      expect(started).toHaveLength(8);
      for (const name of ['a2', 'a3']) await release(name);
      expect(started.slice(8)).toEqual(['b3']);
      await release('a4');
      expect(started.slice(9)).toEqual(['a7']);
    });

    test('a wish that is too large for both waits, and none of its kind overtakes it', async () => {
      const { started, hold, release } = ownersOf(new ByteBudget(8, 2));
      hold('a1', 6);
      hold('b1', 5);
      hold('c1', 3);
      hold('d1', 1);
      await turn();
      expect(started).toEqual(['a1', 'd1']);
      await release('d1');
      await release('a1');
      expect(started).toEqual(['a1', 'd1', 'b1']);
      await release('b1');
      expect(started).toEqual(['a1', 'd1', 'b1', 'c1']);
    });

    test('a wish above the rest is granted when nothing is held', async () => {
      const { started, hold, release } = ownersOf(new ByteBudget(8, 2));
      hold('a1', 1);
      hold('a2', 7);
      await turn();
      expect(started).toEqual(['a1']);
      await release('a1');
      expect(started).toEqual(['a1', 'a2']);
    });

    test('never is more held than there is, and everyone gets his turn', async () => {
      const wish = fc.tuple(
        fc.constantFrom('a', 'b', 'c'),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 0, max: 5 }),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(wish, { maxLength: 40 }), async (wishes) => {
          const budget = new ByteBudget(10, 3);
          let held = 0;
          await Promise.all(
            wishes.map(([owner, bytes, turns]) =>
              budget.hold(
                bytes,
                async () => {
                  held += Math.min(bytes, 10);
                  expect(held).toBeLessThanOrEqual(10);
                  for (let i = 0; i < turns; i++) await Promise.resolve();
                  held -= Math.min(bytes, 10);
                },
                { owner },
              ),
            ),
          );
        }),
      );
    });
  });

  test.each([0, -1, 1.5, NaN, Infinity])('refuses a total of %s', (total) => {
    expect(() => new ByteBudget(total)).toThrow(
      new RangeError(`Expected \`total\` to be a positive number of bytes, got \`${total}\``),
    );
  });
});
