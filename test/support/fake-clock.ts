/** A clock that moves when a test says so: alarms ring in their order, and what they set off is done before the next one. */
import type { Clock } from '../../src/transfer/clock';

interface Alarm {
  readonly at: number;
  readonly wake: () => void;
}

export class FakeClock implements Clock {
  private time = 0;
  private readonly alarms = new Set<Alarm>();

  now(): number {
    return this.time;
  }

  after(ms: number, wake: () => void): () => void {
    const alarm = { at: this.time + ms, wake };
    this.alarms.add(alarm);
    return () => this.alarms.delete(alarm);
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    await settle();
    for (let next = this.next(end); next !== undefined; next = this.next(end)) {
      this.alarms.delete(next);
      this.time = next.at;
      next.wake();
      await settle();
    }
    this.time = end;
  }

  private next(end: number): Alarm | undefined {
    let first: Alarm | undefined;
    for (const alarm of this.alarms) {
      if (alarm.at <= end && (first === undefined || alarm.at < first.at)) first = alarm;
    }
    return first;
  }
}

/** What hangs on nothing but promises is done. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
