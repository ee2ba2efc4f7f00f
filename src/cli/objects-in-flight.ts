/** The objects that a run has in flight, with their progress: from the children's memo and the heartbeats of their activities. */
import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { formatDuration } from '../domain/sizes';
import type { JobProgress } from '../transfer/run-job';

export interface ObjectInFlight {
  readonly key: string;
  readonly size: number;
  readonly route: string;
  /** Stored in the target so far, as far as the last heartbeat says. */
  readonly bytes: number;
  /** What it is at: `copyParts`, `runBatchJob RUNNING`, … */
  readonly doing: string;
  /** Of the Batch route, once there is one. */
  readonly job?: JobInFlight;
}

export type JobInFlight = Pick<JobProgress, 'jobId' | 'queue' | 'status' | 'attempts' | 'runnableSince' | 'doubles'>;

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
        : defaultPayloadConverter.fromPayload<{ bytes?: number } & Partial<JobProgress>>(payload);
    const job = jobOf(details);
    const doing = [pending?.activityType?.name ?? 'waiting', ...(job === undefined ? [] : wordsOf(job))].join(' ');
    const facts = { key, size: size ?? 0, route: route ?? '', bytes: details?.bytes ?? 0, doing };
    found.push({ ...facts, ...(job === undefined ? {} : { job }) });
    if (found.length >= most) break;
  }
  return found;
}

function jobOf(details: Partial<JobProgress> | undefined): JobInFlight | undefined {
  const { jobId, queue, status, attempts, runnableSince, doubles } = details ?? {};
  if (jobId === undefined || queue === undefined || status === undefined || attempts === undefined) return undefined;
  return {
    ...{ jobId, queue, status, attempts },
    ...(runnableSince === undefined ? {} : { runnableSince }),
    ...(doubles === undefined ? {} : { doubles }),
  };
}

/** As `RUNNING in ferry-spot, attempt 2`. */
function wordsOf({ status, queue, attempts, runnableSince }: JobInFlight): string[] {
  const since = runnableSince === undefined ? '' : ` for ${formatDuration(Date.now() - runnableSince)}`;
  const attempt = attempts.length === 0 ? '' : `, attempt ${attempts.length + 1}`;
  return [`${status}${since}`, `in ${queue}${attempt}`];
}
