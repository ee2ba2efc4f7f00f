/** `ferry verify`. */
import type { Command } from 'commander';
import { formatBytes } from '../../domain/sizes';
import { verifyTransfer } from '../../transfer/verify-transfer';
import { EXIT, Exit } from '../exit-code';
import { transferCommand } from '../transfer-command';

const PROGRESS_EVERY_MS = 2000;

export function addVerify(program: Command): void {
  transferCommand<{ deep?: boolean }>(
    program,
    'verify',
    'Compares source and target, independently of any run. Differences: exit 1.',
    (command) => command.option('--deep', 'read and compare every byte of both sides'),
    async (context, name, { deep = false }) => {
      const { transfer } = await context.transfer(name);
      let toldAt = Date.now();
      const result = await verifyTransfer(transfer, context.engine(), {
        deep,
        onProgress: ({ compared, bytes }) => {
          if (Date.now() - toldAt < PROGRESS_EVERY_MS) return;
          toldAt = Date.now();
          context.progress(`${compared} objects compared, ${formatBytes(bytes)}`);
        },
      });
      const how = deep ? 'byte by byte' : 'by listing, ETags, checksums and records';
      context.print(
        `${transfer.name}: ${result.equal} of ${result.compared} objects (${formatBytes(result.bytes)}) are equal, compared ${how}`,
      );
      for (const { key, reason, message } of result.differences)
        context.print(`  ${key}: ${reason}${message === undefined ? '' : `: ${message}`}`);
      context.document({ transfer: transfer.name, deep, ...result });
      if (result.different > 0) throw new Exit(EXIT.failed);
    },
  );
}
