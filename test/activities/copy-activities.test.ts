/** When the activities that move bytes give an object up: after failures in a row that added nothing, in one piece as in parts. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { ApplicationFailure } from '@temporalio/common';
import { createCopyActivities } from '../../src/activities/copy-activities';
import type { Engine } from '../../src/transfer/engine';
import { MiB } from '../../src/domain/sizes';
import { TransferError } from '../../src/domain/transfer-error';
import { MeteredGate } from '../../src/transfer/send-gate';
import { MemoryFiles } from '../support/memory-files';
import { until } from '../support/until';
import { aStage, anEngine, aTask, aTransfer, someBytes, withoutWaiting, type Stage } from '../transfer/examples';

withoutWaiting();

type Work = (activities: ReturnType<typeof createCopyActivities>) => () => Promise<unknown>;

/** One attempt after another, each with what the one before has last told. */
async function attempts(stage: Stage, work: Work, most: number) {
  const activities = activitiesOn(stage);
  let details: unknown;
  for (let attempt = 1; attempt <= most; attempt++) {
    const environment = new MockActivityEnvironment({ attempt, heartbeatDetails: details });
    environment.on('heartbeat', (told: unknown) => (details = told ?? details));
    try {
      return { attempt, result: await environment.run(work(activities)) };
    } catch (error) {
      if (!(error instanceof ApplicationFailure)) throw error;
      if (error.nonRetryable) return { attempt, code: error.type, message: error.message };
    }
  }
  throw new Error(`It would go on after ${most} attempts`);
}

function activitiesOn(stage: Stage, changes: Partial<Engine> = {}) {
  return createCopyActivities({ engine: anEngine(stage, changes), openReports: () => new MemoryFiles() });
}

/** Of the transfer of `aStage`. */
function inOnePiece(stage: Stage): Work {
  const size = stage.source.seed('k', someBytes(500)).body.length;
  const object = { id: 'k', group: 'main/000001', key: 'k', size, route: 'worker' } as const;
  const run = { id: 'run-1', mark: 'run-1', startedAt: Date.now() };
  const transfer = aTransfer({ limits: { lanes: 4, objectsPerLane: 16, bandwidth: 1 } });
  const input = { transfer, run, object, force: false, since: Date.now(), retried: false };
  return ({ copyWhole }) =>
    () =>
      copyWhole(input);
}

function inParts(stage: Stage): Work {
  const limit = { transfer: 'acme-daily', bandwidth: 1 };
  const task = { ...aTask(stage, 'k', stage.source.seed('k', someBytes(500)), [[500, 1]]), limit };
  return ({ copyParts }) =>
    () =>
      copyParts(task);
}

test.each(['read', 'put'] as const)(
  'an object in one piece whose %s always fails is given up, with the reason',
  async (request) => {
    const stage = aStage();
    const work = inOnePiece(stage);
    stage[request === 'read' ? 'source' : 'target'].failNext(request, 'Unavailable', 1_000);
    await expect(attempts(stage, work, 20)).resolves.toEqual({
      attempt: 12,
      code: 'NoProgress',
      message: expect.stringMatching(/^12 attempts in a row have added no part to k: ./) as string,
    });
  },
);

test('an object in parts whose listing of parts always fails is given up as well', async () => {
  const stage = aStage();
  const work = inParts(stage);
  stage.target.failNext('listParts', 'Unavailable', 1_000);
  await expect(attempts(stage, work, 9)).resolves.toMatchObject({ attempt: 5, code: 'NoProgress' });
});

test('eleven failures are outlasted', async () => {
  const stage = aStage();
  const work = inOnePiece(stage);
  stage.target.failNext('put', 'Unavailable', 11 * 8);
  await expect(attempts(stage, work, 20)).resolves.toMatchObject({ attempt: 12, result: { kind: 'sealed' } });
});

test('a copy that was not seen any more is known for our own by the next attempt', async () => {
  const stage = aStage();
  const work = inOnePiece(stage);
  stage.target.intercept('put', async (_request, proceed) => {
    await proceed();
    stage.target.failNext('head', 'Unavailable', 8);
    throw new TransferError('Unavailable', 'The answer was lost');
  });
  await expect(attempts(stage, work, 20)).resolves.toMatchObject({
    attempt: 2,
    result: { kind: 'done', line: { outcome: 'copied', proof: 'etag' } },
  });
  // The second has met the first one's copy.
  expect(stage.target.requests.put).toBe(2);
});

test('an object that its source holds in parts is opened, and left for the activity that resumes', async () => {
  const stage = aStage();
  const work = inOnePiece(stage);
  stage.source.seedParts('k', [someBytes(6 * MiB), someBytes(200)]);
  await expect(attempts(stage, work, 1)).resolves.toMatchObject({
    result: { kind: 'open', task: { plan: { kind: 'multipart' } } },
  });
});

test.each([
  ['in one piece', inOnePiece, { kind: 'stopped' }],
  ['in parts', inParts, { state: 'stopped' }],
])(
  'an object %s that waits for bandwidth is kept alive, and stops as soon as it is told to',
  async (_how, workOn, stopped) => {
    const stage = aStage();
    const gate = new MeteredGate();
    gate.setRate(0);
    for (let i = 0; i < 2; i++) void gate.hold(1, () => new Promise(() => undefined));
    const activities = activitiesOn(stage, { bandwidth: { gate: () => gate } });
    const environment = new MockActivityEnvironment({ heartbeatTimeoutMs: 400 });
    let beats = 0;
    environment.on('heartbeat', () => (beats += 1));
    const copied = environment.run(workOn(stage)(activities));
    await until('it has waited for a while', () => beats > 2, { timeoutMs: 20_000, everyMs: 50 });
    expect([stage.target.requests.put, stage.target.requests.uploadPart, stage.source.requests.read]).toEqual([
      0, 0, 0,
    ]);
    environment.cancel();
    await expect(copied).resolves.toEqual(stopped);
  },
);
