import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsError } from '../../../dev/cloud/aws-error';
import { verifySignature } from '../../../dev/cloud/sigv4';
import type { Account } from '../../../dev/servers/s3-server';
import { WORKER } from './stand-in';

/** What the signer wants of a hash, over node:crypto. */
class Sha256 {
  private readonly hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.hash.update(bytesOf(data));
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.hash.digest());
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

type Request = Awaited<ReturnType<typeof signed>>;

/** The code with which a request is refused. */
function refusal(request: Partial<Request>, by: { account?: Account; service?: string; now?: Date } = {}): string {
  const complete = { method: '', target: '', headers: {}, body: Buffer.alloc(0), ...request };
  try {
    verifySignature(complete, by.service ?? 'batch', [by.account ?? WORKER], by.now ?? NOW);
    return 'believed';
  } catch (error) {
    return (error as AwsError).code;
  }
}

test.each([
  ['another body', { body: Buffer.from('{"a":2}') }],
  ['another path', { target: '/v1/terminatejob' }],
  ['another method', { method: 'GET' }],
  ['a query added', { target: '/v1/submitjob?x=1' }],
])('a signature does not hold for %s', async (_name, change) => {
  expect(refusal(await signed())).toBe('believed');
  expect(refusal({ ...(await signed()), ...change })).toBe('InvalidSignatureException');
});

test('another secret, another service and a late request are refused', async () => {
  const request = await signed();
  const account = { ...WORKER, secretAccessKey: 'another' };
  expect(refusal(request, { account })).toBe('InvalidSignatureException');
  expect(refusal(request, { service: 'ssm' })).toBe('InvalidSignatureException');
  expect(refusal(request, { now: new Date('2026-03-04T05:12:00Z') })).toBe('InvalidSignatureException');
});

test('an unknown key, a missing and a broken authorization each have their code', async () => {
  const request = await signed();
  const account = { ...WORKER, accessKeyId: 'AKIANOBODY' };
  expect(refusal(request, { account })).toBe('UnrecognizedClientException');
  expect(refusal({ ...request, headers: {} })).toBe('MissingAuthenticationTokenException');
  expect(refusal({ ...request, headers: { authorization: 'Basic abc' } })).toBe('IncompleteSignatureException');
});
