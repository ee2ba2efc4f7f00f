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
const MAX_SEED = 2 ** 32 - 1;
const STORES: readonly S3Server['kind'][] = ['seaweedfs', 'versitygw'];

/** `help` for `--help`. Throws a `UsageError`. */
export function parseOptions(args: readonly string[]): DrillOptions | 'help' {
  const values = read(args);
  if (values.help) return 'help';
  const store = STORES.find((name) => name === (values.store ?? STORES[0]));
  if (store === undefined)
    throw new UsageError(`Expected --store to be ${STORES.join(' or ')}, got "${values.store}".`);
  return {
    kills: wholeNumber('--kills', values.kills, MIN_KILLS, MAX_KILLS) ?? 50,
    seed: wholeNumber('--seed', values.seed, 0, MAX_SEED) ?? randomInt(MAX_SEED),
    store,
    json: values.json ?? false,
    keep: values.keep ?? false,
  };
}

function read(args: readonly string[]) {
  const flag = { type: 'boolean' } as const;
  const value = { type: 'string' } as const;
  const options = { kills: value, seed: value, store: value, json: flag, keep: flag, help: flag };
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    // Node says which option and why, and then how to write what nobody meant.
    const [sentence = ''] = (error instanceof Error ? error.message : String(error)).split(/\.\s/);
    throw new UsageError(`${sentence.replace(/\.$/, '')}. See --help.`);
  }
}

function wholeNumber(name: string, text: string | undefined, low: number, high: number): number | undefined {
  if (text === undefined) return undefined;
  const number = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (number >= low && number <= high) return number;
  throw new UsageError(`Expected ${name} to be a whole number from ${low} to ${high}, got "${text}".`);
}
