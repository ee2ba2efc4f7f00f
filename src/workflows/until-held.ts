/** Runs an activity that stops and returns when asked, and asks it to when a hold comes into force. */
import { CancellationScope, condition } from '@temporalio/workflow';

/** `held` is asked whenever the workflow's state changes. */
export async function untilHeld<T>(held: () => boolean, activity: () => Promise<T>): Promise<T> {
  const scope = new CancellationScope();
  let ended = false;
  const work = scope.run(activity).finally(() => {
    ended = true;
  });
  const watch = condition(() => ended || held()).then(
    () => {
      if (!ended) scope.cancel();
    },
    // A cancel reaches the activity by itself.
    () => undefined,
  );
  const result = await work;
  await watch;
  return result;
}
