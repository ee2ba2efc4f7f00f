/** What `npm run drill:kill -- …` is told. */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { S3Server } from '../servers/s3-server';

export interface DrillOptions {
  /** @default 50 */
  readonly kills: number;
  /** @default a random one */
  readonly seed: number;
  /** @default seaweedfs */
  readonly store: S3Server['kind'];
  readonly json: boolean;
  readonly keep: boolean;
}

/** Its message is a sentence for whoever typed the options. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const HELP = `Usage: npm run drill:kill -- [options]

Kills workers, Batch jobs and jobs by hand with SIGKILL while they copy, and proves that nothing is lost, torn, doubled
or left behind. Exit code 0 when every check holds, 1 when one fails, 2 for wrong options, 130 when interrupted.

  --kills <N>      processes to be killed, 10 to 1000 (default: 50)
  --seed <N>       all chance comes from it; it is printed (default: a random one)
  --store <NAME>   seaweedfs or versitygw (default: seaweedfs)
  --json           one JSON document on stdout
  --keep           the folder with data and logs is kept
  --help           this text
`;

const MIN_KILLS = 10;
const MAX_KILLS = 1000;
export const MAX_SEED = 2 ** 32 - 1;

/** `help` for `--help`. Throws a `UsageError`. */
export function parseOptions(args: readonly string[]): DrillOptions | 'help' {
  const values = readOptions(args, ['kills', 'seed', 'store']);
  if (values.help) return 'help';
  return {
    kills: wholeNumber('--kills', values.kills, MIN_KILLS, MAX_KILLS) ?? 50,
    seed: wholeNumber('--seed', values.seed, 0, MAX_SEED) ?? randomInt(MAX_SEED),
    store: storeOf(values.store),
    json: values.json ?? false,
    keep: values.keep ?? false,
  };
}

const FLAG = { type: 'boolean' } as const;
const VALUE = { type: 'string' } as const;

/** Throws a `UsageError` for what there is not. `names`: the options that take a value. */
export function readOptions<Name extends string>(args: readonly string[], names: readonly Name[]) {
  const given = Object.fromEntries(names.map((name) => [name, VALUE])) as Record<Name, typeof VALUE>;
  const options = { ...given, json: FLAG, keep: FLAG, help: FLAG };
  try {
    const { values } = parseArgs({ args: [...args], options, strict: true, allowPositionals: false });
    return values as { readonly [K in Name]?: string } & { readonly [K in 'json' | 'keep' | 'help']?: boolean };
  } catch (error) {
    // Node says which option and why, and then how to write what nobody meant.
    const [sentence = ''] = (error instanceof Error ? error.message : String(error)).split(/\.\s/);
    throw new UsageError(`${sentence.replace(/\.$/, '')}. See --help.`);
  }
}

/** @default seaweedfs */
export function storeOf(text: string | undefined): S3Server['kind'] {
  const stores: readonly S3Server['kind'][] = ['seaweedfs', 'versitygw'];
  const store = stores.find((name) => name === (text ?? stores[0]));
  if (store !== undefined) return store;
  throw new UsageError(`Expected --store to be ${stores.join(' or ')}, got "${text}".`);
}

export function wholeNumber(name: string, text: string | undefined, low: number, high: number): number | undefined {
  if (text === undefined) return undefined;
  const number = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (number >= low && number <= high) return number;
  throw new UsageError(`Expected ${name} to be a whole number from ${low} to ${high}, got "${text}".`);
}
