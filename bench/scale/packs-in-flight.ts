/** The packs that are at work, and from where each would go on if its worker died now: the last cursor that has reached the server. */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { PackCheckpoint } from '../../src/transfer/pack-log';
import type { TransferPackInput } from '../../src/workflows/transfer-pack';

/** Keys behind `after`, up to `endAt`: those may be sent again. */
export interface Unsettled {
  readonly after: string;
  readonly endAt: string;
}

export async function packsInFlight(client: Client, transfer: string): Promise<Unsettled[]> {
  const ids = new Set<string>();
  for await (const { workflowId } of client.workflow.list({ query: running(`ferry-${transfer}/p/`) })) ids.add(workflowId); // prettier-ignore
  // A listing may be late; the lanes know their children at once.
  for await (const { workflowId } of client.workflow.list({ query: running(`ferry-${transfer}/r/`) })) {
    const { raw } = await client.workflow.getHandle(workflowId).describe();
    for (const { workflowId: child } of raw.pendingChildren ?? []) if (child?.includes('/p/')) ids.add(child);
  }
  const packs = await Promise.all(Array.from(ids, (id) => unsettledOf(client, id).catch(notBegun)));
  return packs.filter((pack) => pack !== undefined);
}

/** The lane has asked for it, and the server was killed before it had made it: nothing of it is in flight. */
function notBegun(error: unknown): undefined {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}

function running(idPrefix: string): string {
  return `WorkflowId STARTS_WITH '${idPrefix}' AND ExecutionStatus = 'Running'`;
}

async function unsettledOf(client: Client, workflowId: string): Promise<Unsettled> {
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  const page = await client.workflowService.getWorkflowExecutionHistory({
    namespace: 'default',
    execution: { workflowId },
    maximumPageSize: 1,
  });
  const started = page.history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
  if (!started) throw new Error(`${workflowId} has no input`);
  const input = defaultPayloadConverter.fromPayload<TransferPackInput>(started);
  if (!('pack' in input)) throw new Error(`${workflowId} is not of small objects`);
  const beat = raw.pendingActivities?.[0]?.heartbeatDetails?.payloads?.[0];
  const cursor = beat ? defaultPayloadConverter.fromPayload<PackCheckpoint | null>(beat) : null;
  const { startAfter = '', endAt = '' } = input.pack.range;
  return { after: cursor?.position.startAfter ?? startAfter, endAt };
}
