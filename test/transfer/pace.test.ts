/** The pace of a bucket: halved when it asks to slow down, raised again by what goes well. */
import { setImmediate as turn } from 'node:timers/promises';
import { TransferError } from '../../src/domain/transfer-error';
import { Pace, type Outcome } from '../../src/transfer/pace';
import { bucketPace, pacedStore } from '../../src/transfer/paced-store';
import { retrying } from '../../src/transfer/retry';
import { concurrently } from '../../src/transfer/concurrently';
import { gather } from '../support/flow';
import { MemoryStore } from '../support/memory-store';
import { failingWith, withoutWaiting } from './examples';

function aPace(most = 8) {
  let now = 0;
  const pace = new Pace(most, () => now);
  return { pace, later: (ms: number) => (now += ms) };
}

async function enterAll(pace: Pace, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await pace.enter();
}

function leaveAll(pace: Pace, times: number, outcome: Outcome): void {
  for (let i = 0; i < times; i++) pace.leave(outcome);
}

describe('Pace', () => {
  test('lets so many begin at once, and the next in their order', async () => {
    const { pace } = aPace(2);
    await enterAll(pace, 2);
    const begun: string[] = [];
    void pace.enter().then(() => begun.push('third'));
    void pace.enter().then(() => begun.push('fourth'));
    await turn();
    expect(begun).toEqual([]);
    pace.leave('well');
    await turn();
    expect(begun).toEqual(['third']);
    pace.leave('failed');
    await turn();
    expect(begun).toEqual(['third', 'fourth']);
  });

  test('halves what was in flight, once for all that were refused together', async () => {
    const { pace, later } = aPace(64);
    await enterAll(pace, 8);
    leaveAll(pace, 4, 'congested');
    expect(pace.limit).toBe(4);
    later(1_000);
    pace.leave('congested');
    expect(pace.limit).toBe(2);
  });

  test('never falls below one, and never rises above the most', async () => {
    const { pace, later } = aPace(3);
    for (let i = 0; i < 5; i++) {
      later(1_000);
      await pace.enter();
      pace.leave('congested');
    }
    expect(pace.limit).toBe(1);
    for (let i = 0; i < 50; i++) {
      await pace.enter();
      pace.leave('well');
    }
    expect(pace.limit).toBe(3);
  });

  test('rises by about one for each round of requests that go well', async () => {
    const { pace } = aPace(64);
    await enterAll(pace, 8);
    leaveAll(pace, 8, 'congested');
    expect(pace.limit).toBe(4);
    for (let i = 0; i < 5; i++) {
      await pace.enter();
      pace.leave('well');
    }
    expect(pace.limit).toBe(5);
  });

  test('a request that failed by itself says nothing of the store', async () => {
    const { pace } = aPace(8);
    await enterAll(pace, 8);
    leaveAll(pace, 8, 'failed');
    expect(pace.limit).toBe(8);
  });

  test('who gives up waiting takes no place', async () => {
    const { pace } = aPace(1);
    await pace.enter();
    const control = new AbortController();
    const waiting = pace.enter(control.signal);
    control.abort(new Error('given up'));
    await expect(waiting).rejects.toThrow('given up');
    pace.leave('well');
    await expect(pace.enter()).resolves.toBeUndefined();
    await expect(pace.enter(AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
  });

  test.each([0, -1, 1.5, NaN])('refuses %p as the most', (most) => expect(() => new Pace(most)).toThrow(RangeError));
});

describe('pacedStore', () => {
  withoutWaiting();

  test('settles near what the store bears, and loses no request', async () => {
    const bears = 6;
    const store = new MemoryStore();
    store.seed('k', 'x');
    let inFlight = 0;
    let refused = 0;
    store.intercept('head', async (_asked, proceed) => {
      inFlight += 1;
      await turn();
      try {
        if (inFlight <= bears) return await proceed();
        refused += 1;
        throw new TransferError('Throttled', 'slow down');
      } finally {
        inFlight -= 1;
      }
    });
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'setTimeout', 'nextTick', 'queueMicrotask'] });
    const pace = bucketPace();
    const paced = pacedStore(store, pace);
    let answered = 0;
    try {
      await concurrently(Array.from({ length: 3_000 }).keys(), 64, async () => {
        jest.setSystemTime(Date.now() + 50);
        if ((await retrying(() => paced.head({ key: 'k' }), { attempts: 1_000, baseMs: 1 })) !== undefined)
          answered += 1;
      });
    } finally {
      jest.useRealTimers();
    }
    expect(answered).toBe(3_000);
    expect(pace.reads.limit).toBeLessThanOrEqual(2 * bears);
    // Without a pace 58 of each 64 would be refused again and again.
    expect(refused).toBeLessThan(1_000);
  });

  test('a read holds its place until its body is over', async () => {
    const store = new MemoryStore();
    const { etag } = store.seed('k', 'body');
    const pace = { reads: new Pace(1), writes: new Pace(1) };
    const paced = pacedStore(store, pace);
    const read = () => paced.read({ key: 'k', etag, offset: 0, length: 4, whole: true });
    const { body } = await read();
    let second = false;
    const next = read().then((answer) => {
      second = true;
      return answer;
    });
    await turn();
    expect(second).toBe(false);
    await gather(body);
    (await next).body.leave();
    await expect(read()).resolves.toMatchObject({ etag });
  });

  test('waiting for a place is told apart from the request', async () => {
    const store = new MemoryStore();
    store.seed('k', 'x');
    const pace = { reads: new Pace(1), writes: new Pace(1) };
    const paced = pacedStore(store, pace);
    await pace.reads.enter();
    const waits: string[] = [];
    const exempt = async <T>(waiting: Promise<T>): Promise<T> => {
      waits.push('begins');
      const value = await waiting;
      waits.push('ends');
      return value;
    };
    const head = paced.head({ key: 'k' }, { exempt });
    await turn();
    expect(waits).toEqual(['begins']);
    pace.reads.leave('well');
    await head;
    expect(waits).toEqual(['begins', 'ends']);
  });

  test('a write needs no place among the reads', async () => {
    const pace = { reads: new Pace(1), writes: new Pace(1) };
    const paced = pacedStore(new MemoryStore(), pace);
    await pace.reads.enter();
    await expect(
      paced.createUpload({ key: 'k', headers: { metadata: {} }, algorithm: 'CRC32' }),
    ).resolves.toMatchObject({
      uploadId: 'upload-1',
    });
  });

  test('a request that its watch has ended counts as a full line', async () => {
    const store = new MemoryStore();
    const pace = { reads: new Pace(8), writes: new Pace(8) };
    store.failNext('head', 'Unavailable');
    const stalled = AbortSignal.abort(new TransferError('Stalled', 'too slow'));
    store.intercept('head', () => Promise.reject(new TransferError('Unavailable', 'aborted')));
    await enterAll(pace.reads, 3);
    const head = pacedStore(store, pace).head({ key: 'k' }, { abortSignal: aborting(stalled) });
    await expect(head).rejects.toEqual(failingWith('Unavailable'));
    expect(pace.reads.limit).toBe(2);
  });
});

/** A signal that is not aborted when the request begins, and is when it ends. */
function aborting(ended: AbortSignal): AbortSignal {
  const control = new AbortController();
  setImmediate(() => control.abort(ended.reason));
  return control.signal;
}
