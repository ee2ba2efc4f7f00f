/** `ferry job`: the AWS Batch entrypoint. */
import type { Command } from 'commander';
import { runCopyJob } from '../../batch/job';
import { contextOf } from '../context';
import { Exit } from '../exit-code';
import { boundGarbage } from '../heap';

export function addJob(program: Command): void {
  program
    .command('job')
    .description(
      'Runs one task of a Batch job, which FERRY_TASK holds. Exit codes: 0 stored; 75 interrupted, run me again; 64 not understood; 1 failed.',
    )
    .action(async (_options: object, self: Command) => {
      boundGarbage();
      const { environment, progress } = contextOf(self);
      const stop = new AbortController();
      process.once('SIGTERM', () => stop.abort()).once('SIGINT', () => stop.abort());
      const exitCode = await runCopyJob({ environment, log: progress, stop: stop.signal });
      if (exitCode !== 0) throw new Exit(exitCode);
    });
}
