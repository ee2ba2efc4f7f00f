/** The one place where an engine's error becomes Temporal's: the code is the failure's type, and says whether to try again. */
import { ApplicationFailure } from '@temporalio/activity';
import { TransferError } from '../domain/transfer-error';

/** Only code and message go into history; a cause might hold what a client library knows. Anything else passes as it is. */
export function toActivityFailure(error: unknown): unknown {
  if (!(error instanceof TransferError)) return error;
  return ApplicationFailure.create({ message: error.message, type: error.code, nonRetryable: !error.retryable });
}

export async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toActivityFailure(error);
  }
}
