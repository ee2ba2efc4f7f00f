/** One upload of three parts, and a Batch in memory that may move it. */
import type { BatchSpec } from '../../src/domain/transfer';
import { JobPoller } from '../../src/transfer/job-poller';
import { runJob, type RunJobOptions } from '../../src/transfer/run-job';
import { aStage, anEngine, aTask, someBytes } from './examples';
import { MemoryJobs } from './memory-jobs';

export const batch: BatchSpec = {
  queue: 'spot',
  jobDefinition: 'job',
  reclaimsBeforeOnDemand: 2,
  runnableDeadlineMs: 1,
  bytesPerJob: 0,
};
export const bytes = someBytes(2_017);

export function scene(steps?: ConstructorParameters<typeof MemoryJobs>[0]) {
  const stage = aStage();
  const task = aTask(stage, 'k', stage.source.seed('k', bytes), [
    [1_000, 2],
    [17, 1],
  ]);
  const jobs = new MemoryJobs(steps);
  const run = (options: Partial<RunJobOptions> = {}, spec = batch) =>
    runJob({ tasks: [task], batch: spec }, anEngine(stage), jobs, {
      poller: new JobPoller(jobs, 0),
      lookAgainMs: 50,
      ...options,
    });
  return { ...stage, stage, task, jobs, run };
}
