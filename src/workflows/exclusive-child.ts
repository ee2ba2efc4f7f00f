/** Starts a child whose id says what it works on, so that there can be only one. */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  sleep,
  startChild,
  type ChildWorkflowHandle,
  type ChildWorkflowOptions,
  type Workflow,
  type WithWorkflowArgs,
} from '@temporalio/workflow';

/** `waits`: told when the place is taken, and again when the next try begins: between the two nothing is on its way. */
export type OnPlaceTaken = (waits: boolean) => void;

/**
 * One that is left from a run that was terminated has been asked to end, and its place is waited for. The new child decides
 * anew what there is to do.
 */
export async function startExclusiveChild<T extends Workflow>(
  workflow: T,
  options: WithWorkflowArgs<T, ChildWorkflowOptions>,
  onPlaceTaken: OnPlaceTaken = () => undefined,
): Promise<ChildWorkflowHandle<T>> {
  for (let waitMs = 1000; ; waitMs = Math.min(waitMs * 2, 60_000)) {
    try {
      return await startChild<T>(workflow.name, options);
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      onPlaceTaken(true);
      await sleep(waitMs);
      onPlaceTaken(false);
    }
  }
}
