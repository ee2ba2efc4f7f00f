/** Runs an activity that stops and returns when asked, and asks it to when a hold comes into force. */
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
} from '@temporalio/workflow';

/** A condition is not cheap, even one that holds: it is made only where there is a hold. */
export function untilReleased(held: () => boolean): Promise<void> | undefined {
  return held() ? condition(() => !held()) : undefined;
}

/**
 * `held` is asked whenever the workflow's state changes. `stopped`: what an attempt comes to that the hold met before it
 * had begun, between two tries, or just as it failed for a passing reason: nothing is lost, as the next one resumes.
 */
export async function untilHeld<T>(held: () => boolean, activity: () => Promise<T>, stopped: () => T): Promise<T> {
  const scope = new CancellationScope();
  const hold = { asked: false, over: false };
  void condition(() => hold.over || held()).then(
    () => {
      if (hold.over) return;
      hold.asked = true;
      scope.cancel();
    },
    // A cancel reaches the activity by itself.
    () => undefined,
  );
  try {
    return await scope.run(activity);
  } catch (error) {
    const { consideredCancelled } = CancellationScope.current();
    if (hold.asked && !consideredCancelled && (isCancellation(error) || mayPass(error))) return stopped();
    throw error;
  } finally {
    hold.over = true;
  }
}

function mayPass(error: unknown): boolean {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  return cause instanceof ApplicationFailure && cause.nonRetryable !== true;
}
