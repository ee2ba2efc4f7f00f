/** More deletes than `deletes.max`: a run waits for somebody who approves exactly those, and not for ever. */
import { WorkflowUpdateFailedError } from '@temporalio/client';
import { approveDeletesUpdate, pauseSignal, rerunSignal, resumeSignal } from '../../src/workflows/messages';
import { HOUR_MS, lanes, order, playDeletes, summaryOf } from './support/deletes';
import { toDelete, type Activities } from './support/examples';
import { Gate, pause } from './support/gate';
import { inState, progress } from './support/key';
import { statusOf } from './support/outcome';
import { useStage, type Play } from './support/stage';

const stage = useStage();

const play = (activities: Partial<Activities> = {}, approveWithinMs?: number) =>
  playDeletes(stage, activities, approveWithinMs);

const approval = (each: Play, message: unknown) =>
  each.handle().executeUpdate(approveDeletesUpdate, { args: [message as { count: number; digest: string }] });

async function refusalOf(approving: Promise<unknown>): Promise<string> {
  const error = await approving.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof WorkflowUpdateFailedError)) throw new Error(`It was not refused: ${String(error)}`);
  return error.cause?.message ?? '';
}

const three = () => play({ findDeletes: () => toDelete(3) });
const right = { count: 3, digest: 'digest of 3' };

test('a run waits, shows what it waits for, and deletes when exactly that is approved', async () => {
  const run = three();
  const handle = await run.run();
  await inState(run, 'awaitingApproval');
  const { deletes } = await progress(run);
  expect(deletes).toEqual({
    doing: 'awaitingApproval',
    ...right,
    max: 2,
    until: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
    approve: `ferry approve ${run.transfer.name} --count 3 --digest digest of 3`,
  });
  expect(Date.parse(deletes!.until!) - Date.now()).toBeGreaterThan(HOUR_MS - 60_000);
  await pause();
  expect(run.calls('deleteObjects')).toEqual([]);
  await expect(approval(run, right)).resolves.toEqual({ approved: 3 });
  await expect(handle.result()).resolves.toMatchObject({ deleted: 3, deletes: { done: true, found: right } });
  expect(order(run)).toEqual(['scanRange', 'findDeletes', 'deleteObjects', 'finishRun']);
});

test.each<[string, unknown, RegExp]>([
  ['another count', { ...right, count: 4 }, /^3 objects with the digest digest of 3 wait for an approval, not 4 with/],
  ['another digest', { ...right, digest: 'digest of 4' }, /not 3 with "digest of 4"/],
  ['a count that is a text', { ...right, count: '3' }, /has the shape/],
  ['a field too many', { ...right, force: true }, /has the shape/],
  ['nothing', null, /has the shape/],
])('an approval of %s is refused, and changes nothing', async (_what, message, words) => {
  const run = three();
  await run.run();
  await inState(run, 'awaitingApproval');
  expect(await refusalOf(approval(run, message))).toMatch(words);
  await pause();
  expect((await progress(run)).state).toBe('awaitingApproval');
  expect(run.calls('deleteObjects')).toEqual([]);
});

test('an approval that nothing waits for is refused', async () => {
  const gate = new Gate();
  const run = play({ findDeletes: () => gate.opened.then(() => toDelete(3)) });
  const handle = await run.run();
  await inState(run, 'deleting');
  expect(await refusalOf(approval(run, right))).toMatch(/^No deletes of t\d+ wait for an approval just now/);
  gate.open();
  await inState(run, 'awaitingApproval');
  await approval(run, right);
  await handle.result();
});

test('without an approval in time nothing is deleted, and the run ends well and says so', async () => {
  const run = play({ findDeletes: () => toDelete(3, { kept: { unknown: 1 } }) }, 1000);
  const result: unknown = await (await run.run()).result();
  expect(result).toMatchObject({
    deleted: 0,
    deletes: {
      done: false,
      found: right,
      kept: { unknown: 1 },
      message:
        '3 objects were to be deleted in the target, more than `deletes.max` (2), and nobody has approved it within 1s: nothing was deleted. The next run looks anew',
    },
  });
  expect(run.calls('deleteObjects')).toEqual([]);
  expect(summaryOf(run)).toMatchObject({ outcome: 'completed', deletes: { done: false } });
});

test('a cancel ends the waiting', async () => {
  const run = three();
  const handle = await run.run();
  await inState(run, 'awaitingApproval');
  await handle.cancel();
  expect(await statusOf(handle)).toBe('CANCELLED');
  expect(run.calls('deleteObjects')).toEqual([]);
  expect(summaryOf(run)).toMatchObject({ outcome: 'cancelled', deleted: 0, deletes: { done: false } });
});

test('a pause postpones it, and afterwards it is found anew: what was shown before is approved no more', async () => {
  const sizes = [3, 4];
  const run = play({ findDeletes: () => toDelete(sizes.shift() ?? 0) });
  const handle = await run.run();
  await inState(run, 'awaitingApproval');
  await handle.signal(pauseSignal, { prefix: 'a/' });
  await inState(run, 'paused');
  expect(await refusalOf(approval(run, right))).toMatch(/^No deletes/);
  await pause();
  expect(run.calls('findDeletes')).toHaveLength(1);
  await handle.signal(resumeSignal);
  await inState(run, 'awaitingApproval');
  expect(await refusalOf(approval(run, right))).toMatch(/^4 objects/);
  await approval(run, { count: 4, digest: 'digest of 4' });
  await expect(handle.result()).resolves.toMatchObject({ deleted: 4 });
  expect(lanes(run)).toEqual(['deletes-0-1', 'deletes-0-2']);
});

test('a rerun comes first, and then it is found anew', async () => {
  const sizes = [3, 1];
  const run = play({ findDeletes: () => toDelete(sizes.shift() ?? 0) });
  const handle = await run.run();
  await inState(run, 'awaitingApproval');
  await handle.signal(rerunSignal, { prefix: 'a/' });
  await expect(handle.result()).resolves.toMatchObject({ deleted: 1, deletes: { done: true } });
  expect(order(run)).toEqual(['scanRange', 'findDeletes', 'scanRange', 'findDeletes', 'deleteObjects', 'finishRun']);
  expect(lanes(run)).toEqual(['deletes-0-1', 'deletes-1-2']);
});
