/** Reads what an activity or a child failed with, and ends a workflow with it. */
import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure, isCancellation } from '@temporalio/workflow';

export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** Undefined: not a failure of ours (a cancellation, a defect of the workflow itself). */
export function failureOf(error: unknown): Failure | undefined {
  if (isCancellation(error)) return undefined;
  if (error instanceof ApplicationFailure) return { code: error.type ?? 'Unknown', message: error.message };
  if (error instanceof ActivityFailure || error instanceof ChildWorkflowFailure) {
    return failureOf(error.cause) ?? { code: 'Unknown', message: error.cause?.message ?? error.message };
  }
  return undefined;
}

export function fail({ code, message }: Failure): never {
  throw ApplicationFailure.create({ type: code, message, nonRetryable: true });
}
