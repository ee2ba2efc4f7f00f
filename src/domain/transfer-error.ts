/** One failure, named by what the caller may do about it. Messages hold names only: never a credential, never a signed URL. */

export type TransferErrorCode =
  | 'AccessDenied'
  | 'Archived'
  | 'BadRequest'
  | 'ChangingSource'
  | 'Conflict'
  | 'CredentialsMissing'
  | 'CredentialsRefused'
  | 'InvalidConfiguration'
  | 'InvalidPart'
  | 'JobFailed'
  | 'JobInterrupted'
  | 'JobNotUnderstood'
  | 'KeyRefused'
  | 'KeyTooLong'
  | 'NoProgress'
  | 'NoSuchBucket'
  | 'NoSuchUpload'
  | 'PreconditionFailed'
  | 'ProofFailed'
  | 'SourceChanged'
  | 'SourceGone'
  | 'Stalled'
  | 'TargetChanged'
  | 'Throttled'
  | 'TooLarge'
  | 'TornRead'
  | 'Unreachable'
  | 'Unavailable';

/** Those that the same request may overcome when it is sent again a little later. */
const RETRYABLE: readonly TransferErrorCode[] = [
  'Conflict',
  'JobInterrupted',
  'Stalled',
  'Throttled',
  'TornRead',
  'Unreachable',
  'Unavailable',
];

const REFUSALS: readonly string[] = ['CredentialsMissing', 'CredentialsRefused'] satisfies TransferErrorCode[];
const FOR_ALL: readonly string[] = [...REFUSALS, 'InvalidConfiguration', 'NoSuchBucket'];

/** A key that does not work or cannot be read: someone may be about to replace it. */
export function refusesCredentials(code: string): boolean {
  return REFUSALS.includes(code);
}

/** No object's fault: every other one would meet the same. */
export function endsEveryObject(code: string): boolean {
  return FOR_ALL.includes(code);
}

export interface ErrorLocation {
  readonly bucket?: string;
  readonly key?: string;
  /** What was asked for, in the service's own word: `UploadPart`, `GetParameters`. */
  readonly operation?: string;
}

export class TransferError extends Error {
  override readonly name = 'TransferError';

  constructor(
    readonly code: TransferErrorCode,
    message: string,
    readonly location: ErrorLocation = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  get retryable(): boolean {
    return RETRYABLE.includes(this.code);
  }
}

export function isTransferError(error: unknown, ...codes: TransferErrorCode[]): error is TransferError {
  return error instanceof TransferError && (codes.length === 0 || codes.includes(error.code));
}
