/**
 * The one place where an engine's error becomes Temporal's: the code is the failure's type, and says whether to try again,
 * and when. The retry policies leave that to the failure, so that an attempt whose worker was lost is followed at once,
 * however often that has happened.
 */
import { activityInfo, ApplicationFailure } from '@temporalio/activity';
import { TemporalFailure } from '@temporalio/common';
import { TransferError } from '../domain/transfer-error';

/** Attempts that fail by themselves rest the longer the more there have been: seconds at first, a minute at most. */
const FIRST_REST_MS = 1_000;
const LONGEST_REST_MS = 60_000;

function restAfter(attempt: number): number {
  return Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** (attempt - 1));
}

/** Only code and message go into history; a cause might hold what a client library knows. A cancel passes as it is, and a defect by its message. */
export function toActivityFailure(error: unknown, attempt: number): unknown {
  const nextRetryDelay = restAfter(attempt);
  if (error instanceof TransferError) {
    const { message, code: type, retryable } = error;
    return ApplicationFailure.create({
      message,
      type,
      nonRetryable: !retryable,
      ...(retryable ? { nextRetryDelay } : {}),
    });
  }
  const isDefect = error instanceof Error && !(error instanceof TemporalFailure) && error.name !== 'AbortError';
  return isDefect ? ApplicationFailure.fromError(error, { nextRetryDelay }) : error;
}

/** Within an activity. */
export async function translated<T>(work: () => Promise<T>): Promise<T> {
  const { attempt } = activityInfo();
  try {
    return await work();
  } catch (error) {
    throw toActivityFailure(error, attempt);
  }
}
