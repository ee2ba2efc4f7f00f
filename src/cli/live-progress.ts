/** A run's progress to the second: the lanes report to it the more rarely the longer it lasts, and are asked themselves here. */
import { setTimeout as sleep } from 'node:timers/promises';
import { addCounters, type Counters } from '../domain/counters';
import type { LaneReport, Progress } from '../domain/run-result';
import { laneReportQuery, progressQuery } from '../workflows/messages';
import type { RunHandle } from './run-handle';

const QUERY_TIMEOUT_MS = 5000;

/** Undefined: no worker answers just now. */
export async function queryProgress(handle: RunHandle): Promise<Progress | undefined> {
  const progress = await inTime(handle.query(progressQuery));
  if (progress === undefined) return undefined;
  const answers = progress.lanes.map(async (known) => {
    const lane = handle.client.getHandle(`${handle.workflowId}/r/${known.lane}`);
    return (await inTime(lane.query(laneReportQuery))) ?? known;
  });
  return withReports(progress, await Promise.all(answers));
}

/** `now`: of the lanes under way, in place of what they have reported. */
export function withReports(progress: Progress, now: readonly LaneReport[]): Progress {
  const known = progress.lanes.map(({ counters }) => negative(counters));
  const counters = [...known, ...now.map((lane) => lane.counters)].reduce<Counters>(addCounters, progress.counters);
  const { listed, copied, skipped, failed } = counters;
  const pending = listed - copied - skipped - failed;
  const listingDone = progress.state !== 'preflight' && now.every((lane) => lane.listingDone);
  return { ...progress, counters, lanes: now, pending, listingDone };
}

function negative(counters: Counters): Partial<Counters> {
  return Object.fromEntries(Object.entries(counters).map(([name, count]) => [name, -(count as number)]));
}

function inTime<T>(answer: Promise<T>): Promise<T | undefined> {
  return Promise.race([answer.catch(() => undefined), sleep(QUERY_TIMEOUT_MS, undefined, { ref: false })]);
}
