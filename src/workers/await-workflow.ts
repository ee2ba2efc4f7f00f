/** Waits for a workflow's end, however it ends. */
import { WorkflowFailedError, WorkflowNotFoundError, type Client } from '@temporalio/client';

export async function awaitWorkflow(client: Client, workflowId: string): Promise<void> {
  try {
    await client.workflow.getHandle(workflowId).result();
  } catch (error) {
    if (error instanceof WorkflowFailedError || error instanceof WorkflowNotFoundError) return;
    throw error;
  }
}
