/** `npm run bench:memory`: does an object of any size go through the same memory? Measured on real processes; see `--help`. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { jobRoute } from './job-route';
import { HELP, readOptions, type BenchOptions, type BenchRoute } from './options';
import type { RouteRunner } from './route';
import { formatSize, growthOf, rowOf, tableOf, wrongsOf, type Row } from './rows';
import { startSyntheticProcess } from './synthetic-process';
import { workerRoute } from './worker-route';

interface Outcome {
  readonly rows: readonly Row[];
  /** What is wrong, a sentence each. */
  readonly problems: readonly string[];
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) {
    process.stdout.write(HELP);
    return 0;
  }
  const folder = mkdtempSync(join(tmpdir(), 'ferry-bench-'));
  try {
    const outcomes: Outcome[] = [];
    for (const route of options.routes) outcomes.push(await measureRoute(route, options, folder));
    const rows = outcomes.flatMap((outcome) => outcome.rows);
    const problems = outcomes.flatMap((outcome) => outcome.problems);
    if (options.json) {
      const machine = { node: process.version, platform: process.platform, cpu: cpus()[0]?.model, cpus: cpus().length };
      process.stdout.write(`${JSON.stringify({ machine, rows, problems, ok: problems.length === 0 }, null, 2)}\n`);
    } else {
      process.stdout.write(`${tableOf(rows)}\n`);
    }
    for (const problem of problems) process.stderr.write(`bench: ${problem}\n`);
    return problems.length === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureRoute(route: BenchRoute, options: BenchOptions, folder: string): Promise<Outcome> {
  const routeFolder = join(folder, route);
  mkdirSync(routeFolder);
  const runner = await (route === 'worker' ? workerRoute(routeFolder) : jobRoute());
  const rows: Row[] = [];
  const problems: string[] = [];
  try {
    for (const size of options.sizes) {
      const copyFolder = join(routeFolder, String(size));
      mkdirSync(copyFolder, { recursive: true });
      process.stderr.write(`${route}: ${formatSize(size)} …\n`);
      const { row, wrongs } = await measureCopy(runner, size, options, copyFolder);
      if (row) rows.push(row);
      problems.push(...wrongs.map((wrong) => `${route}, ${formatSize(size)}: ${wrong}`));
    }
  } finally {
    await runner.stop();
  }
  return { rows, problems: [...problems, ...growthOf(rows)] };
}

interface MeasuredCopy {
  /** Absent: the copy has failed. */
  readonly row?: Row;
  readonly wrongs: readonly string[];
}

async function measureCopy(
  runner: RouteRunner,
  size: number,
  { partSize, memoryBytes }: BenchOptions,
  folder: string,
): Promise<MeasuredCopy> {
  const synthetic = await startSyntheticProcess(folder, { size, ...(partSize === undefined ? {} : { partSize }) });
  try {
    const { endpoint } = synthetic;
    const copied = await runner.copy({ endpoint, size, memoryBytes, folder }).catch(failureOf);
    const server = await synthetic.finish();
    const wrongs = wrongsOf(server.stats);
    if (typeof copied === 'string') return { wrongs: [copied, ...wrongs] };
    return { row: rowOf({ route: runner.route, size, partSize, memoryBytes, copy: copied, server }), wrongs };
  } finally {
    await synthetic.stop();
  }
}

function failureOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

void main().then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
