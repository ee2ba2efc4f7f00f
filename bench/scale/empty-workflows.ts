/** Children that do nothing, in a window as a lane's: what Temporal itself takes for a child of three activities. */
import { condition, executeChild, ParentClosePolicy, proxyActivities } from '@temporalio/workflow';

interface EmptyActivities {
  nothing(): Promise<void>;
}

const options = { startToCloseTimeout: '1 minute', heartbeatTimeout: '20 seconds' } as const;
const { nothing } = proxyActivities<EmptyActivities>({ ...options, taskQueue: 'empty' });
const { nothing: nothingElsewhere } = proxyActivities<EmptyActivities>({ ...options, taskQueue: 'empty-copy' });

export async function emptyParent(count: number, window: number): Promise<void> {
  let running = 0;
  const children: Promise<void>[] = [];
  for (let i = 0; i < count; i++) {
    await condition(() => running < window);
    running += 1;
    const child = executeChild(emptyChild, {
      workflowId: `empty/${i}`,
      memo: { key: `key ${i}` },
      staticSummary: `key ${i}`,
      parentClosePolicy: ParentClosePolicy.ABANDON,
    });
    children.push(child.finally(() => (running -= 1)));
  }
  await Promise.all(children);
}

export async function emptyChild(): Promise<void> {
  await nothing();
  await nothingElsewhere();
  await nothing();
}
