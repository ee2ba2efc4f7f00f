/** Proves who sent a request: recomputes its AWS Signature Version 4 and answers as AWS does when it does not hold. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Account } from '../servers/s3-server';
import { AwsError } from './aws-error';

export interface SignedRequest {
  readonly method: string;
  /** Path and query as they came over the wire. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const MAX_SKEW_MS = 5 * 60_000;

/** The account that signed the request for this service; throws the AWS error that says what is wrong. */
export function verifySignature(
  request: SignedRequest,
  service: string,
  accounts: readonly Account[],
  now: Date = new Date(),
): Account {
  const { accessKeyId, scope, signedHeaders, signature } = parseAuthorization(request.headers.authorization);
  const account = accounts.find((each) => each.accessKeyId === accessKeyId);
  if (!account) {
    throw new AwsError('UnrecognizedClientException', 400, 'The security token included in the request is invalid.');
  }
  const [date = '', region = '', signedFor = '', ending = ''] = scope;
  const time = headerOf(request.headers, 'x-amz-date');
  if (signedFor !== service) throw invalid(`Credential should be scoped to correct service: '${service}'.`);
  if (ending !== 'aws4_request') throw invalid('Credential should be scoped with a valid terminator: aws4_request.');
  if (!time.startsWith(date)) throw invalid('Date in Credential scope does not match the date of the request.');
  if (Math.abs(now.getTime() - parseTime(time)) > MAX_SKEW_MS) {
    throw invalid(`Signature expired: ${time} is more than 5 minutes away from the time of the service.`);
  }
  if (!signedHeaders.includes('host')) throw invalid("'Host' must be a 'SignedHeader' in the AWS Authorization.");

  const scopeText = scope.join('/');
  const canonical = sha256(canonicalRequest(request, signedHeaders));
  const key = [date, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${account.secretAccessKey}`);
  const expected = hmac(key, [ALGORITHM, time, scopeText, canonical].join('\n'));
  const given = Buffer.from(signature, 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw invalid(
      'The request signature we calculated does not match the signature you provided. ' +
        'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    );
  }
  return account;
}

function parseAuthorization(value: string | undefined) {
  if (value === undefined) {
    throw new AwsError('MissingAuthenticationTokenException', 400, 'Missing Authentication Token');
  }
  const [algorithm, ...rest] = value.split(' ');
  const fields = new Map<string, string>();
  for (const field of rest.join('').split(',')) {
    const [name, content] = splitOnce(field, '=');
    fields.set(name, content);
  }
  const [accessKeyId, ...scope] = (fields.get('Credential') ?? '').split('/');
  const signedHeaders = (fields.get('SignedHeaders') ?? '').split(';');
  const signature = fields.get('Signature') ?? '';
  if (algorithm !== ALGORITHM || !accessKeyId || scope.length !== 4 || signature === '') {
    throw new AwsError(
      'IncompleteSignatureException',
      400,
      `Authorization header requires ${ALGORITHM} and its parts.`,
    );
  }
  return { accessKeyId, scope, signedHeaders, signature };
}

function canonicalRequest(request: SignedRequest, signedHeaders: readonly string[]): string {
  const [path, query] = splitOnce(request.target, '?');
  return [
    request.method,
    // Every service but S3 signs the path encoded once more than it is sent.
    path.split('/').map(encode).join('/'),
    query
      .split('&')
      .filter((pair) => pair !== '')
      .map((pair) => (pair.includes('=') ? pair : `${pair}=`))
      .sort()
      .join('&'),
    ...signedHeaders.map((name) => `${name}:${headerOf(request.headers, name).trim().replace(/ +/g, ' ')}`),
    '',
    signedHeaders.join(';'),
    sha256(request.body),
  ].join('\n');
}

function headerOf(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return Array.isArray(value) ? value.join(',') : (value ?? '');
}

function parseTime(time: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(time);
  if (!parts) throw invalid("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number) as [number, ...number[]];
  return Date.UTC(year, (month ?? 1) - 1, day, hour, minute, second);
}

function encode(segment: string): string {
  return encodeURIComponent(segment).replace(/[!'()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`);
}

function splitOnce(text: string, separator: string): [string, string] {
  const index = text.indexOf(separator);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + separator.length)];
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function hmac(key: string | Buffer, content: string): Buffer {
  return createHmac('sha256', key).update(content, 'utf8').digest();
}

function invalid(message: string): AwsError {
  return new AwsError('InvalidSignatureException', 400, message);
}
