/**
 * Waits until each object of a round has been opened. `openTransfer` has no heartbeat: a worker that dies in it is missed
 * after five minutes, and a drill of minutes cannot wait for that.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import { hashOf } from '../../src/transfer/key-hash';
import type { Site } from './site';

const TIMEOUT_MS = 120_000;
const EVERY_MS = 200;
/** What comes after it. */
const LATER = ['copyParts', 'runBatchJob', 'sealTransfer'];

/** `keys`: of the objects that have a child of their own, in the source. Resolves too when the time is over. */
export async function untilOpened(site: Site, transfer: string, keys: readonly string[]): Promise<void> {
  const deadline = Date.now() + TIMEOUT_MS;
  let waiting = [...keys];
  while (waiting.length > 0 && Date.now() < deadline) {
    const opened = await Promise.all(waiting.map((key) => isOpened(site, `ferry-${transfer}/o/${hashOf(key)}`)));
    waiting = waiting.filter((_key, index) => opened[index] !== true);
    if (waiting.length > 0) await delay(EVERY_MS);
  }
}

async function isOpened({ temporal }: Site, workflowId: string): Promise<boolean> {
  try {
    const { status, raw } = await temporal.workflow.getHandle(workflowId).describe();
    const pending = (raw.pendingActivities ?? []).map(({ activityType }) => activityType?.name ?? '');
    return status.name !== 'RUNNING' || pending.some((name) => LATER.includes(name));
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
