/** What workflows have left in their histories: how many events, and which workflow tasks have failed. */
import type { Client } from '@temporalio/client';
import { TaskWindow } from './task-window';

export interface Histories {
  readonly events: number;
  /** Runs of workflows: one that has continued as new counts once more for each. */
  readonly runs: number;
  readonly largest: number;
  /** A sentence each. One that the server has done again, as an event came while it was being completed, is none. */
  readonly failedTasks: readonly string[];
}

const READS_AT_ONCE = 16;

/** Of every run of every workflow whose id begins so. They must have ended. */
export async function readHistories(client: Client, idPrefix: string): Promise<Histories> {
  const read = { events: 0, runs: 0, largest: 0, failedTasks: [] as string[] };
  const window = new TaskWindow(READS_AT_ONCE);
  for (const { workflowId, runId } of await runsOf(client, idPrefix)) {
    await window.add(async () => {
      const { events, failedTasks } = await readHistory(client, workflowId, runId);
      read.events += events;
      read.runs += 1;
      read.largest = Math.max(read.largest, events);
      read.failedTasks.push(...failedTasks);
    });
  }
  await window.ended();
  return read;
}

/** Those that this one has continued as new too, which a listing shows as well. Visibility may be late, so it is asked until it says the same twice. */
async function runsOf(client: Client, idPrefix: string): Promise<{ workflowId: string; runId: string }[]> {
  const query = `WorkflowId STARTS_WITH '${idPrefix}'`;
  for (let before = -1; ;) {
    const found: { workflowId: string; runId: string }[] = [];
    let open = 0;
    for await (const { workflowId, runId, status } of client.workflow.list({ query })) {
      found.push({ workflowId, runId });
      if (status.name === 'RUNNING') open += 1;
    }
    if (open === 0 && found.length === before) return found;
    before = open === 0 ? found.length : -1;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function readHistory(
  client: Client,
  workflowId: string,
  runId: string,
): Promise<{ readonly events: number; readonly failedTasks: readonly string[] }> {
  const failedTasks: string[] = [];
  let events = 0;
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await client.workflowService.getWorkflowExecutionHistory({
      namespace: 'default',
      execution: { workflowId, runId },
      ...(nextPageToken === undefined ? {} : { nextPageToken }),
    });
    for (const { workflowTaskFailedEventAttributes: failed, workflowTaskTimedOutEventAttributes: late } of page.history
      ?.events ?? []) {
      events += 1;
      const message = failed?.failure?.message ?? String(failed?.cause);
      if (failed && message !== 'UnhandledCommand') failedTasks.push(`${workflowId}: ${message}`);
      // A sticky queue whose worker is gone times out by design, and the task goes to the next worker.
      if (late && Number(late.timeoutType) !== STICKY_TIMEOUT) failedTasks.push(`${workflowId}: a task has timed out`);
    }
    nextPageToken = page.nextPageToken.length > 0 ? page.nextPageToken : undefined;
  } while (nextPageToken !== undefined);
  return { events, failedTasks };
}

/** SCHEDULE_TO_START. */
const STICKY_TIMEOUT = 2;
