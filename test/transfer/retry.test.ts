/** Which errors a request is sent again for, how often, and how a stop ends the waiting. */
import { setTimeout as sleep } from 'node:timers/promises';
import { TransferError, type TransferErrorCode } from '../../src/domain/transfer-error';
import { retrying } from '../../src/transfer/retry';
import { failingWith } from './examples';

// It sleeps as ever, and what it was asked for is known.
jest.mock('node:timers/promises', () => {
  const real = jest.requireActual<typeof import('node:timers/promises')>('node:timers/promises');
  return { ...real, setTimeout: jest.fn(real.setTimeout) };
});
const sleeping = jest.mocked(sleep);

/** Fails so often, then succeeds. */
function failing(times: number, error: Error) {
  const calls = { count: 0 };
  const work = () => {
    calls.count += 1;
    return calls.count <= times ? Promise.reject(error) : Promise.resolve('done');
  };
  return { calls, work };
}
const throttled = new TransferError('Throttled', 'slow down');

describe('retrying', () => {
  test('sends again until it succeeds', async () => {
    const { calls, work } = failing(3, throttled);
    await expect(retrying(work, { baseMs: 0 })).resolves.toBe('done');
    expect(calls.count).toBe(4);
  });

  test('gives up after eight attempts with the last error', async () => {
    const { calls, work } = failing(100, throttled);
    await expect(retrying(work, { baseMs: 0 })).rejects.toBe(throttled);
    expect(calls.count).toBe(8);
  });

  test.each<[string, Error]>([
    ['an error that another try cannot overcome', new TransferError('AccessDenied', 'no')],
    ['an error of another kind', new Error('bug')],
  ])('does not send again for %s', async (_name, error) => {
    const { calls, work } = failing(1, error);
    await expect(retrying(work, { baseMs: 0 })).rejects.toBe(error);
    expect(calls.count).toBe(1);
  });

  test('a stop before the first error ends it there', async () => {
    const { calls, work } = failing(5, throttled);
    await expect(retrying(work, { stop: AbortSignal.abort() })).rejects.toBe(throttled);
    expect(calls.count).toBe(1);
  });

  test('a stop while it waits ends the waiting with the last error', async () => {
    const draw = jest.spyOn(Math, 'random').mockReturnValue(1);
    const stop = new AbortController();
    const { calls, work } = failing(5, throttled);
    const begun = Date.now();
    const tried = retrying(work, { baseMs: 60_000, capMs: 60_000, stop: stop.signal });
    setTimeout(() => stop.abort(), 20);
    await expect(tried).rejects.toBe(throttled);
    expect(calls.count).toBe(1);
    expect(Date.now() - begun).toBeLessThan(5_000);
    draw.mockRestore();
  });

  test('waits longer from try to try, up to the cap, and by chance', async () => {
    const draw = jest.spyOn(Math, 'random').mockReturnValue(1);
    const waits = () => sleeping.mock.calls.map(([ms]) => ms);
    sleeping.mockClear();
    await expect(retrying(() => Promise.reject(throttled), { attempts: 5, baseMs: 2, capMs: 30 })).rejects.toEqual(
      failingWith('Throttled'),
    );
    // A store that asks to slow down is given five times as long.
    expect(waits()).toEqual([10, 20, 30, 30]);
    draw.mockReturnValue(0.5);
    sleeping.mockClear();
    await expect(retrying(() => Promise.reject(throttled), { attempts: 2, baseMs: 2 })).rejects.toBe(throttled);
    expect(waits()).toEqual([5]);
    draw.mockRestore();
  });
});

test.each<[TransferErrorCode, number]>([
  ['TornRead', 2],
  ['Unreachable', 2],
  ['SourceChanged', 1],
  ['NoSuchUpload', 1],
])('%s: %s attempts', async (code, attempts) => {
  const { calls, work } = failing(1, new TransferError(code, 'said'));
  await retrying(work, { baseMs: 0 }).catch(() => undefined);
  expect(calls.count).toBe(attempts);
});
