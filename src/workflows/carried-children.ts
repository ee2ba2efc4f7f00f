/**
 * Children that an earlier run of a lane has started. Temporal tells their ends to that run alone, which is over; so the
 * server is asked for them, and one that ended in silence, while nobody looked, is found out as well.
 */
import {
  ApplicationFailure,
  CancelledFailure,
  CancellationScope,
  getExternalWorkflowHandle,
} from '@temporalio/workflow';
import type { ChildEnd, ChildRef } from '../domain/work';
import { awaitChildren } from './activity-proxies';
import type { ChildHandle } from './window';

interface Waiting {
  readonly child: ChildRef;
  readonly settle: (end: ChildEnd) => void;
}

export class CarriedChildren {
  private readonly waiting = new Map<string, Waiting>();
  private asking = false;

  /** As the handle of a child of one's own: a cancel of the scope that waits for its result is passed on to it. */
  handleOf(child: ChildRef): ChildHandle {
    const { workflowId, runId } = child;
    const external = getExternalWorkflowHandle(workflowId, runId);
    return {
      firstExecutionRunId: runId,
      signal: (definition, ...args) => external.signal(definition, ...args),
      result: () => {
        // One that has just ended needs no cancel.
        const cancel = () => CancellationScope.nonCancellable(() => external.cancel()).catch(() => undefined);
        CancellationScope.current().cancelRequested.catch(cancel);
        return this.endOf(child).then(resultOf);
      },
    };
  }

  private endOf(child: ChildRef): Promise<ChildEnd> {
    const end = new Promise<ChildEnd>((settle) => this.waiting.set(child.workflowId, { child, settle }));
    if (!this.asking) void this.ask();
    return end;
  }

  /** Asks until all have ended. A cancel of the lane does not end the asking: their ends are awaited all the same. */
  private async ask(): Promise<void> {
    this.asking = true;
    // All that are adopted together are asked for together.
    await Promise.resolve();
    while (this.waiting.size > 0) {
      const children = [...this.waiting.values()].map(({ child }) => child);
      const ends = await CancellationScope.nonCancellable(() => awaitChildren({ children }));
      for (const end of ends) {
        this.waiting.get(end.workflowId)?.settle(end);
        this.waiting.delete(end.workflowId);
      }
    }
    this.asking = false;
  }
}

function resultOf(end: ChildEnd): unknown {
  if (end.kind === 'result') return end.result;
  if (end.kind === 'cancelled') throw new CancelledFailure('It was cancelled');
  throw ApplicationFailure.create({ type: end.code, message: end.message, nonRetryable: true });
}
