/** A drill as a command: its options, a folder of its own, figures on stdout, and the exit code. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatDuration } from '../../src/domain/sizes';
import { untilInterrupted } from '../interrupt';
import { UsageError } from './options';

/** What every drill is given. */
export interface DrillPlace {
  readonly folder: string;
  readonly interrupted: Promise<void>;
  readonly say: (text: string) => void;
}

export interface DrillCommand<Options, Figures> {
  readonly help: string;
  /** Throws a `UsageError`. */
  parse(args: readonly string[]): Options | 'help';
  /** What it says at its begin: the seed above all. */
  title(options: Options): string;
  /** Undefined when it was interrupted. */
  drill(options: Options, place: DrillPlace): Promise<Figures | undefined>;
  tableOf(figures: Figures): string;
}

type Common = { readonly json: boolean; readonly keep: boolean };

/** Runs it with the arguments of this process, and ends the process: 0 right, 1 wrong, 2 wrong options, 130 interrupted. */
export function runDrill<Options extends Common, Figures extends { readonly problems: readonly string[] }>(
  command: DrillCommand<Options, Figures>,
): void {
  void play(command).then(
    (exitCode) => process.exit(exitCode),
    (error: unknown) => {
      const text = error instanceof Error ? (error instanceof UsageError ? error.message : error.stack) : String(error);
      process.stderr.write(`${text ?? ''}\n`);
      process.exit(error instanceof UsageError ? 2 : 1);
    },
  );
}

async function play<Options extends Common, Figures extends { readonly problems: readonly string[] }>(
  command: DrillCommand<Options, Figures>,
): Promise<number> {
  const options = command.parse(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(command.help);
    return 0;
  }
  const startedAt = Date.now();
  const say = (text: string) =>
    process.stderr.write(`[${formatDuration(Date.now() - startedAt).padStart(6)}] ${text}\n`);
  const folder = await mkdtemp(join(tmpdir(), 'ferry-drill-'));
  say(command.title(options));
  try {
    const figures = await command.drill(options, { folder, say, interrupted: untilInterrupted() });
    if (figures === undefined) return 130;
    process.stdout.write(options.json ? `${JSON.stringify(figures, null, 2)}\n` : command.tableOf(figures));
    return figures.problems.length === 0 ? 0 : 1;
  } finally {
    if (options.keep) say(`Kept: ${folder}`);
    else await rm(folder, { recursive: true, force: true });
  }
}
