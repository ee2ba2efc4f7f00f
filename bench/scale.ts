/** `npm run bench:scale`: what Temporal costs, how far the workers reach, and what a kill costs, at many keys; see `--help`. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { goalTable, type MeasureRow, type RowOutcome } from './scale/goal';
import { HELP, readScaleOptions, type RowName } from './scale/options';
import { measureChildren } from './scale/children';
import { measureKills } from './scale/kills';
import { measureMemory } from './scale/memory';
import { measureSmall } from './scale/small';
import { measureUnchanged } from './scale/unchanged';
import { measureWorkers } from './scale/workers';

const ROWS: Readonly<Record<RowName, MeasureRow>> = {
  unchanged: measureUnchanged,
  small: measureSmall,
  memory: measureMemory,
  children: measureChildren,
  workers: measureWorkers,
  kills: measureKills,
};

async function main(): Promise<number> {
  const options = readScaleOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(HELP);
    return 0;
  }
  const { scale, rows, json } = options;
  const folder = mkdtempSync(join(tmpdir(), 'ferry-scale-'));
  const log = (text: string) => void process.stderr.write(`${text}\n`);
  try {
    const outcomes: RowOutcome[] = [];
    for (const row of rows) {
      const rowFolder = join(folder, row);
      mkdirSync(rowFolder);
      outcomes.push(await ROWS[row]({ scale, folder: rowFolder, log }));
    }
    const isFull = scale === 1;
    const missed = outcomes.flatMap(({ row, goals }) =>
      goals.filter(({ held, noisy }) => !held && (isFull || !noisy)).map(({ measure }) => `${row}: ${measure}`),
    );
    const machine = { node: process.version, platform: process.platform, cpu: cpus()[0]?.model, cpus: cpus().length };
    if (json) process.stdout.write(`${JSON.stringify({ machine, scale, outcomes, missed }, null, 2)}\n`);
    else process.stdout.write(`${goalTable(outcomes, isFull)}\n`);
    for (const goal of missed) log(`bench: a goal is not held: ${goal}`);
    return missed.length === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main().then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(error instanceof TypeError ? 2 : 1);
  },
);
