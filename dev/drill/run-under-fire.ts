/** Starts the run of a round and gives its result, or says why there is none. */
import { setTimeout as delay } from 'node:timers/promises';
import type { RunResult } from '../../src/domain/run-result';
import type { Site } from './site';

export interface StartedRun {
  /** The result, or the sentence that tells why there is none. Never rejects. */
  readonly end: Promise<RunResult | string>;
  over(): boolean;
}

export async function startRun(site: Site, name: string, config: string): Promise<StartedRun> {
  const started = await site.ferry(['run', name], config);
  if (started.exitCode !== 0) throw new Error(`ferry run ${name} ended with ${started.exitCode}: ${started.stderr}`);
  let over = false;
  const end = (site.temporal.workflow.getHandle(`ferry-${name}`).result() as Promise<RunResult>)
    .catch((error: unknown) => `the run of ${name} failed: ${describe(error)}`)
    .finally(() => (over = true));
  return { end, over: () => over };
}

/** A run that takes longer is told as one that hangs, with what `ferry status` shows of it. */
export async function awaitEnd(site: Site, run: StartedRun, name: string, config: string, timeoutMs: number) {
  const timer = new AbortController();
  const late = delay(timeoutMs, 'late' as const, { signal: timer.signal }).catch(() => 'late' as const);
  const end = await Promise.race([run.end, late]);
  timer.abort();
  if (end !== 'late') return end;
  const { stdout } = await site.ferry(['status', name], config);
  return `the run of ${name} was not over ${timeoutMs / 1000} s after the last kill:\n${stdout}`;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${describe(error.cause)}`;
}
