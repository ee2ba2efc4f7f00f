/** The one place where what an AWS client throws becomes a `TransferError`: by error name and status, never by text. */
import { TransferError, type ErrorLocation, type TransferErrorCode } from '../domain/transfer-error';

/** docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const BY_NAME: Readonly<Record<string, TransferErrorCode>> = {
  AccessDenied: 'AccessDenied',
  AccessDeniedException: 'AccessDenied',
  AuthorizationHeaderMalformed: 'BadRequest',
  BadDigest: 'TornRead',
  ConditionalRequestConflict: 'Conflict',
  CredentialsProviderError: 'CredentialsMissing',
  ExpiredToken: 'CredentialsRefused',
  ExpiredTokenException: 'CredentialsRefused',
  IncompleteBody: 'TornRead',
  InternalError: 'Unavailable',
  InvalidAccessKeyId: 'CredentialsRefused',
  InvalidClientTokenId: 'CredentialsRefused',
  InvalidObjectState: 'Archived',
  InvalidPart: 'InvalidPart',
  InvalidPartOrder: 'InvalidPart',
  InvalidRange: 'SourceChanged',
  InvalidSignatureException: 'CredentialsRefused',
  InvalidToken: 'CredentialsRefused',
  NoSuchBucket: 'NoSuchBucket',
  NoSuchKey: 'SourceGone',
  NoSuchUpload: 'NoSuchUpload',
  NoSuchVersion: 'SourceGone',
  PreconditionFailed: 'PreconditionFailed',
  NotImplemented: 'BadRequest',
  OperationAborted: 'Conflict',
  PermanentRedirect: 'BadRequest',
  // The SDK has set its clock right by then.
  RequestTimeTooSkewed: 'Unavailable',
  RequestTimeout: 'Unavailable',
  ServiceUnavailable: 'Unavailable',
  SignatureDoesNotMatch: 'CredentialsRefused',
  SlowDown: 'Throttled',
  Throttling: 'Throttled',
  ThrottlingException: 'Throttled',
  TimeoutError: 'Unavailable',
  TooManyRequestsException: 'Throttled',
  UnrecognizedClientException: 'CredentialsRefused',
  XAmzContentChecksumMismatch: 'TornRead',
  XAmzContentSHA256Mismatch: 'TornRead',
};

const BY_STATUS: Readonly<Record<number, TransferErrorCode>> = {
  301: 'BadRequest',
  307: 'BadRequest',
  401: 'CredentialsRefused',
  403: 'AccessDenied',
  404: 'SourceGone',
  405: 'SourceGone',
  408: 'Unavailable',
  409: 'Conflict',
  412: 'PreconditionFailed',
  416: 'SourceChanged',
  429: 'Throttled',
  // A SlowDown to a HEAD has no body that could name it.
  503: 'Throttled',
};

/** The address was wrong or nobody listens there. */
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ERR_CONNECT_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);

interface Thrown {
  readonly name?: string;
  readonly code?: string;
  readonly cause?: unknown;
  readonly errors?: readonly unknown[];
  /** Of a bucket that is elsewhere, as S3 tells it. */
  readonly Region?: string;
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> };
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** `service`: as a person would call it: "the source bucket acme". A `TransferError` is passed on as it is. */
export function toTransferError(error: unknown, service: string, location: ErrorLocation): TransferError {
  if (error instanceof TransferError) return error;
  const thrown = (typeof error === 'object' && error !== null ? error : {}) as Thrown;
  const status = thrown.$metadata?.httpStatusCode;
  const code = classify(thrown, status, location);
  const word = thrown.name ?? thrown.code ?? 'an unknown error';
  const answer = `${word}${status === undefined ? '' : `, status ${status}`}`;
  const region = thrown.Region ?? thrown.$response?.headers?.['x-amz-bucket-region'];
  if (code === 'BadRequest' && (region !== undefined || isRedirect(status))) {
    const where = region === undefined ? 'another region' : `the region ${region}`;
    return new TransferError(code, `${service} is in ${where} (${answer}). Correct its \`region\``, location);
  }
  return new TransferError(code, sentence(code, service, location, answer) + hint(code, location), location);
}

/** S3 sends to the bucket's own region: docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html */
function isRedirect(status: number | undefined): boolean {
  return status === 301 || status === 307;
}

/** A 400 or 403 without a body, as HEAD gets it: it may mean the credentials, the right, or the object. */
export function isUnnamedRefusal(error: unknown): boolean {
  const { name = 'Unknown' } = (typeof error === 'object' && error !== null ? error : {}) as Thrown;
  const status = statusOf(error);
  return (
    (status === 400 || status === 403) &&
    (/^(Unknown|UnknownError|BadRequest|Forbidden)$/.test(name) || /^\d{3}$/.test(name))
  );
}

export function statusOf(error: unknown): number | undefined {
  return (error as Thrown | undefined)?.$metadata?.httpStatusCode;
}

function classify(thrown: Thrown, status: number | undefined, { operation }: ErrorLocation): TransferErrorCode {
  const named = thrown.name === undefined ? undefined : BY_NAME[thrown.name];
  if (named !== undefined) return isUnreachable(thrown) ? 'Unreachable' : named;
  if (status === undefined || status < 300) return isUnreachable(thrown) ? 'Unreachable' : 'Unavailable';
  // Of a version that is a delete marker, which no HEAD here asks for: there it says nothing of the object.
  if (status === 405 && operation === 'HeadObject') return 'BadRequest';
  return BY_STATUS[status] ?? (status >= 500 ? 'Unavailable' : 'BadRequest');
}

function isUnreachable(thrown: Thrown): boolean {
  if (thrown.code !== undefined && UNREACHABLE.has(thrown.code)) return true;
  const inner = [thrown.cause, ...(thrown.errors ?? [])];
  return inner.some((error) => typeof error === 'object' && error !== null && isUnreachable(error));
}

/** What the status alone does not say: docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
function hint(code: TransferErrorCode, { operation }: ErrorLocation): string {
  const reads = operation === 'HeadObject' || operation === 'GetObject';
  if (reads && code === 'BadRequest') {
    return '. An object that its owner has encrypted with a key of their own (SSE-C) is answered so, and cannot be copied';
  }
  if (operation === 'GetObject' && code === 'AccessDenied') {
    return '. Where HeadObject is allowed, the KMS key of the object may not be shared with this account (kms:Decrypt)';
  }
  return '';
}

function sentence(code: TransferErrorCode, service: string, { key, operation }: ErrorLocation, answer: string): string {
  const what = `${operation ?? 'a request'}${key === undefined ? '' : ` of ${key}`}`;
  switch (code) {
    case 'NoSuchBucket':
      return `There is no such bucket: ${service}. Check its name, region and endpoint`;
    case 'CredentialsRefused':
      return `The credentials for ${service} are refused (${answer}). Check the parameter that holds them, and whether they were rotated or revoked`;
    case 'CredentialsMissing':
      return `No credentials were found for ${service}. Name an SSM parameter under \`credentials\`, or give the process a role`;
    case 'AccessDenied':
      return `The credentials for ${service} do not allow ${what} (${answer})`;
    case 'Unreachable':
      return `${service} cannot be reached (${answer}). Check its endpoint and the network`;
    case 'Archived':
      return `${key ?? 'The object'} is archived: its owner must restore it before it can be copied`;
    default:
      return `${service} answered ${what} with ${answer}`;
  }
}
