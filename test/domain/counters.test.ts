/** Adding up what a run counts. */
import { addCounters, NO_COUNTERS } from '../../src/domain/counters';

const some = { listed: 1, copied: 2, skipped: 3, deleted: 4, failed: 5, bytesListed: 6, bytesCopied: 7 };

test('every counter is added', () => {
  expect(addCounters(some, { ...some, listed: 10 })).toEqual({
    listed: 11,
    copied: 4,
    skipped: 6,
    deleted: 8,
    failed: 10,
    bytesListed: 12,
    bytesCopied: 14,
  });
});

test('a counter that is not given counts as nothing', () => {
  expect(addCounters(some, { copied: 1 })).toEqual({ ...some, copied: 3 });
  expect(addCounters(NO_COUNTERS, some)).toEqual(some);
  expect(addCounters(some, {})).toEqual(some);
});
