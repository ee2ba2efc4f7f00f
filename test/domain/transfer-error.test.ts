/** What an error says of the next step. */
import {
  endsEveryObject,
  isTransferError,
  refusesCredentials,
  TransferError,
  type TransferErrorCode,
} from '../../src/domain/transfer-error';

test.each<[TransferErrorCode, boolean]>([
  ['Throttled', true],
  ['Unavailable', true],
  ['Unreachable', true],
  ['TornRead', true],
  ['NoProgress', false],
  ['JobInterrupted', true],
  ['AccessDenied', false],
  ['CredentialsRefused', false],
  ['JobFailed', false],
  ['NoSuchUpload', false],
  ['ProofFailed', false],
  ['SourceChanged', false],
  ['TargetChanged', false],
])('%s may be overcome by the same request: %s', (code, retryable) => {
  expect(new TransferError(code, 'said').retryable).toBe(retryable);
});

test.each<[TransferErrorCode, boolean, boolean]>([
  ['CredentialsRefused', true, true],
  ['CredentialsMissing', true, true],
  ['NoSuchBucket', false, true],
  ['InvalidConfiguration', false, true],
  ['AccessDenied', false, false],
  ['Unreachable', false, false],
])('%s is a refusal of credentials: %s; would be met by every object: %s', (code, refusal, every) => {
  expect(refusesCredentials(code)).toBe(refusal);
  expect(endsEveryObject(code)).toBe(every);
});

test('an error is known by its code, and by any of several', () => {
  const error = new TransferError('SourceGone', 'said', { key: 'k' });
  expect(isTransferError(error)).toBe(true);
  expect(isTransferError(error, 'SourceGone', 'SourceChanged')).toBe(true);
  expect(isTransferError(error, 'SourceChanged')).toBe(false);
  expect(isTransferError(new Error('SourceGone'))).toBe(false);
});
