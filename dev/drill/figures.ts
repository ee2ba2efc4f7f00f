/** What a drill tells at its end, for people and for programs. */
import { formatBytes, formatDuration } from '../../src/domain/sizes';
import type { KillCounts } from './kill-record';
import type { TrafficFigures } from './traffic';

export interface DrillFigures extends TrafficFigures {
  readonly seed: number;
  readonly store: string;
  readonly rounds: number;
  readonly objects: number;
  readonly kills: KillCounts;
  readonly checks: number;
  readonly problems: readonly string[];
  readonly wallSeconds: number;
}

const NO_TRAFFIC: TrafficFigures = {
  bytesMoved: 0,
  bytesArrived: 0,
  surplusBytes: 0,
  boundBytes: 0,
  interruptedWrites: 0,
  repeatedWrites: 0,
  refusedWrites: 0,
  refusedBytes: 0,
};

export function addTraffic(all: readonly TrafficFigures[]): TrafficFigures {
  const names = Object.keys(NO_TRAFFIC) as (keyof TrafficFigures)[];
  const sumOf = (name: keyof TrafficFigures) => all.reduce((sum, figures) => sum + figures[name], 0);
  return { ...NO_TRAFFIC, ...Object.fromEntries(names.map((name) => [name, sumOf(name)])) };
}

export function tableOf(figures: DrillFigures): string {
  const { kills } = figures;
  const rows: [string, string | number][] = [
    ['seed', figures.seed],
    ['store', figures.store],
    ['rounds', figures.rounds],
    ['objects', figures.objects],
    ['bytes moved', formatBytes(figures.bytesMoved)],
    ['processes killed', kills.total],
    ['  workers', kills.worker],
    ['  Batch jobs', kills.job],
    ['  jobs by hand', kills.hand],
    ['  before the first part', kills.beforeFirstPart],
    ['  after CompleteMultipartUpload', kills.afterComplete],
    ['  after PutObject', kills.afterPut],
    ['writes interrupted', figures.interruptedWrites],
    ['writes repeated', figures.repeatedWrites],
    ['writes refused by the store', figures.refusedWrites],
    ['surplus bytes', formatBytes(figures.surplusBytes)],
    ['bound: in flight at kills', formatBytes(figures.boundBytes)],
    ['checks', figures.checks],
    ['wall time', formatDuration(figures.wallSeconds * 1000)],
  ];
  return drillTable(rows, figures.problems);
}

/** One line a figure, then each check that failed. */
export function drillTable(rows: readonly (readonly [string, string | number])[], problems: readonly string[]): string {
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  const table = rows.map(([name, value]) => `${name.padEnd(width)}${value}\n`).join('');
  const verdict =
    problems.length === 0
      ? 'Every check holds: nothing is lost, torn, doubled or left behind.\n'
      : `${problems.length} checks failed:\n${problems.map((problem) => `  ${problem}\n`).join('')}`;
  return `${table}\n${verdict}`;
}
