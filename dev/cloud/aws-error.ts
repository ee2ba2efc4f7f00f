/** An error as an AWS service answers it: a code that clients decide by, an HTTP status, and a sentence. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  constructor(
    readonly code: string,
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Batch's one code for everything that the caller did wrong. */
export function clientException(message: string): AwsError {
  return new AwsError('ClientException', 400, message);
}
