/** `ferry cancel`. */
import type { Command } from 'commander';
import { WorkflowFailedError } from '@temporalio/client';
import { runningRun } from '../run-handle';
import { transferCommand } from '../transfer-command';

export function addCancel(program: Command): void {
  transferCommand<object>(
    program,
    'cancel',
    'Stops the run that is under way, ends its Batch jobs and aborts its uploads, and waits until that is done. What is copied stays.',
    (command) => command,
    async (context, name) => {
      const transfer = await context.transferName(name);
      await context.withTemporal(async (client) => {
        const run = await runningRun(client, transfer);
        await run.cancel();
        context.progress(`Stopping ${transfer} and cleaning up …`);
        await run.result().catch((error: unknown) => {
          if (!(error instanceof WorkflowFailedError)) throw error;
        });
      });
      context.print(`${transfer} is stopped.`);
      context.document({ transfer, cancelled: true });
    },
  );
}
