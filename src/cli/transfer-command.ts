/** A command that works on one transfer, named on the command line or given by `--file`. */
import type { Command } from 'commander';
import { contextOf, type Context } from './context';

/** `work` gets NAME, the command's own options, the context, and what else stood on the command line. */
export function transferCommand<Options extends object>(
  program: Command,
  verb: string,
  description: string,
  configure: (command: Command) => Command,
  work: (
    context: Context,
    name: string | undefined,
    options: Options,
    rest: readonly (string | undefined)[],
  ) => Promise<void>,
): void {
  const command = program
    .command(verb)
    .argument('[NAME]', 'the name of a transfer in the configuration')
    .description(description)
    .option('--file <TRANSFER.json>', 'a transfer of its own file, instead of NAME')
    .option('--config <FILE>', 'the configuration (default: $FERRY_CONFIG, or ferry.yaml)')
    .option('--json', 'one JSON document on stdout; progress goes to stderr');
  configure(command).action(async (...given: unknown[]) => {
    const self = given.at(-1) as Command;
    const [name, ...rest] = given.slice(0, -2) as (string | undefined)[];
    await work(contextOf(self), name, self.opts<Options>(), rest);
  });
}
