/** Every recorded history replays on the workflow code of today; a change that would break a running workflow is found here. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';

const HISTORIES = join(__dirname, 'histories');
const workflowBundle = { codePath: join(__dirname, '..', '..', 'dist', 'workflow-bundle.js') };
const TYPES = ['scheduledTransfer', 'transferBucket', 'transferObject', 'transferPack', 'transferRange'];

const releases = readdirSync(HISTORIES);
const recorded = releases.flatMap((release) =>
  readdirSync(join(HISTORIES, release)).map((file) => ({ release, file })),
);
const load = (release: string, file: string) =>
  historyFromJSON(JSON.parse(readFileSync(join(HISTORIES, release, file), 'utf8')));
/** Child ids are taken from the workflow's own: it must be the recorded one. */
const workflowIdOf = (history: ReturnType<typeof load>) =>
  history.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowId ?? 'unknown';

beforeAll(() => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
});

test.each(releases)('%s has a history of every workflow type', (release) => {
  const types = new Set(recorded.filter((each) => each.release === release).map(({ file }) => file.split('.')[0]));
  expect([...types].sort()).toEqual(TYPES);
});

test.each(recorded)('$release/$file replays', async ({ release, file }) => {
  const history = load(release, file);
  await expect(Worker.runReplayHistory({ workflowBundle }, history, workflowIdOf(history))).resolves.toBeUndefined();
});

test('a history that the code would not have written is refused', async () => {
  const { release, file } = recorded.find(({ file }) => file.startsWith('transferPack.'))!;
  const history = load(release, file);
  for (const event of history.events ?? []) {
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (scheduled) scheduled.activityType = { name: 'anotherActivity' };
  }
  await expect(Worker.runReplayHistory({ workflowBundle }, history, workflowIdOf(history))).rejects.toThrow(
    DeterminismViolationError,
  );
});
