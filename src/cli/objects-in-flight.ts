/** The objects that a run has in flight, with their progress: from the children's memo and the heartbeats of their activities. */
import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';

export interface ObjectInFlight {
  readonly key: string;
  readonly size: number;
  readonly route: string;
  /** Stored in the target so far, as far as the last heartbeat says. */
  readonly bytes: number;
  /** What it is at: `copyParts`, `runBatchJob RUNNING`, … */
  readonly doing: string;
}

export async function objectsInFlight(client: Client, transfer: string, most: number): Promise<ObjectInFlight[]> {
  const query = `WorkflowId STARTS_WITH 'ferry-${transfer}/o/' AND ExecutionStatus = 'Running'`;
  const found: ObjectInFlight[] = [];
  for await (const { workflowId, memo } of client.workflow.list({ query })) {
    const { key, size, route } = (memo ?? {}) as { key?: string; size?: number; route?: string };
    if (key === undefined) continue;
    const { raw } = await client.workflow.getHandle(workflowId).describe();
    const pending = raw.pendingActivities?.[0];
    const payload = pending?.heartbeatDetails?.payloads?.[0];
    const details =
      payload === undefined
        ? undefined
        : defaultPayloadConverter.fromPayload<{ bytes?: number; status?: string }>(payload);
    const doing = [pending?.activityType?.name ?? 'waiting', details?.status]
      .filter((word) => word !== undefined)
      .join(' ');
    found.push({ key, size: size ?? 0, route: route ?? '', bytes: details?.bytes ?? 0, doing });
    if (found.length >= most) break;
  }
  return found;
}
