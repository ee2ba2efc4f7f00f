import { toTransferError } from '../../src/aws/s3-error';
import { TransferError } from '../../src/domain/transfer-error';

const thrown = (name: string, httpStatusCode?: number, more: object = {}) =>
  Object.assign(new Error('text that decides nothing'), { name, $metadata: { httpStatusCode }, ...more });
const classified = (error: unknown) =>
  toTransferError(error, 'the bucket acme', { bucket: 'acme', key: 'k', operation: 'GetObject' });

test.each<[string, unknown, string, boolean]>([
  ['a bucket that is not there', thrown('NoSuchBucket', 404), 'NoSuchBucket', false],
  ['an object that is not there', thrown('NoSuchKey', 404), 'SourceGone', false],
  ['a HEAD that finds nothing, which has no body to name it', thrown('NotFound', 404), 'SourceGone', false],
  ['a key that is unknown', thrown('InvalidAccessKeyId', 403), 'CredentialsRefused', false],
  ['a wrong signature', thrown('SignatureDoesNotMatch', 403), 'CredentialsRefused', false],
  ['a token that has expired', thrown('ExpiredToken', 400), 'CredentialsRefused', false],
  ['a right that is missing', thrown('AccessDenied', 403), 'AccessDenied', false],
  ['a HEAD that is forbidden', thrown('403', 403), 'AccessDenied', false],
  ['an archived object', thrown('InvalidObjectState', 403), 'Archived', false],
  ['a replaced object', thrown('PreconditionFailed', 412), 'PreconditionFailed', false],
  ['a range beyond the end', thrown('InvalidRange', 416), 'SourceChanged', false],
  ['SlowDown', thrown('SlowDown', 503), 'Throttled', true],
  ['SlowDown to a HEAD, which has no body to name it', thrown('Unknown', 503), 'Throttled', true],
  ['two writers at once', thrown('ConditionalRequestConflict', 409), 'Conflict', true],
  ['two operations at once', thrown('OperationAborted', 409), 'Conflict', true],
  ['a bucket that is elsewhere', thrown('PermanentRedirect', 301), 'BadRequest', false],
  ['an inner error', thrown('InternalError', 500), 'Unavailable', true],
  ['a 5xx of unknown name', thrown('Weird', 502), 'Unavailable', true],
  ['a timeout', thrown('TimeoutError'), 'Unavailable', true],
  ['bytes that were damaged on their way', thrown('BadDigest', 400), 'TornRead', true],
  ['an upload that is gone', thrown('NoSuchUpload', 404), 'NoSuchUpload', false],
  ['a part that is not there', thrown('InvalidPart', 400), 'InvalidPart', false],
  ['a host that nobody is', thrown('Error', undefined, { code: 'ENOTFOUND' }), 'Unreachable', true],
  [
    'a port where nobody listens, however deep',
    thrown('Error', undefined, { errors: [{ code: 'ECONNREFUSED' }] }),
    'Unreachable',
    true,
  ],
  ['a connection that broke', thrown('Error', undefined, { code: 'ECONNRESET' }), 'Unavailable', true],
  ['a clock that was wrong', thrown('RequestTimeTooSkewed', 403), 'Unavailable', true],
  ['what the store cannot do', thrown('NotImplemented', 501), 'BadRequest', false],
  ['a request that is wrong', thrown('InvalidRequest', 400), 'BadRequest', false],
  ['no credentials at all', thrown('CredentialsProviderError'), 'CredentialsMissing', false],
  ['what is no error', 'text', 'Unavailable', true],
])('%s', (_name, error, code, retryable) => {
  expect(classified(error)).toMatchObject({ code, retryable, location: { bucket: 'acme', key: 'k' } });
});

test.each([
  ['HeadObject', 'BadRequest', 400, /SSE-C/],
  ['GetObject', 'InvalidRequest', 400, /SSE-C/],
  ['GetObject', 'AccessDenied', 403, /kms:Decrypt/],
])('what %s answers with %s is explained', (operation, name, status, words) => {
  const error = toTransferError(thrown(name, status), 'the bucket acme', { bucket: 'acme', key: 'k', operation });
  expect(error.message).toMatch(words);
});

test.each([
  ['by a name in the body', thrown('AuthorizationHeaderMalformed', 400, { Region: 'eu-west-1' }), /region eu-west-1/],
  [
    'by a header',
    thrown('301', 301, { $response: { headers: { 'x-amz-bucket-region': 'eu-west-2' } } }),
    /region eu-west-2/,
  ],
  ['not at all', thrown('301', 301), /another region/],
])('a bucket of another region is told so, with the region that S3 tells %s', (_how, error, words) => {
  const { code, message } = classified(error);
  expect(code).toBe('BadRequest');
  expect(message).toMatch(words);
  expect(message).toMatch(/Correct its `region`/);
});

test('a HEAD that is not allowed says nothing of the object; a version that is a delete marker is gone', () => {
  const refused = thrown('405', 405);
  const codeOf = (operation: string) => toTransferError(refused, 'the bucket b', { operation }).code;
  expect([codeOf('HeadObject'), codeOf('GetObject')]).toEqual(['BadRequest', 'SourceGone']);
});

test('neither the text nor the error itself is carried on: a client library may have put anything into them', () => {
  const { message, cause } = classified(
    thrown('AccessDenied', 403, { message: 'hush', $response: { headers: { authorization: 'hush' } } }),
  );
  expect(message).not.toContain('hush');
  expect(cause).toBeUndefined();
});

test('an error of ours is passed on as it is', () => {
  const own = new TransferError('TornRead', 'torn');
  expect(classified(own)).toBe(own);
});
