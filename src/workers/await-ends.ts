/** Waits until at least one of several workflows is closed, and tells how each of those that are has ended. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { WorkflowFailedError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { ChildEnd, ChildRef } from '../domain/work';

/** Those that end together are told together. */
const GATHER_MS = 50;

export async function awaitEnds(
  client: Client,
  children: readonly ChildRef[],
  signal: AbortSignal,
): Promise<readonly ChildEnd[]> {
  const ends: ChildEnd[] = [];
  const leave = new AbortController();
  const either = AbortSignal.any([signal, leave.signal]);
  const asked = children.map((child) => endOf(client, child, either).then((end) => void ends.push(end)));
  // Those that are left when the first has ended reject, and nobody listens.
  for (const each of asked) each.catch(() => undefined);
  try {
    await Promise.race(asked);
    await sleep(GATHER_MS);
    return [...ends];
  } finally {
    leave.abort();
  }
}

async function endOf(client: Client, { workflowId, runId }: ChildRef, signal: AbortSignal): Promise<ChildEnd> {
  try {
    const handle = client.workflow.getHandle(workflowId, runId, { followRuns: false });
    const result: unknown = await client.withAbortSignal(signal, () => handle.result());
    return { workflowId, kind: 'result', result };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) {
      return { workflowId, kind: 'failure', code: 'Unknown', message: 'Temporal no longer knows it' };
    }
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    if (cause instanceof CancelledFailure) return { workflowId, kind: 'cancelled' };
    const code = cause instanceof ApplicationFailure ? (cause.type ?? 'Unknown') : 'Unknown';
    return { workflowId, kind: 'failure', code, message: cause?.message ?? error.message };
  }
}
