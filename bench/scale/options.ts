/** Which rows to measure, and how large, from the command line. */
import { parseArgs } from 'node:util';

export const ROW_NAMES = ['unchanged', 'small', 'memory', 'children', 'workers', 'kills'] as const;
export type RowName = (typeof ROW_NAMES)[number];

export interface ScaleOptions {
  readonly rows: readonly RowName[];
  /** 1: as many keys as the goals name. */
  readonly scale: number;
  readonly json: boolean;
}

export const HELP = `node dist/bench/scale.js [options]

Plays buckets of many keys in a synthetic S3 server, and moves them through Temporal and by the bare engine, which is the
same code in a plain process without Temporal. Exit code 1: a goal is not held. Where \`--scale\` makes it small, goals
of time and memory are shown and decide nothing.

  --rows LIST    ${ROW_NAMES.join(',')}
                 unchanged  1,000,000 keys that stand on both sides
                 small      100,000 new objects of 1 KiB
                 memory     10,000,000 unchanged keys against 100,000
                 children   2,000 objects of 9 MiB, a child each
                 workers    1, 2 and 4 worker processes
                 kills      200,000 objects, a worker or the Temporal server killed every 20 s
  --scale N      so much of it, as 0.01 @default 1
  --json         one JSON document on stdout; progress goes to stderr
`;

/** Undefined: help was asked for. Throws a TypeError for what is not understood. */
export function readScaleOptions(args: readonly string[]): ScaleOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: 'string' },
      scale: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return undefined;
  const rows = (values.rows ?? ROW_NAMES.join(',')).split(',').map((name) => {
    const row = ROW_NAMES.find((each) => each === name.trim());
    if (row === undefined) throw new TypeError(`Expected \`--rows\` to name ${ROW_NAMES.join(', ')}, got \`${name}\``);
    return row;
  });
  const scale = Number(values.scale ?? 1);
  if (!(scale > 0 && scale <= 1)) throw new TypeError(`Expected \`--scale\` to be above 0 and at most 1, got \`${values.scale}\``); // prettier-ignore
  return { rows, scale, json: values.json ?? false };
}
