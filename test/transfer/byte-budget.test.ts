/** The memory that all copies share: never more than the total is held, and nobody is overtaken. */
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

  test.each([0, -1, 1.5, NaN, Infinity])('refuses a total of %s', (total) => {
    expect(() => new ByteBudget(total)).toThrow(
      new RangeError(`Expected \`total\` to be a positive number of bytes, got \`${total}\``),
    );
  });
});
