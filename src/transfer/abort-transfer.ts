/** Gives an object up: its Batch jobs are ended first, since a part that one sends after the abort would be left and billed. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BatchSpec } from '../domain/transfer';
import { abortUpload, abortUploadsSince, uploadsSince } from './abort-uploads';
import { isOver, type JobService } from './job-service';
import type { ObjectStore } from './object-store';
import { retrying } from './retry';
import { jobNameOf, queuesOf } from './run-job';

export interface AbortRequest {
  readonly target: ObjectStore;
  readonly targetKey: string;
  /** Absent: it was never told, or is among those begun `since`. */
  readonly uploadId?: string | undefined;
  /** Milliseconds: uploads of this key since then are ends of lost attempts. */
  readonly since: number;
  /** Absent: no job can be at work on it. */
  readonly batch?: BatchSpec | undefined;
}

export async function abortTransfer(
  request: AbortRequest,
  jobs: JobService | undefined,
  pollMs: number,
): Promise<void> {
  const { target, targetKey, uploadId, since, batch } = request;
  if (batch !== undefined && jobs !== undefined) {
    const begun = await uploadsSince(target, targetKey, since);
    const ids = new Set([...(uploadId === undefined ? [] : [uploadId]), ...begun.map((upload) => upload.uploadId)]);
    for (const id of ids) await endJob(jobs, batch, jobNameOf({ targetKey, uploadId: id }), pollMs);
  }
  if (uploadId !== undefined) await abortUpload(target, { key: targetKey, uploadId });
  await abortUploadsSince(target, targetKey, since);
}

/** Returns when no job of that name is live. */
async function endJob(jobs: JobService, batch: BatchSpec, jobName: string, pollMs: number): Promise<void> {
  for (;;) {
    const live = await retrying(() => jobs.findLive(queuesOf(batch), jobName));
    if (live === undefined) return;
    await retrying(() => jobs.terminate(live.jobId, 'Bucket Ferry: the object is given up'));
    for (let job = live; !isOver(job);) {
      await sleep(pollMs);
      const now = await retrying(() => jobs.describe(live.jobId));
      if (now === undefined) break;
      job = now;
    }
  }
}
