/** One lane: scans its key range, and keeps a window of children at work on what is to copy. */
import { CancellationScope, condition, continueAsNew, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import type { Counters } from '../domain/counters';
import type { LaneReport } from '../domain/run-result';
import { fail } from './failure';
import { Lane } from './lane';
import type { LaneState } from './lane-state';
import { holdsSignal, laneProgressSignal, laneReportQuery, someEndedSignal, splitSignal } from './messages';
import { isSomeEnded } from './signal-shapes';
import { tellParent } from './tell-parent';

export async function transferRange(state: LaneState): Promise<Counters> {
  const lane = new Lane(state);
  setHandler(holdsSignal, (holds, version) => lane.hold(holds, version));
  setHandler(splitSignal, (pieces) => {
    lane.splitInto = pieces;
    lane.changed();
  });
  setHandler(someEndedSignal, (message) => {
    if (isSomeEnded(message)) lane.someEnded(message);
  });
  const reporter = new Reporter(lane, state);
  setHandler(laneReportQuery, () => reporter.now);
  const fails = () => lane.failure !== undefined || lane.window.isBroken;
  let anew = false;
  let done = false;
  try {
    while (!lane.isDone && !fails()) {
      await reporter.report();
      if (historyIsLong()) {
        await condition(() => lane.window.canBeLeft || fails());
        anew = !fails();
        break;
      }
      lane.startWhatFits();
      const stretch = lane.nextStretch();
      if (lane.splitInto !== undefined) await lane.split();
      else if (stretch === undefined) await reporter.change();
      else await lane.scan(stretch);
    }
    done = !anew && !fails();
  } finally {
    if (!anew)
      await CancellationScope.nonCancellable(async () => {
        if (fails()) lane.window.stop();
        await lane.window.ended();
        // Else the result tells all.
        if (!done) await reporter.report('now');
      });
  }
  if (anew) return await continueAsNew<typeof transferRange>(lane.state);
  lane.window.throwDefect();
  if (lane.failure !== undefined) fail(lane.failure);
  return lane.counters;
}

/** A lane begins anew here, with its children at work: history stays far from the server's 4,096 events and 4 MiB. */
const MAX_EVENTS = 2000;
const MAX_BYTES = 2 * 1024 * 1024;

function historyIsLong(): boolean {
  const { historyLength, historySize, continueAsNewSuggested } = workflowInfo();
  return historyLength > MAX_EVENTS || historySize > MAX_BYTES || continueAsNewSuggested;
}

/**
 * Reports come every few seconds at first, later the more rarely the longer the run lasts: each is some four events of its
 * history, which a month of them may not fill.
 */
const REPORT_EVERY_MS = 3000;
const REPORTS_A_RUN = 10;

class Reporter {
  private reportedAt = 0;
  private reported: Counters | undefined;
  private isDue = false;
  private waits = false;

  constructor(
    private readonly lane: Lane,
    private readonly of: LaneState,
  ) {}

  get now(): LaneReport {
    const { counters, listingDone } = this.lane;
    return { lane: this.of.lane, counters, listingDone };
  }

  /** Until the lane changes, or has something to report that may be reported: one timer serves all changes until then. */
  async change(): Promise<void> {
    if (!this.waits && this.lane.counters !== this.reported) {
      this.waits = true;
      void sleep(Math.max(1, this.reportedAt + this.everyMs() - Date.now())).then(
        () => {
          this.waits = false;
          this.isDue = true;
          this.lane.changed();
        },
        // A cancel, of which the lane hears itself.
        () => undefined,
      );
    }
    await this.lane.change();
  }

  async report(when: 'due' | 'now' = 'due'): Promise<void> {
    const now = Date.now();
    if (!this.isDue && when === 'due' && now - this.reportedAt < this.everyMs()) return;
    this.isDue = false;
    this.reportedAt = now;
    this.reported = this.lane.counters;
    await tellParent(laneProgressSignal, this.now);
  }

  private everyMs(): number {
    const { run, transfer } = this.of;
    return Math.max(REPORT_EVERY_MS, ((Date.now() - run.startedAt) * transfer.limits.lanes) / REPORTS_A_RUN);
  }
}
