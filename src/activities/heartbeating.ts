/** Keeps an activity alive while it works or waits, and hands on what Temporal asks of it. */
import { Context } from '@temporalio/activity';
import { translated } from './activity-failure';

export interface Pulse<Details> {
  /** What the last attempt reported, as far as it reached the server. */
  readonly last: Details | undefined;
  /** Cancelled, paused by the workflow, or the worker shuts down: finish what is in flight and return. */
  readonly stop: AbortSignal;
  /** The workflow alone asks: for what goes on elsewhere when this process ends. */
  readonly cancelled: AbortSignal;
  /** The attempt is lost for another reason, as the worker's shutdown: throw, and the next one takes up from `last`. */
  readonly lost: AbortSignal;
  report(details: Details): void;
}

const BEATS_PER_TIMEOUT = 4;

/** Beats with the details of the moment until `work` ends; the SDK sends as many of the beats as the server needs. */
export async function heartbeating<Details, Result>(work: (pulse: Pulse<Details>) => Promise<Result>): Promise<Result> {
  // Taken now: a cancel comes from outside the activity's own call chain, where there is no current context.
  const context = Context.current();
  const { heartbeatTimeoutMs } = context.info;
  const last = context.info.heartbeatDetails as Details | undefined;
  const beat = (now: Details | undefined) => context.heartbeat(now);
  let details = last;
  const timer = setInterval(() => beat(details), Math.max(250, (heartbeatTimeoutMs ?? 30_000) / BEATS_PER_TIMEOUT));
  const stop = context.cancellationSignal;
  const cancelled = new AbortController();
  const lost = new AbortController();
  stop.addEventListener('abort', () => {
    const asked = context.cancellationDetails?.cancelRequested === true;
    (asked ? cancelled : lost).abort(stop.reason);
  });
  const pulse: Pulse<Details> = {
    last,
    stop,
    cancelled: cancelled.signal,
    lost: lost.signal,
    report: (next) => {
      details = next;
      beat(next);
    },
  };
  try {
    // Its start counts as a beat; each that is sent is a write of the server's.
    if (details !== undefined) beat(details);
    return await translated(() => work(pulse));
  } finally {
    clearInterval(timer);
  }
}
