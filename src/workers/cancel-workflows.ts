/** Asks open workflows to cancel themselves. */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';

/** `idPrefix`: letters, digits, hyphens and slashes. What began a moment ago may not be found yet: visibility lags behind. */
export async function cancelWorkflows(client: Client, idPrefix: string): Promise<number> {
  const query = `WorkflowId STARTS_WITH "${idPrefix}" AND ExecutionStatus = "Running"`;
  let asked = 0;
  for await (const { workflowId, runId } of client.workflow.list({ query })) {
    try {
      await client.workflow.getHandle(workflowId, runId).cancel();
      asked += 1;
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }
  return asked;
}
