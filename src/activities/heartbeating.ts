/** Keeps an activity alive while it works or waits, and hands on what Temporal asks of it. */
import { activityInfo, cancellationDetails, cancellationSignal, heartbeat } from '@temporalio/activity';
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
  const { heartbeatTimeoutMs } = activityInfo();
  const last = activityInfo().heartbeatDetails as Details | undefined;
  let details = last;
  const timer = setInterval(
    () => heartbeat(details),
    Math.max(250, (heartbeatTimeoutMs ?? 30_000) / BEATS_PER_TIMEOUT),
  );
  const stop = cancellationSignal();
  const cancelled = new AbortController();
  const lost = new AbortController();
  stop.addEventListener('abort', () => {
    const asked = cancellationDetails()?.cancelRequested === true;
    (asked ? cancelled : lost).abort(stop.reason);
  });
  const pulse: Pulse<Details> = {
    last,
    stop,
    cancelled: cancelled.signal,
    lost: lost.signal,
    report: (next) => {
      details = next;
      heartbeat(next);
    },
  };
  try {
    heartbeat(details);
    return await translated(() => work(pulse));
  } finally {
    clearInterval(timer);
  }
}
