/** Starts a child whose id says what it works on, so that there can be only one. */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ParentClosePolicy,
  sleep,
  startChild,
  type ChildWorkflowHandle,
  type ChildWorkflowOptions,
  type Workflow,
  type WithWorkflowArgs,
} from '@temporalio/workflow';

/**
 * One that is left from a run that was terminated has been asked to end, and its place is waited for. The new child decides
 * anew what there is to do.
 */
export async function startExclusiveChild<T extends Workflow>(
  workflow: T,
  options: WithWorkflowArgs<T, ChildWorkflowOptions>,
): Promise<ChildWorkflowHandle<T>> {
  for (let waitMs = 1000; ; waitMs = Math.min(waitMs * 2, 60_000)) {
    try {
      const own = { ...options, parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL } as WithWorkflowArgs<
        T,
        ChildWorkflowOptions
      >;
      return await startChild<T>(workflow.name, own);
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      await sleep(waitMs);
    }
  }
}
