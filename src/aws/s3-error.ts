/** The one place where what an AWS client throws becomes a `TransferError`: by error name and status, never by text. */
import { TransferError, type ErrorLocation, type TransferErrorCode } from '../domain/transfer-error';

/** docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const BY_NAME: Readonly<Record<string, TransferErrorCode>> = {
  AccessDenied: 'AccessDenied',
  AccessDeniedException: 'AccessDenied',
  AuthorizationHeaderMalformed: 'BadRequest',
  BadDigest: 'TornRead',
  ConditionalRequestConflict: 'PreconditionFailed',
  CredentialsProviderError: 'CredentialsMissing',
  ExpiredToken: 'CredentialsRefused',
  ExpiredTokenException: 'CredentialsRefused',
  IncompleteBody: 'TornRead',
  InternalError: 'Unavailable',
  InvalidAccessKeyId: 'CredentialsRefused',
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
  RequestTimeout: 'Unavailable',
  ServiceUnavailable: 'Unavailable',
  SignatureDoesNotMatch: 'CredentialsRefused',
  SlowDown: 'Throttled',
  ThrottlingException: 'Throttled',
  TimeoutError: 'Unavailable',
  TooManyRequestsException: 'Throttled',
  UnrecognizedClientException: 'CredentialsRefused',
  XAmzContentChecksumMismatch: 'TornRead',
  XAmzContentSHA256Mismatch: 'TornRead',
};

const BY_STATUS: Readonly<Record<number, TransferErrorCode>> = {
  401: 'CredentialsRefused',
  403: 'AccessDenied',
  404: 'SourceGone',
  405: 'SourceGone',
  408: 'Unavailable',
  409: 'PreconditionFailed',
  412: 'PreconditionFailed',
  416: 'SourceChanged',
  429: 'Throttled',
};

/** The address was wrong or nobody listens there. */
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

interface Thrown {
  readonly name?: string;
  readonly code?: string;
  readonly cause?: unknown;
  readonly errors?: readonly unknown[];
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** `service`: as a person would call it: "the source bucket acme". A `TransferError` is passed on as it is. */
export function toTransferError(error: unknown, service: string, location: ErrorLocation): TransferError {
  if (error instanceof TransferError) return error;
  const thrown = (typeof error === 'object' && error !== null ? error : {}) as Thrown;
  const status = thrown.$metadata?.httpStatusCode;
  const code = classify(thrown, status);
  const word = thrown.name ?? thrown.code ?? 'an unknown error';
  const answer = `${word}${status === undefined ? '' : `, status ${status}`}`;
  return new TransferError(code, sentence(code, service, location, answer), location);
}

export function statusOf(error: unknown): number | undefined {
  return (error as Thrown | undefined)?.$metadata?.httpStatusCode;
}

function classify(thrown: Thrown, status: number | undefined): TransferErrorCode {
  const named = thrown.name === undefined ? undefined : BY_NAME[thrown.name];
  if (named !== undefined) return isUnreachable(thrown) ? 'Unreachable' : named;
  if (status === undefined || status < 400) return isUnreachable(thrown) ? 'Unreachable' : 'Unavailable';
  return BY_STATUS[status] ?? (status >= 500 ? 'Unavailable' : 'BadRequest');
}

function isUnreachable(thrown: Thrown): boolean {
  if (thrown.code !== undefined && UNREACHABLE.has(thrown.code)) return true;
  const inner = [thrown.cause, ...(thrown.errors ?? [])];
  return inner.some((error) => typeof error === 'object' && error !== null && isUnreachable(error));
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
