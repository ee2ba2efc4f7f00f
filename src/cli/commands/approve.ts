/** `ferry approve`. */
import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { Command } from 'commander';
import { ConfigurationError } from '../../config/configuration-error';
import { TransferError } from '../../domain/transfer-error';
import { approveDeletesUpdate } from '../../workflows/messages';
import { runningRun } from '../run-handle';
import { transferCommand } from '../transfer-command';

interface ApproveOptions {
  readonly count: string;
  readonly digest: string;
}

export function addApprove(program: Command): void {
  transferCommand<ApproveOptions>(
    program,
    'approve',
    'Lets a run that waits for it delete more than deletes.max: exactly what `ferry status` shows, by its count and digest.',
    (command) =>
      command
        .requiredOption('--count <N>', 'how many objects are to be deleted')
        .requiredOption('--digest <D>', 'of their keys and ETags'),
    async (context, name, options) => {
      const transfer = await context.transferName(name);
      const count = countOf(options.count);
      const { digest } = options;
      const { approved } = await context.withTemporal(async (client) => {
        const run = await runningRun(client, transfer);
        return run
          .executeUpdate(approveDeletesUpdate, { args: [{ count, digest }] })
          .catch((error: unknown) => Promise.reject(refusalOf(error)));
      });
      context.print(`${transfer}: ${approved} deletes approved. Follow them with: ferry status ${transfer} --watch`);
      context.document({ transfer, approved, digest });
    },
  );
}

function countOf(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new ConfigurationError([{ path: '--count', expected: 'a whole number', found: JSON.stringify(text) }]);
}

/** The run's own sentence, where it has refused. */
function refusalOf(error: unknown): Error {
  if (error instanceof WorkflowUpdateFailedError)
    return new TransferError('BadRequest', error.cause?.message ?? error.message);
  return error instanceof Error ? error : new Error(String(error));
}
