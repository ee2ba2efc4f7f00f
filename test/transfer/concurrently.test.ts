/** Work over many items with a limit: how many at once, and what an error does. */
import { setImmediate as turn } from 'node:timers/promises';
import { concurrently } from '../../src/transfer/concurrently';

describe('concurrently', () => {
  test.each([1, 3, 100])('runs every item once, at most %s at once', async (limit) => {
    const done: number[] = [];
    let running = 0;
    let most = 0;
    await concurrently(Array(20).keys(), limit, async (item) => {
      running += 1;
      most = Math.max(most, running);
      await turn();
      running -= 1;
      done.push(item);
    });
    expect(done.sort((a, b) => a - b)).toEqual([...Array(20).keys()]);
    expect(most).toBe(Math.min(limit, 20));
  });

  test('takes items only when there is room for them', async () => {
    let taken = 0;
    function* items() {
      for (; taken < 10;) yield (taken += 1);
    }
    let release = () => undefined as void;
    const released = new Promise<void>((resolve) => (release = resolve));
    const all = concurrently(items(), 2, () => released);
    await turn();
    expect(taken).toBe(2);
    release();
    await all;
    expect(taken).toBe(10);
  });

  test('an error stops new starts, and is thrown once all others have ended', async () => {
    const started: number[] = [];
    const ended: number[] = [];
    const work = concurrently([1, 2, 3, 4, 5], 2, async (item) => {
      started.push(item);
      if (item === 2) throw new Error('two');
      await turn();
      await turn();
      ended.push(item);
    });
    await expect(work).rejects.toThrow('two');
    expect(started).toEqual([1, 2]);
    expect(ended).toEqual([1]);
  });

  test('nothing starts when the error came while the next item was awaited', async () => {
    const started: number[] = [];
    async function* slow() {
      yield 1;
      await turn();
      await turn();
      yield 2;
    }
    const work = concurrently(slow(), 5, async (item) => {
      started.push(item);
      await turn();
      throw new Error(`item ${item}`);
    });
    await expect(work).rejects.toThrow('item 1');
    expect(started).toEqual([1]);
  });

  test('an error of the items is thrown once all work has ended', async () => {
    const ended: number[] = [];
    async function* broken() {
      yield 1;
      yield 2;
      await turn();
      throw new Error('the listing broke off');
    }
    const work = concurrently(broken(), 5, async (item) => {
      await turn();
      await turn();
      ended.push(item);
    });
    await expect(work).rejects.toThrow('the listing broke off');
    expect(ended).toEqual([1, 2]);
  });

  test('an error closes the items', async () => {
    let closed = false;
    function* items() {
      try {
        yield 1;
        yield 2;
      } finally {
        closed = true;
      }
    }
    await expect(concurrently(items(), 1, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(closed).toBe(true);
  });

  test('throws an error that is undefined, too', async () => {
    await expect(concurrently([1], 1, () => Promise.reject(undefined as unknown as Error))).rejects.toBeUndefined();
  });
});
