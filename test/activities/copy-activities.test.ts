/** When the activity that moves bytes gives an object up: after five failures in a row that added nothing, in one piece as in parts. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { ApplicationFailure } from '@temporalio/common';
import { createCopyActivities, type CopyPartsDetails } from '../../src/activities/copy-activities';
import type { CopyTask } from '../../src/domain/copy-task';
import { planParts } from '../../src/domain/part-plan';
import { MeteredGate } from '../../src/transfer/send-gate';
import { until } from '../support/until';
import { aStage, anEngine, aTask, someBytes, withoutWaiting, type Stage } from '../transfer/examples';

withoutWaiting();

/** One attempt after another, each with what the one before has last told. */
async function attempts(stage: Stage, task: CopyTask, most: number) {
  const activities = createCopyActivities({ engine: anEngine(stage), openReports: () => ({}) as never });
  let details: CopyPartsDetails | undefined;
  for (let attempt = 1; attempt <= most; attempt++) {
    const environment = new MockActivityEnvironment({ attempt, heartbeatDetails: details });
    environment.on('heartbeat', (told: CopyPartsDetails | undefined) => (details = told ?? details));
    try {
      return { attempt, result: await environment.run(activities.copyParts, task) };
    } catch (error) {
      if (!(error instanceof ApplicationFailure)) throw error;
      if (error.nonRetryable) return { attempt, code: error.type, message: error.message };
    }
  }
  throw new Error(`It would go on after ${most} attempts`);
}

function inOnePiece(stage: Stage): CopyTask {
  const object = stage.source.seed('k', someBytes(500));
  const { uploadId: _none, ...task } = aTask(stage, 'k', object, [[500, 1]]);
  return { ...task, plan: planParts({ size: 500 }) };
}

test.each(['read', 'put'] as const)(
  'an object in one piece whose %s always fails is given up, with the reason',
  async (request) => {
    const stage = aStage();
    const task = inOnePiece(stage);
    stage[request === 'read' ? 'source' : 'target'].failNext(request, 'Unavailable', 1_000);
    await expect(attempts(stage, task, 9)).resolves.toEqual({
      attempt: 5,
      code: 'NoProgress',
      message: expect.stringMatching(/^5 attempts in a row have added no part to acme\/k: ./) as string,
    });
  },
);

test('an object in parts whose listing of parts always fails is given up as well', async () => {
  const stage = aStage();
  const object = stage.source.seed('k', someBytes(500));
  const task = aTask(stage, 'k', object, [[500, 1]]);
  stage.target.failNext('listParts', 'Unavailable', 1_000);
  await expect(attempts(stage, task, 9)).resolves.toMatchObject({ attempt: 5, code: 'NoProgress' });
});

test('four failures are outlasted', async () => {
  const stage = aStage();
  const task = inOnePiece(stage);
  stage.target.failNext('put', 'Unavailable', 4 * 8);
  await expect(attempts(stage, task, 9)).resolves.toMatchObject({ attempt: 5, result: { state: 'complete' } });
});

test.each([
  ['in one piece', inOnePiece],
  ['in parts', (stage: Stage) => aTask(stage, 'k', stage.source.seed('k', someBytes(500)), [[500, 1]])],
])('an object %s that waits for bandwidth is kept alive, and stops as soon as it is told to', async (_how, taskOf) => {
  const stage = aStage();
  const gate = new MeteredGate();
  gate.setRate(0);
  for (let i = 0; i < 2; i++) void gate.hold(1, () => new Promise(() => undefined));
  const engine = anEngine(stage, { bandwidth: { gate: () => gate } });
  const { copyParts } = createCopyActivities({ engine, openReports: () => ({}) as never });
  const environment = new MockActivityEnvironment({ heartbeatTimeoutMs: 400 });
  let beats = 0;
  environment.on('heartbeat', () => (beats += 1));
  const task = { ...taskOf(stage), limit: { transfer: 'acme-daily', bandwidth: 1 } };
  const copied = environment.run(copyParts, task);
  await until('it has waited for a while', () => beats > 2, { timeoutMs: 20_000, everyMs: 50 });
  expect([stage.target.requests.put, stage.target.requests.uploadPart, stage.source.requests.read]).toEqual([0, 0, 0]);
  environment.cancel();
  await expect(copied).resolves.toEqual({ state: 'stopped' });
});
