import { type AttemptOutcome, type RetryRule, shouldRetry } from '../../../dev/cloud/retry';

const FERRY: RetryRule[] = [
  { onStatusReason: 'Host EC2*', action: 'RETRY' },
  { onExitCode: '75', action: 'RETRY' },
  { onReason: '*', action: 'EXIT' },
];

test.each<[string, RetryRule[], number, AttemptOutcome, boolean]>([
  ['no more attempts than allowed', [], 3, { exitCode: 1 }, false],
  ['without rules every failure is tried again', [], 2, { exitCode: 1 }, true],
  ['a reclaimed host is tried again', FERRY, 1, { statusReason: 'Host EC2 (instance i-0) terminated.' }, true],
  ['an exit code that is named is tried again', FERRY, 1, { exitCode: 75, statusReason: 'exited' }, true],
  ['another exit code falls to the last rule', FERRY, 1, { exitCode: 1, statusReason: 'exited' }, false],
  ['a code that only begins alike does not fit', FERRY, 1, { exitCode: 7, statusReason: 'exited' }, false],
  ['a trailing star compares the start', [{ onExitCode: '13*', action: 'EXIT' }], 1, { exitCode: 137 }, false],
  ['no fitting rule means once more', [{ onExitCode: '1', action: 'EXIT' }], 1, { exitCode: 2 }, true],
  ['the first fitting rule decides', [FERRY[2] as RetryRule, ...FERRY], 1, { exitCode: 75 }, false],
  [
    'a rule fits only when all its conditions do',
    [{ onExitCode: '1', onReason: 'OutOfMemory*', action: 'EXIT' }],
    1,
    { exitCode: 1, reason: 'other' },
    true,
  ],
])('%s', (_name, evaluateOnExit, attemptsMade, outcome, expected) => {
  expect(shouldRetry({ attempts: 3, evaluateOnExit }, attemptsMade, outcome)).toBe(expected);
});
