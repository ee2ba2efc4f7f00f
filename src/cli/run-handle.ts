/** Finds and starts runs: the fixed id `ferry-<name>` is all that is needed. */
import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowHandle,
} from '@temporalio/client';
import type { ConfiguredTransfer } from '../config/load-config';
import type { RunScope } from '../domain/transfer';
import { TransferError } from '../domain/transfer-error';
import type { transferBucket } from '../workflows/transfer-bucket';

export type RunHandle = WorkflowHandle<typeof transferBucket>;

export const workflowIdOf = (name: string): string => `ferry-${name}`;

export interface StartedRun {
  readonly handle: RunHandle;
  readonly runId: string;
  /** It was running already. */
  readonly joined: boolean;
}

/** What a start of a run needs, whoever starts it. */
export function startOptions({ entry, transfer }: ConfiguredTransfer, scope: RunScope) {
  const run = scope.prefix === undefined && scope.force !== true ? {} : { run: scope };
  return {
    workflowId: workflowIdOf(transfer.name),
    taskQueue: 'ferry',
    args: [{ ...entry, ...run }] as [Parameters<typeof transferBucket>[0]],
    memo: { transfer: transfer.name },
    priority: { priorityKey: transfer.priority, fairnessKey: transfer.name },
    staticSummary:
      `${transfer.source.bucket}/${transfer.source.prefix} to ${transfer.target.bucket}/${transfer.target.prefix}`.slice(
        0,
        190,
      ),
  };
}

export async function startRun(client: Client, configured: ConfiguredTransfer, scope: RunScope): Promise<StartedRun> {
  const options = startOptions(configured, scope);
  try {
    const handle = await client.workflow.start<typeof transferBucket>('transferBucket', options);
    return { handle, runId: handle.firstExecutionRunId, joined: false };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const handle = client.workflow.getHandle<typeof transferBucket>(options.workflowId);
    const { runId } = await handle.describe();
    return { handle: client.workflow.getHandle<typeof transferBucket>(options.workflowId, runId), runId, joined: true };
  }
}

/** Rejects with one sentence where nothing runs under that name. */
export async function runningRun(client: Client, name: string): Promise<RunHandle> {
  const handle = client.workflow.getHandle<typeof transferBucket>(workflowIdOf(name));
  const description = await handle.describe().catch((error: unknown) => {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  });
  if (description?.status.name === 'RUNNING') return handle;
  throw new TransferError('BadRequest', `No run of ${name} is under way. Start one with \`ferry run ${name}\``);
}
