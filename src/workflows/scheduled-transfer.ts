/** What the Schedule starts: it starts the transfer, or joins the run that is there, and waits for it. */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
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
    });
    await run.result();
    return { workflowId, joined: false };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    await awaitTransfer({ workflowId });
    return { workflowId, joined: true };
  }
}
