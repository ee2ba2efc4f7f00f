/** The objects that a run has in flight, with their progress: from the children's memo and the heartbeats of their activities. */
import type { Client } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
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

interface Sized {
  readonly key: string;
  readonly size: number;
}

/** Of a child: one object, or those that share a job. */
interface Memo extends Partial<Sized> {
  readonly route?: string;
  readonly sharing?: readonly Sized[];
}

type Details = { readonly bytes?: number } & Partial<JobProgress>;

export async function objectsInFlight(client: Client, transfer: string, most: number): Promise<ObjectInFlight[]> {
  const begins = ['o', 'p'].map((kind) => `WorkflowId STARTS_WITH 'ferry-${transfer}/${kind}/'`).join(' OR ');
  const query = `(${begins}) AND ExecutionStatus = 'Running'`;
  const found: ObjectInFlight[] = [];
  for await (const { workflowId, memo } of client.workflow.list({ query })) {
    const { key, size = 0, route = '', sharing } = (memo ?? {}) as Memo;
    if (key === undefined && sharing === undefined) continue;
    const { raw } = await client.workflow.getHandle(workflowId).describe();
    const pending = raw.pendingActivities?.map(({ activityType, heartbeatDetails }): Pending => ({
      doing: activityType?.name ?? 'waiting',
      details: detailsIn(heartbeatDetails?.payloads?.[0]),
    }));
    if (key !== undefined) found.push(inFlight({ key, size }, route, pending?.[0]));
    for (const object of sharing ?? []) found.push(sharingInFlight(object, pending ?? []));
    if (found.length >= most) break;
  }
  return found.slice(0, most);
}

interface Pending {
  readonly doing: string;
  readonly details: Details | undefined;
}

function detailsIn(payload: Payload | undefined | null): Details | undefined {
  return payload ? defaultPayloadConverter.fromPayload<Details>(payload) : undefined;
}

function inFlight({ key, size }: Sized, route: string, pending: Pending | undefined): ObjectInFlight {
  const { doing = 'waiting', details } = pending ?? {};
  const job = jobOf(details);
  const words = [doing, ...(job === undefined ? [] : wordsOf(job))].join(' ');
  const facts = { key, size, route, bytes: details?.bytes ?? 0, doing: words };
  return { ...facts, ...(job === undefined ? {} : { job }) };
}

/** By the job that tells of it. */
function sharingInFlight(object: Sized, pending: readonly Pending[]): ObjectInFlight {
  const bytesIn = ({ details }: Pending) => details?.each?.[object.key];
  const job = pending.find((each) => bytesIn(each) !== undefined);
  if (job === undefined) return inFlight(object, 'batch', undefined);
  const bytes = bytesIn(job) ?? 0;
  return inFlight(object, 'batch', { ...job, details: { ...job.details, bytes } });
}

function jobOf(details: Details | undefined): JobInFlight | undefined {
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
