/** `ferry pause` and `ferry resume`. */
import type { Command } from 'commander';
import type { Progress } from '../../domain/run-result';
import { pauseSignal, resumeSignal } from '../../workflows/messages';
import { runningRun } from '../run-handle';
import { queryProgress } from '../live-progress';
import { transferCommand } from '../transfer-command';

interface HoldOptions {
  readonly prefix?: string;
}

export function addPause(program: Command): void {
  add(
    program,
    'pause',
    'Holds a running transfer, or one prefix of it: no new object begins, and running ones stop at their next part.',
    pauseSignal,
  );
}

export function addResume(program: Command): void {
  add(
    program,
    'resume',
    'Releases a held prefix; without --prefix, everything that is held. Finished parts are not sent again.',
    resumeSignal,
  );
}

function add(program: Command, verb: 'pause' | 'resume', description: string, signal: typeof pauseSignal): void {
  transferCommand<HoldOptions>(
    program,
    verb,
    description,
    (command) => command.option('--prefix <P>', 'counts from source.prefix'),
    async (context, name, { prefix }) => {
      const transfer = await context.transferName(name);
      const parked = await context.withTemporal(async (client) => {
        const run = await runningRun(client, transfer);
        const progress = verb === 'resume' ? await queryProgress(run) : undefined;
        if (prefix !== undefined) assertHeld(progress, transfer, prefix);
        await run.signal(signal, prefix === undefined ? {} : { prefix });
        return prefix === undefined && progress?.parked !== undefined;
      });
      const what = prefix === undefined ? 'everything' : JSON.stringify(prefix);
      context.print(
        verb === 'pause'
          ? `Holding ${what} of ${transfer}. Go on with: ferry resume ${transfer}${prefix === undefined ? '' : ` --prefix ${what}`}`
          : `Released ${what} of ${transfer}.`,
      );
      if (parked) context.print(`${transfer} is parked: its credentials are checked now, and it goes on if they work.`);
      context.document({ transfer, signal: verb, ...(prefix === undefined ? {} : { prefix }) });
    },
  );
}

/** Where the run does not answer it is not known, and the release is sent all the same. */
function assertHeld(progress: Progress | undefined, transfer: string, prefix: string): void {
  if (progress === undefined || progress.holds.includes(prefix)) return;
  const held = progress.holds.map((hold) => JSON.stringify(hold)).join(', ');
  throw new Error(
    `${JSON.stringify(prefix)} of ${transfer} is not held. ${held === '' ? 'Nothing of it is' : `What is held: ${held}`}`,
  );
}
