/** Tells the workflow that has started this one. */
import { getExternalWorkflowHandle, workflowInfo, type SignalDefinition } from '@temporalio/workflow';

/** False where there is none, or none that listens any more. */
export async function tellParent<Args extends unknown[]>(
  signal: SignalDefinition<Args>,
  ...args: Args
): Promise<boolean> {
  const { parent } = workflowInfo();
  if (parent === undefined) return false;
  return getExternalWorkflowHandle(parent.workflowId)
    .signal(signal, ...args)
    .then(
      () => true,
      () => false,
    );
}
