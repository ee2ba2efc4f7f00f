/** A request is ended when its bytes have all but stopped, or when it takes too long as a whole; the time of others does not count. */
import { deadlineMs, watched, type StallWatch } from '../../src/transfer/stall-watch';
import { isTransferError } from '../../src/domain/transfer-error';
import { failingWith } from './examples';

const MiB = 1024 ** 2;

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** Work that moves `bytesPerSecond` a second until it has moved all, or is ended. */
function moving(bytes: number, bytesPerSecond: number) {
  return async ({ request, moved }: StallWatch): Promise<string> => {
    for (let left = bytes; left > 0; left -= bytesPerSecond) {
      await second(request.abortSignal);
      moved(Math.min(left, bytesPerSecond));
    }
    return 'moved';
  };
}

function second(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, 1_000);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new Error('in the words of a client'));
    });
  });
}

/** How it ended, and after how many seconds. */
async function outcomeOf(work: Promise<string>): Promise<[string, number]> {
  const start = Date.now();
  let end: [string, number] | undefined;
  work.then(
    (result) => (end = [result, (Date.now() - start) / 1000]),
    (error: unknown) => (end = [isTransferError(error) ? error.code : String(error), (Date.now() - start) / 1000]),
  );
  while (end === undefined) await jest.advanceTimersByTimeAsync(1_000);
  return end;
}

const what = 'The read of k';

describe('watched', () => {
  test.each<[string, number, number, number, [string, number]]>([
    ['a good line', 8 * MiB, MiB, 1, ['moved', 8]],
    ['one at twice the least rate', 8 * MiB, 128 * 1024, 1, ['moved', 64]],
    ['one below it', 8 * MiB, 60 * 1024, 1, ['Stalled', 20]],
    ['a trickle', 8 * MiB, 1, 1, ['Stalled', 20]],
    ['the same line at the second try, which has more patience', 2 * MiB, 60 * 1024, 2, ['moved', 35]],
  ])('%s', async (_name, bytes, rate, attempt, expected) => {
    await expect(outcomeOf(watched({ bytes, what, attempt }, moving(bytes, rate)))).resolves.toEqual(expected);
  });

  test('silence is a stall, and its error may be tried again', async () => {
    const silent = watched(
      { bytes: MiB, what, attempt: 1 },
      ({ request }) =>
        new Promise<string>((_resolve, reject) =>
          request.abortSignal.addEventListener('abort', () => reject(new Error('aborted'))),
        ),
    );
    const ended = expect(silent).rejects.toEqual(failingWith('Stalled'));
    await jest.advanceTimersByTimeAsync(20_000);
    await ended;
    await expect(silent).rejects.toMatchObject({ retryable: true });
  });

  test('an answer that is late has the whole deadline once all bytes are on their way', async () => {
    const late = watched({ bytes: MiB, what, attempt: 1 }, async ({ request, moved }) => {
      moved(MiB);
      for (;;) await second(request.abortSignal);
    });
    const [code, seconds] = await outcomeOf(late);
    expect(code).toBe('Stalled');
    expect(seconds * 1000).toBeGreaterThanOrEqual(deadlineMs(MiB));
    expect(seconds * 1000).toBeLessThan(deadlineMs(MiB) + 10_000);
  });

  test('the time that someone else takes does not count', async () => {
    const waits = watched({ bytes: MiB, what, attempt: 1 }, async ({ exempt, moved }) => {
      await exempt(new Promise((resolve) => setTimeout(resolve, 3_600_000)));
      moved(MiB);
      return 'moved';
    });
    await expect(outcomeOf(waits)).resolves.toEqual(['moved', 3_600]);
  });

  test('an error of the work itself stays as it is, and leaves no timer behind', async () => {
    await expect(watched({ bytes: 1, what, attempt: 1 }, () => Promise.reject(new Error('own')))).rejects.toThrow(
      'own',
    );
    expect(jest.getTimerCount()).toBe(0);
  });

  test('whoever asks to stop ends the request', async () => {
    const stop = new AbortController();
    const work = watched({ bytes: MiB, what, attempt: 1, stop: stop.signal }, moving(MiB, 1));
    const ended = expect(work).rejects.toThrow('in the words of a client');
    stop.abort();
    await ended;
  });
});

test('the deadline is a minute, and the bytes at 128 KiB a second', () => {
  expect([0, 128 * 1024, 16 * MiB, 5 * 1024 * MiB].map(deadlineMs)).toEqual([60_000, 61_000, 188_000, 41_020_000]);
});
