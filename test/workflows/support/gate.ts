/** What a test waits with: gates that hold an activity, and questions asked until they are answered. */
import { cancellationSignal, heartbeat } from '@temporalio/activity';
import type { MoveResult } from '../../../src/activities/copy-activities';

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
export async function until<T>(
  what: string,
  ready: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 15_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await ready();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain until ${what}`);
    await pause(25);
  }
}

/** Long enough for a workflow to do what it must not do. */
export function pause(ms = 400): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
