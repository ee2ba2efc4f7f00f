/** `ferry worker`. */
import { InvalidArgumentError, type Command } from 'commander';
import { temporalConnection } from '../../config/environment';
import type { QueueName } from '../../workers/worker';
import { contextOf } from '../context';
import { boundGarbage } from '../heap';

const QUEUES: readonly QueueName[] = ['workflows', 'copy'];

export function addWorker(program: Command): void {
  program
    .command('worker')
    .description('Runs a worker until SIGTERM or SIGINT; parts in flight are finished first.')
    .option('--queues <LIST>', 'workflows, copy, or both: which work this process takes', parseQueues, QUEUES)
    .action(async ({ queues }: { queues: readonly QueueName[] }, self: Command) => {
      boundGarbage();
      const { environment } = contextOf(self);
      const temporal = temporalConnection();
      // Loaded here, not above: the native core takes a moment that no other command should pay for.
      const { installRuntimeLog } = await import('../../workers/runtime-log.js');
      const { startWorkers } = await import('../../workers/worker.js');
      installRuntimeLog(environment.logLevel);
      const workers = await startWorkers({ environment, temporal, queues });
      const stop = () => workers.shutdown();
      process.once('SIGTERM', stop).once('SIGINT', stop);
      await workers.done;
    });
}

function parseQueues(list: string): readonly QueueName[] {
  const names = list.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !QUEUES.some((queue) => queue === name));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`Expected a list of ${QUEUES.join(' and ')}, got \`${unknown}\`.`);
  return names as QueueName[];
}
