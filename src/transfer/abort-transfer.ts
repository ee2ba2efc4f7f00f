/** Gives an object up: its Batch jobs are ended first, since a part that one sends after the abort would be left and billed. */
import type { BatchSpec } from '../domain/transfer';
import type { SharedJobRef } from '../domain/work';
import { abortUpload, abortUploadsSince, uploadsSince } from './abort-uploads';
import type { JobPoller } from './job-poller';
import { isOver, type JobService, type JobView } from './job-service';
import type { ObjectStore } from './object-store';
import { retrying } from './retry';
import { jobNameOf, jobNamesBegin, queuesOf } from './find-job';

export interface AbortRequest {
  readonly target: ObjectStore;
  readonly targetKey: string;
  /** Absent: it was never told, or is among those begun `since`. */
  readonly uploadId?: string | undefined;
  /** Milliseconds: uploads of this key since then are ends of lost attempts. */
  readonly since: number;
  /** Absent: no job can be at work on it. */
  readonly batch?: BatchOfJobs | undefined;
  /** A job that it shared with others. Without `uploads` it is not known which, and all that those shared are ended. */
  readonly shared?: SharedJobRef | undefined;
}

export interface BatchOfJobs {
  readonly spec: BatchSpec;
  readonly jobs: JobService;
  readonly poller: Pick<JobPoller, 'next'>;
}

export async function abortTransfer(request: AbortRequest): Promise<void> {
  const { target, targetKey, uploadId, since, batch, shared } = request;
  if (batch !== undefined) {
    const begun = await uploadsSince(target, targetKey, since);
    const ids = new Set([...(uploadId === undefined ? [] : [uploadId]), ...begun.map((upload) => upload.uploadId)]);
    const own = [...ids].map((id) => jobNameOf({ uploads: [{ targetKey, uploadId: id }] }));
    for (const name of [...own, ...namesOf(shared)]) await endJobs(name, batch);
  }
  if (uploadId !== undefined) await abortUpload(target, { key: targetKey, uploadId });
  await abortUploadsSince(target, targetKey, since);
}

function namesOf(shared: SharedJobRef | undefined): string[] {
  if (shared === undefined) return [];
  const { share, uploads } = shared;
  return [uploads === undefined ? `${jobNamesBegin(share)}*` : jobNameOf({ share, uploads })];
}

/** Returns when no job of that name is live. */
async function endJobs(jobName: string, { spec, jobs, poller }: BatchOfJobs): Promise<void> {
  for (;;) {
    const live = await retrying(() => jobs.findLive(queuesOf(spec), jobName));
    if (live.length === 0) return;
    for (const { jobId } of live) await retrying(() => jobs.terminate(jobId, 'Bucket Ferry: the object is given up'));
    await Promise.all(live.map((job) => untilOver(job, poller)));
  }
}

async function untilOver({ jobId }: JobView, poller: BatchOfJobs['poller']): Promise<void> {
  for (let job = await poller.next(jobId); job !== undefined && !isOver(job);) job = await poller.next(jobId);
}
