/** `npm run bench:bandwidth`: does a limit of bandwidth hold over all workers together? Measured on real processes; see `--help`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { silent } from '../dev/log';
import { startTemporal } from '../dev/servers/temporal';
import { formatRate } from '../src/domain/sizes';
import { runLimited, type LimitedRun, type Samples } from './limited-run';
import { highestOver, momentOf, rateBetween } from './rate-samples';

const HELP = `node dist/bench/bandwidth.js [options]

Runs a transfer with limits.bandwidth by several real workers, against a synthetic S3 server, and measures what arrives.
Exit code 1: the rate over the steady middle part is more than 10 % off.

  --only TEXT  the runs whose name holds it
  --json       one JSON document on stdout; progress goes to stderr
`;

const MB = 1e6;
const LIMIT = 20 * MB;
const TOLERANCE = 0.1;
/** The steady middle part: not the first fifth of the bytes, and not the last. */
const MIDDLE = [0.2, 0.8] as const;
const EVENT_AT = 0.4;
/** Workers follow a change within it. */
const FOLLOW_MS = 6_000;
/** A worker that was killed is missed within it. */
const MISSED_MS = 16_000;

const times = (count: number, size: number) => new Array<number>(count).fill(size);
const sum = (objects: readonly number[]) => objects.reduce((all, size) => all + size, 0);

function run(name: string, workers: number, objects: readonly number[], objectsPerLane = 16): LimitedRun {
  return { name, workers, objects, objectsPerLane, limit: LIMIT };
}

function withEvent(plain: LimitedRun, does: NonNullable<LimitedRun['event']>['does']): LimitedRun {
  return { ...plain, event: { atBytes: EVENT_AT * sum(plain.objects), does } };
}

/** Objects of 10 MB go in one piece, larger ones in parts, smaller ones in packs. */
const RUNS: readonly LimitedRun[] = [
  run('workers-1', 1, times(40, 10 * MB)),
  run('workers-2', 2, times(40, 10 * MB)),
  run('workers-3', 3, times(40, 10 * MB)),
  run('idle-workers', 3, times(4, 100 * MB), 2),
  // Work moves from worker to worker faster than shares follow: what all leave unused is made up for.
  run('few-small', 3, times(40, 10 * MB), 2),
  run('parts', 2, times(2, 200 * MB)),
  run('packs', 2, times(2_000, 0.2 * MB)),
  run('uneven', 2, [300 * MB, ...times(10_000, 0.01 * MB)]),
  withEvent(run('changed', 3, times(60, 10 * MB)), { limit: 10 * MB }),
  withEvent(run('killed', 3, times(100, 10 * MB)), 'kill'),
];

interface Row {
  readonly run: string;
  readonly workers: number;
  /** Bytes a second. */
  readonly limit: number;
  readonly seconds: number;
  readonly rate: number;
  readonly ratio: number;
  /** The most over any 5 s of the stretch. */
  readonly highest: number;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const folder = mkdtempSync(join(tmpdir(), 'ferry-bench-'));
  const temporal = await startTemporal({ folder: join(folder, 'temporal'), headless: true, log: silent });
  try {
    const rows: Row[] = [];
    for (const each of RUNS.filter(({ name }) => name.includes(values.only ?? ''))) {
      process.stderr.write(`${each.name} …\n`);
      rows.push(...rowsOf(each, await runLimited(each, temporal.address, join(folder, each.name))));
    }
    const ok = rows.every(({ ratio }) => Math.abs(ratio - 1) <= TOLERANCE);
    process.stdout.write(values.json ? `${JSON.stringify({ rows, ok }, null, 2)}\n` : `${tableOf(rows)}\n`);
    return ok ? 0 : 1;
  } finally {
    await temporal.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function rowsOf({ name, workers, limit, objects, event }: LimitedRun, { samples, eventAt }: Samples): Row[] {
  const row = (what: string, from: number, to: number, expected = limit, left = workers): Row => {
    const rate = rateBetween(samples, from, to);
    const within = samples.filter(({ at }) => at >= from && at <= to);
    const seconds = (to - from) / 1000;
    return { run: what, workers: left, limit: expected, seconds, rate, ratio: rate / expected, highest: highestOver(5, within) }; // prettier-ignore
  };
  const [from, at, to] = [MIDDLE[0], EVENT_AT, MIDDLE[1]].map(
    (share) => momentOf(share * sum(objects), samples) ?? samples.at(-1)?.at ?? 0,
  ) as [number, number, number];
  if (event === undefined || eventAt === undefined) return [row(name, from, to)];
  const before = row(`${name}: before`, from, at);
  if (event.does === 'kill') return [before, row(`${name}: after`, eventAt + MISSED_MS, to, limit, workers - 1)];
  return [before, row(`${name}: after`, eventAt + FOLLOW_MS, to, event.does.limit)];
}

function tableOf(rows: readonly Row[]): string {
  const head = ['run', 'workers', 'limit', 'measured over', 'rate', 'ratio', 'highest 5 s'];
  const lines = rows.map(({ run: what, workers, limit, seconds, rate, ratio, highest }) => [
    ...[what, String(workers), formatRate(limit), `${seconds.toFixed(1)} s`, formatRate(Math.round(rate))],
    ...[ratio.toFixed(3), highest === 0 ? '-' : formatRate(Math.round(highest))],
  ]);
  const all = [head, ...lines];
  const widths = head.map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0)));
  return all.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()).join('\n'); // prettier-ignore
}

void main().then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
