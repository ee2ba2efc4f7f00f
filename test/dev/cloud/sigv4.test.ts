import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { verifySignature } from '../../../dev/cloud/sigv4';
import { WORKER } from './stand-in';

/** What the signer wants of a hash, over node:crypto. */
class Sha256 {
  private readonly hash: Hash | Hmac;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.hash.update(bytesOf(data));
  }
  async digest(): Promise<Uint8Array> {
    return this.hash.digest();
  }
  reset(): void {
    throw new Error('The signer does not reset a hash');
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data);
  return data instanceof ArrayBuffer
    ? new Uint8Array(data)
    : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

const NOW = new Date('2026-03-04T05:06:07Z');

/** Signed by the SDK's own signer. */
async function signed(path = '/v1/submitjob', query: Record<string, string> = {}) {
  const signer = new SignatureV4({ credentials: WORKER, region: 'us-east-1', service: 'batch', sha256: Sha256 });
  const request = await signer.sign(
    {
      method: 'POST',
      protocol: 'http:',
      hostname: '127.0.0.1',
      port: 1234,
      path,
      query,
      headers: { host: '127.0.0.1:1234', 'content-type': 'application/json', 'x-odd': '  a   b ' },
      body: '{"a":1}',
    },
    { signingDate: NOW },
  );
  const pairs = Object.entries(query).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
  );
  return {
    method: 'POST',
    target: pairs.length > 0 ? `${path}?${pairs.join('&')}` : path,
    headers: request.headers,
    body: Buffer.from('{"a":1}'),
  };
}

test.each([
  ['a plain path', '/v1/submitjob', {}],
  ['an escaped path', '/v1/tags/arn%3Aaws%3Abatch%3A%3Ajob%2Fa%20b', {}],
  ['a query', '/v1/x', { b: '2', a: '1 2', c: '' }],
])('the SDK signer is believed for %s', async (_name, path, query) => {
  expect(verifySignature(await signed(path, query), 'batch', [WORKER], NOW)).toBe(WORKER);
});

test.each([
  ['InvalidSignatureException', 'another body', { body: Buffer.from('{"a":2}') }],
  ['InvalidSignatureException', 'another path', { target: '/v1/terminatejob' }],
  ['InvalidSignatureException', 'another method', { method: 'GET' }],
  ['InvalidSignatureException', 'a query added', { target: '/v1/submitjob?x=1' }],
])('%s for %s', async (code, _name, change) => {
  const request = { ...(await signed()), ...change };
  expect(() => verifySignature(request, 'batch', [WORKER], NOW)).toThrow(expect.objectContaining({ code }));
});

test('another secret, another service and a late request are refused', async () => {
  const request = await signed();
  const invalid = expect.objectContaining({ code: 'InvalidSignatureException', status: 400 });
  const other = { ...WORKER, secretAccessKey: 'another' };
  expect(() => verifySignature(request, 'batch', [other], NOW)).toThrow(invalid);
  expect(() => verifySignature(request, 'ssm', [WORKER], NOW)).toThrow(invalid);
  expect(() => verifySignature(request, 'batch', [WORKER], new Date('2026-03-04T05:12:00Z'))).toThrow(invalid);
});

test('an unknown key, a missing and a broken authorization each have their code', async () => {
  const request = await signed();
  const unknown = expect.objectContaining({ code: 'UnrecognizedClientException' });
  expect(() => verifySignature(request, 'batch', [], NOW)).toThrow(unknown);
  const missing = expect.objectContaining({ code: 'MissingAuthenticationTokenException' });
  expect(() => verifySignature({ ...request, headers: {} }, 'batch', [WORKER], NOW)).toThrow(missing);
  const broken = { ...request, headers: { authorization: 'Basic abc' } };
  const incomplete = expect.objectContaining({ code: 'IncompleteSignatureException' });
  expect(() => verifySignature(broken, 'batch', [WORKER], NOW)).toThrow(incomplete);
});
