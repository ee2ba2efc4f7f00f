/** What the Schedule starts: it starts the transfer, or joins the run that is there, and waits for it. */
import { WorkflowExecutionAlreadyStartedError, type Priority } from '@temporalio/common';
import { ParentClosePolicy, startChild } from '@temporalio/workflow';
import { awaitTransfer } from './activity-proxies';
import { transferBucket, type TransferBucketInput } from './transfer-bucket';

export interface ScheduledTransferResult {
  readonly workflowId: string;
  /** Another run was there already. */
  readonly joined: boolean;
}

/** A run that it has started and that fails is its own failure, so that the Schedule shows it; one that it has joined shows itself. */
export async function scheduledTransfer(input: TransferBucketInput): Promise<ScheduledTransferResult> {
  const workflowId = `ferry-${input.name}`;
  try {
    const run = await startChild(transferBucket, {
      workflowId,
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      memo: { transfer: input.name },
      ...priorityOf(input),
    });
    await run.result();
    return { workflowId, joined: false };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    await awaitTransfer({ workflowId });
    return { workflowId, joined: true };
  }
}

/** A Schedule's action cannot say it for this workflow itself. Nobody has looked at the input yet; what is wrong with it, the run tells. */
function priorityOf({ name, priority = 3 }: TransferBucketInput): { priority?: Priority } {
  if (typeof priority !== 'number' || !PRIORITIES.includes(priority) || name.length > 63) return {};
  return { priority: { priorityKey: priority, fairnessKey: name } };
}

const PRIORITIES: readonly number[] = [1, 2, 3, 4, 5];
