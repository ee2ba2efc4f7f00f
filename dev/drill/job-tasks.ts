/** What jobs were told to move, as Batch itself shows it. */
import { DescribeJobsCommand, type BatchClient } from '@aws-sdk/client-batch';
import type { CopyTask } from '../../src/domain/copy-task';
import { tasksOf, type SharedJobTask } from '../../src/domain/job-task';
import { MOST_DESCRIBED } from '../../src/transfer/job-service';

export interface ToldJob {
  /** FERRY_TASK. */
  readonly task: string;
  /** Target keys. */
  readonly keys: readonly string[];
  readonly uploads: readonly string[];
}

/** By job id; jobs that Batch has forgotten are missing. */
export async function toldJobs(batch: BatchClient, jobIds: readonly string[]): Promise<ReadonlyMap<string, ToldJob>> {
  const told = new Map<string, ToldJob>();
  for (let at = 0; at < jobIds.length; at += MOST_DESCRIBED) {
    const command = new DescribeJobsCommand({ jobs: jobIds.slice(at, at + MOST_DESCRIBED) });
    for (const { jobId = '', container } of (await batch.send(command)).jobs ?? []) {
      const task = container?.environment?.find(({ name }) => name === 'FERRY_TASK')?.value;
      if (task !== undefined) told.set(jobId, toldBy(task));
    }
  }
  return told;
}

function toldBy(task: string): ToldJob {
  const tasks = tasksOf(JSON.parse(task) as CopyTask | SharedJobTask);
  return {
    task,
    keys: tasks.map(({ targetKey }) => targetKey),
    uploads: tasks.map(({ uploadId = '' }) => uploadId),
  };
}
