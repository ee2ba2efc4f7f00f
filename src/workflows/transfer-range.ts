/** One lane: scans its key range, and keeps a window of children at work on what is to copy. */
import {
  CancellationScope,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Counters } from '../domain/counters';
import { scanRange } from './activity-proxies';
import { fail } from './failure';
import { historyIsLong, Lane, type LaneState } from './lane';
import { holdsSignal, laneProgressSignal } from './messages';

export async function transferRange(state: LaneState): Promise<Counters> {
  const lane = new Lane(state);
  setHandler(holdsSignal, (holds) => lane.hold(holds));
  const reporter = new Reporter(lane, state.lane);
  try {
    while (!lane.isDone && lane.failure === undefined && !lane.window.isBroken) {
      await reporter.report();
      if (historyIsLong()) return await beginAnew(lane);
      lane.startWhatFits();
      const stretch = lane.nextStretch();
      if (stretch === undefined) await lane.change();
      else lane.takeUp(stretch, await scanRange(lane.scanRequest(stretch)));
    }
  } finally {
    await CancellationScope.nonCancellable(() => lane.window.ended());
  }
  lane.window.throwDefect();
  if (lane.failure !== undefined) fail(lane.failure);
  return lane.counters;
}

async function beginAnew(lane: Lane): Promise<never> {
  await condition(() => lane.window.inFlight === 0);
  return continueAsNew<typeof transferRange>(lane.state);
}

/** Reports come every few seconds at first, later every two-hundredth of the lane's time: neither history may fill with them. */
const REPORT_EVERY_MS = 3000;
const REPORTS_A_RUN = 200;

class Reporter {
  private reportedAt = 0;

  constructor(
    private readonly lane: Lane,
    private readonly name: string,
  ) {}

  async report(): Promise<void> {
    const { parent, startTime } = workflowInfo();
    const now = Date.now();
    const every = Math.max(REPORT_EVERY_MS, (now - startTime.getTime()) / REPORTS_A_RUN);
    if (parent === undefined || now - this.reportedAt < every) return;
    this.reportedAt = now;
    const { counters, listingDone } = this.lane;
    await getExternalWorkflowHandle(parent.workflowId)
      .signal(laneProgressSignal, { lane: this.name, counters, listingDone })
      .catch(() => undefined);
  }
}
