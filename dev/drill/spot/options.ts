/** What `npm run drill:spot -- …` is told. */
import { randomInt } from 'node:crypto';
import { parseSize } from '../../../src/domain/sizes';
import type { S3Server } from '../../servers/s3-server';
import { MAX_SEED, readOptions, storeOf, UsageError, wholeNumber } from '../options';

export interface SpotOptions {
  /** @default 20 */
  readonly objects: number;
  /** Bytes. @default 200 MB */
  readonly smallest: number;
  /** Bytes. @default 2 GB */
  readonly largest: number;
  /** @default a random one */
  readonly seed: number;
  /** @default seaweedfs */
  readonly store: S3Server['kind'];
  readonly json: boolean;
  readonly keep: boolean;
}

export const HELP = `Usage: npm run drill:spot -- [options]

Moves objects by Batch jobs while hosts on Spot are reclaimed, with and without notice, workers and the endpoint of Batch,
SSM and STS are killed, and SubmitJob is refused and loses its answers. Proves that every object is right, that no two jobs
of one object live for more than a minute, that no upload is left, and that 1.15 times the bytes moved were sent at most.
Its full size is about 16 GB, takes twice that on the disk, and 10 to 15 minutes. Exit code 0 when every check holds, 1 when
one fails, 2 for wrong options, 130 when interrupted.

  --objects <N>      4 to 1000 (default: 20)
  --smallest <SIZE>  of the smallest object, at least 20MB (default: 200MB)
  --largest <SIZE>   of the largest object, at most 5GB (default: 2GB)
  --seed <N>         all chance comes from it; it is printed (default: a random one)
  --store <NAME>     seaweedfs or versitygw (default: seaweedfs)
  --json             one JSON document on stdout
  --keep             the folder with data and logs is kept
  --help             this text
`;

const MB = 1_000_000;
const SIZES = { low: 20 * MB, high: 5000 * MB };

/** `help` for `--help`. Throws a `UsageError`. */
export function parseSpotOptions(args: readonly string[]): SpotOptions | 'help' {
  const values = readOptions(args, ['objects', 'smallest', 'largest', 'seed', 'store']);
  if (values.help) return 'help';
  const smallest = sizeOf('--smallest', values.smallest) ?? 200 * MB;
  const largest = sizeOf('--largest', values.largest) ?? 2000 * MB;
  if (smallest > largest) {
    throw new UsageError(`Expected --smallest to be at most --largest, got ${smallest} and ${largest} bytes.`);
  }
  return {
    objects: wholeNumber('--objects', values.objects, 4, 1000) ?? 20,
    smallest,
    largest,
    seed: wholeNumber('--seed', values.seed, 0, MAX_SEED) ?? randomInt(MAX_SEED),
    store: storeOf(values.store),
    json: values.json ?? false,
    keep: values.keep ?? false,
  };
}

function sizeOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const size = parseSize(text) ?? NaN;
  if (size >= SIZES.low && size <= SIZES.high) return size;
  throw new UsageError(`Expected ${name} to be a size from 20MB to 5GB such as 200MB, got "${text}".`);
}
