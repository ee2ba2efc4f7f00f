/** A credential that somebody wrote into the file is refused, and comes back in no error, whichever way the error is printed. */
import { inspect } from 'node:util';
import { ConfigurationError } from '../../src/config/configuration-error';
import { parseConfigText } from '../../src/config/parse-document';
import { resolveRunInput } from '../../src/config/run-input';
import { resolveTransfer } from '../../src/config/transfer-schema';
import { smallest } from './entries';

// AWS's own documentation examples, taken apart so that no scanner takes them for a leak.
const KEY_ID = ['AKIA', 'IOSFODNN7EXAMPLE'].join('');
const SECRET = ['wJalrXUtnFEMI', 'K7MDENG', 'bPxRfiCYEXAMPLEKEY'].join('/');
const ODD_SECRET = 'minio-hush-hush';

function printed(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return [
      (error as Error).message,
      (error as Error).stack,
      JSON.stringify(error),
      inspect(error, { depth: 10, showHidden: true }),
    ].join('\n');
  }
  throw new Error('nothing was thrown');
}

const inSource = (extra: object) => ({ ...smallest, source: { ...smallest.source, ...extra } });

describe('a literal secret', () => {
  test.each([
    ['as the credentials', { credentials: SECRET }],
    ['as the name of a parameter', { credentials: { ssm: KEY_ID } }],
    ['as the name of a parameter, with a slash', { credentials: { ssm: `/${SECRET.slice(1)}` } }],
    ['in a pair of names', { credentials: { ssm: { accessKeyId: KEY_ID, secretAccessKey: SECRET } } }],
    ['in the fields of the SDK', { credentials: { accessKeyId: KEY_ID, secretAccessKey: ODD_SECRET } }],
    ['in a field of its own', { credentials: { [KEY_ID]: SECRET } }],
    ['in a list', { credentials: [KEY_ID, SECRET] }],
    ['below a misspelt field', { credentials: { smm: ODD_SECRET } }],
    ['beside the credentials', { accessKeyId: KEY_ID, secretAccessKey: SECRET }],
    ['in a wrong place', { region: SECRET, bucket: KEY_ID }],
    ['as a field in a wrong place', { [SECRET]: 1 }],
    ['in an endpoint', { endpoint: `https://${KEY_ID}:${ODD_SECRET}@s3.example.com` }],
    ['in an endpoint without a scheme', { endpoint: `me:${ODD_SECRET}@s3.example.com` }],
  ])('%s never occurs in the error', (_name, extra) => {
    for (const resolve of [resolveTransfer, resolveRunInput]) {
      const text = printed(() => resolve(inSource(extra)));
      for (const secret of [KEY_ID, SECRET, SECRET.slice(1), ODD_SECRET]) expect(text).not.toContain(secret);
    }
  });

  test.each([
    ['source.credentials', { credentials: KEY_ID }],
    ['source.credentials.ssm', { credentials: { ssm: KEY_ID } }],
    ['source.credentials', { credentials: { accessKeyId: KEY_ID, secretAccessKey: SECRET } }],
  ])('at %s is answered with the place where it belongs', (path, extra) => {
    expect(() => resolveTransfer(inSource(extra))).toThrow(
      `${path}: expected the name of an SSM parameter such as /ferry/sources/acme: ` +
        'credentials are kept in SSM Parameter Store and only named here, found a value that is not shown',
    );
  });

  test.each([
    ['a duplicate key', `secret: ${SECRET}\nsecret: ${KEY_ID}`],
    ['an open bracket', `credentials: { secretAccessKey: ${SECRET}`],
    ['an open quote', `secretAccessKey: "${SECRET}`],
    ['two values on a line', `secretAccessKey: ${KEY_ID}: ${SECRET}`],
    ['an alias', `secretAccessKey: *${KEY_ID}`],
    ['a tag', `secretAccessKey: !${KEY_ID} x`],
    ['a second document', `a: 1\n---\n${SECRET}`],
    ['something after the value', `- 1\n${KEY_ID}: "${SECRET}"`],
  ])('beside a mistake of syntax, %s, never occurs in the error', (_name, yaml) => {
    const text = printed(() => parseConfigText('ferry.yaml', yaml));
    for (const secret of [KEY_ID, SECRET]) expect(text).not.toContain(secret);
  });
});
