/** `ferry limit`. */
import type { Command } from 'commander';
import { BANDWIDTH_EXPECTED, parseBandwidth } from '../../domain/bandwidth';
import { formatRate } from '../../domain/sizes';
import { ConfigurationError } from '../../config/configuration-error';
import { describeFound } from '../../config/found-value';
import { limitSignal } from '../../workflows/messages';
import { runningRun } from '../run-handle';
import { transferCommand } from '../transfer-command';

interface LimitOptions {
  readonly bandwidth: string;
}

const NONE = 'none';

export function addLimit(program: Command): void {
  transferCommand<LimitOptions>(
    program,
    'limit',
    'Changes the bandwidth of the run that is under way, over all of its workers together; the next run goes by the configuration again.',
    (command) => command.requiredOption('--bandwidth <SIZE/s>', 'such as 100MiB/s, or none'),
    async (context, name, { bandwidth: text }) => {
      const transfer = await context.transferName(name);
      const bandwidth = text === NONE ? null : text;
      const rate = parseBandwidth(bandwidth);
      if (bandwidth !== null && rate === undefined) {
        const problem = { path: '--bandwidth', expected: `${BANDWIDTH_EXPECTED}, or none`, found: describeFound(text) };
        throw new ConfigurationError([problem]);
      }
      await context.withTemporal(async (client) => {
        const run = await runningRun(client, transfer);
        await run.signal(limitSignal, { bandwidth });
      });
      context.print(
        rate === undefined
          ? `${transfer} has no limit of bandwidth from now on.`
          : `${transfer} is limited to ${formatRate(rate)} from now on; its workers follow within a few seconds.`,
      );
      context.document({
        transfer,
        signal: 'limit',
        bandwidth,
        ...(rate === undefined ? {} : { bytesPerSecond: rate }),
      });
    },
  );
}
