/** What an error says of the next step. */
import { isTransferError, TransferError, type TransferErrorCode } from '../../src/domain/transfer-error';

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
])('%s may be overcome by the same request: %s', (code, retryable) => {
  expect(new TransferError(code, 'said').retryable).toBe(retryable);
});

test('an error is known by its code, and by any of several', () => {
  const error = new TransferError('SourceGone', 'said', { key: 'k' });
  expect(isTransferError(error)).toBe(true);
  expect(isTransferError(error, 'SourceGone', 'SourceChanged')).toBe(true);
  expect(isTransferError(error, 'SourceChanged')).toBe(false);
  expect(isTransferError(new Error('SourceGone'))).toBe(false);
});
