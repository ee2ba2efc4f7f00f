/** Every activity that the workflows call, a group for each kind of waiting. */
import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { createControlActivities } from '../activities/control-activities';
import type { createCopyActivities } from '../activities/copy-activities';
import { DELETE_ATTEMPTS } from '../domain/deletes';

type ControlActivities = ReturnType<typeof createControlActivities>;
type CopyActivities = ReturnType<typeof createCopyActivities>;

export const WORKFLOW_QUEUE = 'ferry';
export const COPY_QUEUE = 'ferry-copy';

/** A lost worker is noticed within this time. */
const heartbeatTimeout = '20 seconds';
/** What a lost worker has left is taken up at once. An attempt that fails by itself says how long to rest: `activity-failure.ts`. */
const atOnce = { initialInterval: '1 second', backoffCoefficient: 1 } as const;
const cancellationType = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;

/** Fails a run within a minute or so when a service cannot be reached: someone may be waiting for the answer. */
export const { preflight } = proxyActivities<ControlActivities>({
  taskQueue: WORKFLOW_QUEUE,
  startToCloseTimeout: '2 minutes',
  retry: { initialInterval: '1 second', maximumInterval: '20 seconds', maximumAttempts: 5 },
});

/** Two short listings, for which a whole run may wait: what else than credentials is in their way is soon told, too. */
export const { canary } = proxyActivities<ControlActivities>({
  taskQueue: WORKFLOW_QUEUE,
  startToCloseTimeout: '30 seconds',
  cancellationType,
  retry: { initialInterval: '1 second', maximumInterval: '5 seconds', maximumAttempts: 3 },
});

/** Beside the run's own work, which it may not hold up for long: some servers have no such search. */
export const { endLeftovers, splitRange } = proxyActivities<ControlActivities>({
  taskQueue: WORKFLOW_QUEUE,
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout,
  cancellationType,
  retry: { initialInterval: '1 second', maximumInterval: '5 seconds', maximumAttempts: 3 },
});

/** A few requests each, and heartbeats, so that a worker lost in one does not keep its object waiting. They outlast an outage of some minutes; after that the object fails, and the next run takes it up. */
export const { openTransfer, recordFailure } = proxyActivities<ControlActivities>({
  taskQueue: WORKFLOW_QUEUE,
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout,
  cancellationType,
  retry: { ...atOnce, maximumAttempts: 12 },
});

/** Many pages, the index of a long report, or a CompleteMultipartUpload that takes S3 minutes: heartbeats tell a slow one from a lost one. */
export const { scanRange, sealTransfer, abortTransfer, finishRun } = proxyActivities<ControlActivities>({
  taskQueue: WORKFLOW_QUEUE,
  startToCloseTimeout: '1 hour',
  heartbeatTimeout,
  cancellationType,
  retry: { ...atOnce, maximumAttempts: 12 },
});

/** They walk whole buckets, and go on where the last attempt was. */
export const { findDeletes, deleteObjects } = proxyActivities<ControlActivities>({
  taskQueue: WORKFLOW_QUEUE,
  startToCloseTimeout: '5 days',
  heartbeatTimeout,
  cancellationType,
  retry: { ...atOnce, maximumAttempts: DELETE_ATTEMPTS },
});

/** Long and resumable: deploys and kills cost nothing, so the number of attempts is not limited; the activity itself gives up on no progress. */
export const { copyParts, copyPack, copyWhole } = proxyActivities<CopyActivities>({
  taskQueue: COPY_QUEUE,
  startToCloseTimeout: '5 days',
  heartbeatTimeout,
  cancellationType,
  retry: atOnce,
});

/** They wait for others, for as long as it takes. */
export const { runBatchJob, awaitTransfer, awaitChildren } = proxyActivities<ControlActivities>({
  taskQueue: WORKFLOW_QUEUE,
  startToCloseTimeout: '30 days',
  heartbeatTimeout,
  cancellationType,
  retry: atOnce,
});
