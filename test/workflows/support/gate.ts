/** What a test waits with: gates that hold an activity, and questions asked until they are answered. */
import { cancellationSignal, heartbeat } from '@temporalio/activity';
import type { MoveResult } from '../../../src/activities/copy-activities';
import { until as untilReady } from '../../support/until';

export class Gate {
  readonly opened: Promise<void>;
  private resolve: () => void = () => undefined;

  constructor() {
    this.opened = new Promise((resolve) => (this.resolve = resolve));
  }

  open(): void {
    this.resolve();
  }
}

/** Each of `count` callers goes on when all of them are there: then none has been held back by what another met. */
export function meeting(count: number): () => Promise<void> {
  const gate = new Gate();
  let there = 0;
  return () => {
    there += 1;
    if (there >= count) gate.open();
    return gate.opened;
  };
}

/** Beats as a real activity does; false when it was asked to stop before the gate opened. */
export async function openedBeforeStop(gate: Gate): Promise<boolean> {
  const stop = cancellationSignal();
  const beat = setInterval(() => heartbeat(), 50);
  try {
    const stopped = new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }));
    await Promise.race([gate.opened, stopped]);
    return !stop.aborted;
  } finally {
    clearInterval(beat);
  }
}

/** A copy that ends when the gate opens. */
export async function moving(gate: Gate): Promise<MoveResult> {
  return { state: (await openedBeforeStop(gate)) ? 'complete' : 'stopped' };
}

/** Waits until `ready` gives something, and returns it. */
export function until<T>(what: string, ready: Parameters<typeof untilReady<T>>[1], timeoutMs = 60_000): Promise<T> {
  return untilReady(what, ready, { timeoutMs, everyMs: 25 });
}

/** Long enough for a workflow to do what it must not do. */
export function pause(ms = 400): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
