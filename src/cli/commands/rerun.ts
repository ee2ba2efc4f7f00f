/** `ferry rerun`. */
import type { Command } from 'commander';
import type { transferBucket } from '../../workflows/transfer-bucket';
import { rerunSignal, type RerunMessage } from '../../workflows/messages';
import { startOptions } from '../run-handle';
import { transferCommand } from '../transfer-command';

interface RerunOptions {
  readonly prefix: string;
  readonly force?: boolean;
}

export function addRerun(program: Command): void {
  transferCommand<RerunOptions>(
    program,
    'rerun',
    'Compares a prefix again, or with --force copies it again: in the run that is under way, or in a new one.',
    (command) =>
      command
        .requiredOption('--prefix <P>', 'counts from source.prefix; "" is everything')
        .option('--force', 'copy again what is the same'),
    async (context, name, { prefix, force = false }) => {
      const configured = await context.transfer(name);
      const { name: transfer } = configured.transfer;
      const { workflowId, runId } = await context.withTemporal(async (client) => {
        const handle = await client.workflow.signalWithStart<typeof transferBucket, [RerunMessage]>('transferBucket', {
          ...startOptions(configured, { prefix, force }),
          signal: rerunSignal,
          signalArgs: [{ prefix, force }],
        });
        return { workflowId: handle.workflowId, runId: handle.signaledRunId };
      });
      context.print(
        `${transfer}: ${JSON.stringify(prefix)} will be ${force ? 'copied' : 'compared'} again. Follow it with: ferry status ${transfer} --watch`,
      );
      context.document({ transfer, workflowId, runId, prefix, force });
    },
  );
}
