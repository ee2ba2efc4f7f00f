/** What a dry run tells of Batch: how many jobs, who shares them, and what their hosts would cost. */
import { planTransfer } from '../../src/transfer/plan-transfer';
import { aStage, anEngine, aTransfer, withoutWaiting } from './examples';

withoutWaiting();

const batch = { queue: 'q', jobDefinition: 'd', reclaimsBeforeOnDemand: 2, runnableDeadlineMs: 1, bytesPerJob: 1000 };

test('objects of the Batch route are gathered into jobs as a run does it', async () => {
  const stage = aStage();
  for (const [key, size] of Object.entries({ a: 300, b: 300, c: 99, d: 300, e: 300, f: 5000 })) {
    stage.source.seed(key, 'x'.repeat(size));
  }
  const transfer = aTransfer({ route: { packBelow: 10, batchFrom: 100 }, batch });
  const { jobs, routes } = await planTransfer(transfer, {}, anEngine(stage));
  expect(routes.batch).toEqual({ objects: 5, bytes: 6200 });
  expect(jobs).toMatchObject({ jobs: 3, shared: 1, sharing: 3 });
  // Two minutes of start for each.
  expect(jobs?.hostHours).toBeCloseTo(0.1, 5);
  expect(jobs?.spot).toBeCloseTo(0.004, 5);
  expect(jobs?.onDemand).toBeCloseTo(0.01, 5);
});

test('without objects of the Batch route nothing is told of it', async () => {
  const stage = aStage();
  stage.source.seed('a', 'small');
  await expect(planTransfer(aTransfer({ batch }), {}, anEngine(stage))).resolves.not.toHaveProperty('jobs');
});
