/** `npm run bench:fairness`: does a client with a million keys delay one with a hundred? On one worker; see `--help`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { MiB } from '../src/domain/sizes';
import { newObjects } from './scale/fields';
import { openStage, type Stage } from './scale/stage';
import { startSynthetic } from './synthetic-process';

const HELP = `node dist/bench/fairness.js [options]

One worker and one target bucket, two clients with a store each: a hundred objects that arrive at a pace of 256 KiB/s
each, alone, and beside a client whose million small objects its store hands out at 100 a second. Exit code 1: the small
transfer takes a tenth longer beside the large one, by the median.

  --keys N    of the large client @default 1000000
  --times N   the small transfer, alone and beside @default 5
  --json      one JSON document on stdout
`;

const SMALL_KEYS = 100;
const MOST = 1.1;
/** Until the large client has filled every place that it can get. */
const HEAD_START_MS = 15_000;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { keys: { type: 'string' }, times: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } }, // prettier-ignore
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const keys = Number(values.keys ?? 1_000_000);
  const times = Number(values.times ?? 5);
  if (!Number.isSafeInteger(keys) || keys < 1) throw new TypeError(`Expected \`--keys\` to be a positive whole number, got \`${values.keys}\``); // prettier-ignore
  if (!Number.isSafeInteger(times) || times < 1) throw new TypeError(`Expected \`--times\` to be a positive whole number, got \`${values.times}\``); // prettier-ignore
  const folder = mkdtempSync(join(tmpdir(), 'ferry-fairness-'));
  try {
    return report(await measure(folder, keys, times), values.json ?? false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Measured {
  /** Seconds of the small transfer. */
  readonly alone: readonly number[];
  readonly beside: readonly number[];
  /** What the large one had copied when the last small one was over. */
  readonly largeCopied: number;
}

async function measure(folder: string, keys: number, times: number): Promise<Measured> {
  // The target, and what the small client has; the large client's store is another's.
  const stage = await openStage(join(folder, 'small'), {
    ...newObjects(SMALL_KEYS, MiB, outs(times)),
    bytesPerSecond: MiB / 4,
  });
  const large = await startSynthetic(folder, { ...newObjects(keys, 1024), requestsPerSecond: 100 });
  try {
    await stage.worker();
    // What is done for the first time only is nobody's delay.
    await small(stage, 'warm');
    const alone: number[] = [];
    for (let i = 0; i < times; i++) alone.push(await small(stage, `alone-${i}`));
    await stage.start(stage.entry('large', { source: { endpoint: large.endpoint }, target: { prefix: 'large/' } }));
    await sleep(HEAD_START_MS);
    const beside: number[] = [];
    for (let i = 0; i < times; i++) beside.push(await small(stage, `beside-${i}`));
    const { operations } = await large.stats();
    return { alone, beside, largeCopied: operations.GetObject?.count ?? 0 };
  } finally {
    await large.stop();
    await stage.stop();
  }
}

function outs(times: number): string[] {
  const runs = Array.from({ length: times }, (_, i) => [`alone-${i}`, `beside-${i}`]).flat();
  return ['warm', ...runs].map((name) => `${name}/`);
}

async function small(stage: Stage, name: string): Promise<number> {
  const { result, seconds } = await stage.run(stage.entry(name, { target: { prefix: `${name}/` } }));
  if (result.copied !== SMALL_KEYS) throw new Error(`${name} has copied ${result.copied} of ${SMALL_KEYS} objects`);
  process.stderr.write(`fairness: ${name}: ${seconds.toFixed(2)} s\n`);
  return seconds;
}

function report({ alone, beside, largeCopied }: Measured, json: boolean): number {
  const ratio = median(beside) / median(alone);
  const held = ratio < MOST;
  if (json)
    process.stdout.write(`${JSON.stringify({ alone, beside, largeCopied, ratio, most: MOST, held }, null, 2)}\n`); // prettier-ignore
  else {
    process.stdout.write(
      `alone ${median(alone).toFixed(2)} s, beside the large one ${median(beside).toFixed(2)} s: ${ratio.toFixed(2)}, below ${MOST} is the goal: ${held ? 'held' : 'NOT HELD'}\n`,
    );
  }
  return held ? 0 : 1;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

void main().then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(error instanceof TypeError ? 2 : 1);
  },
);
