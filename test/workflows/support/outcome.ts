/** How a workflow ended. */
import { ApplicationFailure, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';

/** The failure at the bottom of it. Throws when the workflow did not fail. */
export async function failureOf(handle: WorkflowHandle): Promise<{ code: string; message: string }> {
  const error = await handle.result().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof WorkflowFailedError)) throw new Error(`It did not fail: ${String(error)}`);
  for (let cause: unknown = error.cause; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ApplicationFailure) return { code: cause.type ?? '', message: cause.message };
  }
  throw error;
}

/** Its status, once it has ended. */
export async function statusOf(handle: WorkflowHandle): Promise<string> {
  await handle.result().catch(() => undefined);
  return (await handle.describe()).status.name;
}
