/** Waits: for a time, or until something that a server promises has become true. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ManagedProcess } from './process';

export interface ReadyOptions {
  readonly process: ManagedProcess;
  /** What is waited for, as it stands in the error: "a CreateBucket succeeds". */
  readonly until: string;
  readonly timeoutMs: number;
  /** One real request; it throws while the server is not ready. */
  readonly probe: () => Promise<unknown>;
  /** @default 50 */
  readonly everyMs?: number;
}

/** Resolves when the probe succeeds; rejects, with the server's last lines, when it ended or the time is over. */
export async function waitUntilReady(options: ReadyOptions): Promise<void> {
  const { process: server, probe } = options;
  const deadline = Date.now() + options.timeoutMs;
  for (;;) {
    const end = server.end();
    if (end) throw new Error(`${server.name} ended at its start (${describeEnd(end)}). ${lastWords(server)}`);
    try {
      await probe();
      return;
    } catch (cause) {
      if (Date.now() >= deadline) {
        const message = `${server.name} was not ready after ${options.timeoutMs} ms: ${options.until} was awaited`;
        throw new Error(`${message} (${String(cause)}). ${lastWords(server)}`, { cause });
      }
    }
    await delay(options.everyMs ?? 50);
  }
}

function describeEnd(end: { readonly code: number | null; readonly signal: string | null }): string {
  return end.signal === null ? `exit code ${end.code}` : end.signal;
}

function lastWords(server: ManagedProcess): string {
  const lines = server.lastLines();
  return lines === '' ? `It wrote nothing to ${server.logFile}` : `Its last lines, of ${server.logFile}:\n${lines}`;
}
