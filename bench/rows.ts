/** What was measured, as a table for people and as rows for machines, and what is wrong with it. */
import type { Stats } from '../dev/synthetic/stats';
import { GiB, MiB, TiB } from '../src/domain/sizes';
import type { BenchRoute } from './options';
import type { Usage } from './process-meter';
import type { CopyResult } from './route';

export interface Row {
  readonly route: BenchRoute;
  readonly sizeBytes: number;
  /** Of the source's parts, and those that were sent. */
  readonly sourceLayout: string;
  readonly partsSent: number;
  readonly budgetBytes: number;
  readonly peakRssBytes: number;
  readonly wallSeconds: number;
  readonly mibPerSecond: number;
  readonly cpuSeconds: number;
  readonly proof: string;
  readonly server: Usage;
}

export interface Measured {
  readonly route: BenchRoute;
  readonly size: number;
  readonly partSize: number | undefined;
  readonly memoryBytes: number;
  readonly copy: CopyResult;
  readonly server: { readonly stats: Stats; readonly usage: Usage };
}

export function rowOf({ route, size, partSize, memoryBytes, copy, server }: Measured): Row {
  return {
    route,
    sizeBytes: size,
    sourceLayout: partSize === undefined ? 'one piece' : `parts of ${formatSize(partSize)}`,
    partsSent: server.stats.operations.UploadPart?.count ?? 0,
    budgetBytes: memoryBytes,
    peakRssBytes: copy.usage.peakRssBytes,
    wallSeconds: round(copy.wallSeconds),
    mibPerSecond: Math.round(size / MiB / copy.wallSeconds),
    cpuSeconds: round(copy.usage.cpuSeconds),
    proof: copy.proof,
    server: server.usage,
  };
}

/** Sentences; none: all is well. */
export function wrongsOf({ verified, mismatches, operations }: Stats): string[] {
  const wrongs = mismatches.map(({ key, reason }) => `${key} was written wrong: ${reason}`);
  if (verified !== 1) wrongs.push(`the server has verified ${verified} objects instead of 1`);
  const failed = Object.entries(operations).filter(([, { errors }]) => errors.InternalError !== undefined);
  return [...wrongs, ...failed.map(([kind]) => `the synthetic server itself has failed in ${kind}`)];
}

const TOLERANCE = 0.15;
const TOLERANCE_BYTES = 48 * MiB;

/** Memory that grows with the object. Rows are of one route, sizes ascending. */
export function growthOf(rows: readonly Row[]): string[] {
  const [small, large] = [rows[0], rows.at(-1)];
  if (small === undefined || large === undefined || small === large) return [];
  const limit = small.peakRssBytes * (1 + TOLERANCE) + TOLERANCE_BYTES;
  if (large.peakRssBytes <= limit) return [];
  const [peak, other] = [large, small].map(({ peakRssBytes }) => mib(peakRssBytes));
  return [
    `memory grows with the object: by ${large.route}, ${formatSize(large.sizeBytes)} took ${peak} MiB where ${formatSize(small.sizeBytes)} took ${other} MiB; ${mib(limit)} MiB are allowed`,
  ];
}

export function tableOf(rows: readonly Row[]): string {
  const head = [
    ...['route', 'object', 'source', 'parts sent', 'budget', 'peak RSS', 'wall', 'MiB/s', 'CPU', 'proof'],
    ...['server RSS', 'server CPU'],
  ];
  const lines = rows.map((row) => [
    ...[row.route, formatSize(row.sizeBytes), row.sourceLayout, String(row.partsSent), formatSize(row.budgetBytes)],
    ...[`${mib(row.peakRssBytes)} MiB`, `${row.wallSeconds} s`, String(row.mibPerSecond), `${row.cpuSeconds} s`],
    ...[row.proof, `${mib(row.server.peakRssBytes)} MiB`, `${round(row.server.cpuSeconds)} s`],
  ]);
  const all = [head, ...lines];
  const widths = head.map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0)));
  return all.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()).join('\n'); // prettier-ignore
}

function mib(bytes: number): number {
  return Math.round(bytes / MiB);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** As it was asked for: `64GiB`. */
export function formatSize(bytes: number): string {
  const units: readonly (readonly [number, string])[] = [[TiB, 'TiB'], [GiB, 'GiB'], [MiB, 'MiB'], [1024, 'KiB']]; // prettier-ignore
  const [unit, name] = units.find(([each]) => bytes >= each && bytes % each === 0) ?? [1, 'B'];
  return `${bytes / unit}${name}`;
}
