/** What to measure, from the command line. */
import { parseArgs } from 'node:util';
import { MiB, parseSize } from '../src/domain/sizes';

export const ROUTES = ['worker', 'job'] as const;
export type BenchRoute = (typeof ROUTES)[number];

export interface BenchOptions {
  readonly routes: readonly BenchRoute[];
  /** Ascending. */
  readonly sizes: readonly number[];
  /** Of the source's own parts; absent: the source is in one piece. */
  readonly partSize?: number;
  /** FERRY_MEMORY. */
  readonly memoryBytes: number;
  readonly json: boolean;
}

export const HELP = `node dist/bench/memory.js [options]

Copies objects of several sizes by each route, in real processes and against a synthetic S3 server, and measures memory.
Exit code 1: a copy is wrong, or the largest object took more memory than the smallest.

  --sizes LIST      1GiB,64GiB unless told otherwise; below 256MiB an object cannot fill the memory it may use
  --quick           256MiB,1GiB
  --routes LIST     worker,job
  --part-size SIZE  the source was uploaded in parts of this size, for the copy to mirror
  --memory SIZE     FERRY_MEMORY of the process that copies; 512MiB unless told otherwise
  --json            one JSON document on stdout; progress goes to stderr
`;

/** Undefined: help was asked for. Throws a TypeError for what is not understood. */
export function readOptions(args: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      sizes: { type: 'string' },
      quick: { type: 'boolean' },
      routes: { type: 'string' },
      'part-size': { type: 'string' },
      memory: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return undefined;
  const sizes = (values.sizes ?? (values.quick ? '256MiB,1GiB' : '1GiB,64GiB')).split(',');
  const routes = (values.routes ?? ROUTES.join(',')).split(',').map((name) => {
    const route = ROUTES.find((each) => each === name.trim());
    if (route === undefined) throw new TypeError(`Expected \`--routes\` to name worker or job, got \`${name}\``);
    return route;
  });
  const partSize = values['part-size'];
  return {
    routes,
    sizes: sizes.map((text) => sizeOf('--sizes', text)).sort((a, b) => a - b),
    memoryBytes: values.memory === undefined ? 512 * MiB : sizeOf('--memory', values.memory),
    ...(partSize === undefined ? {} : { partSize: sizeOf('--part-size', partSize) }),
    json: values.json ?? false,
  };
}

function sizeOf(name: string, text: string): number {
  const size = parseSize(text);
  if (size === undefined || size < 1)
    throw new TypeError(`Expected \`${name}\` to hold sizes as 64GiB, got \`${text}\``);
  return size;
}
