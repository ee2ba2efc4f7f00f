/** What one Batch job is told in FERRY_TASK: a task alone as it is, several of one transfer with what they have in common told once. */
import type { CopyTask } from './copy-task';
import { utf8Length } from './object-record';

/** ECS takes 8,192 characters of overrides; the contract of FERRY_TASK is 7 KB. */
export const MAX_JOB_TASK_BYTES = 7 * 1024;
/** For the job's share of a limit, which is known only when it is submitted. */
const LIMIT_BYTES = 128;

type Common = Pick<CopyTask, 'limit' | 'source' | 'target' | 'run' | 'copyMetadata' | 'copyTags'>;
type Own = Omit<CopyTask, keyof Common>;

export interface SharedJobTask {
  readonly common: Common;
  readonly tasks: readonly Own[];
}

/** Of at least one task, all of one transfer and run. */
export function toJobTask(tasks: readonly CopyTask[]): CopyTask | SharedJobTask {
  const [first, ...others] = tasks;
  if (first === undefined) throw new RangeError('A job needs a task');
  if (others.length === 0) return first;
  const { limit, source, target, run, copyMetadata, copyTags } = first;
  const common = { source, target, run, copyMetadata, copyTags, ...(limit === undefined ? {} : { limit }) };
  return { common, tasks: tasks.map(ownOf) };
}

export function tasksOf(job: CopyTask | SharedJobTask): readonly CopyTask[] {
  if (!('common' in job)) return [job];
  return job.tasks.map((own) => ({ ...job.common, ...own }));
}

/** In their order, into as few jobs as can be told of them. A task that is too large by itself is alone. */
export function cutIntoJobs<T>(items: readonly T[], taskOf: (item: T) => CopyTask): readonly (readonly T[])[] {
  const jobs: T[][] = [];
  for (const item of items) {
    const last = jobs.at(-1);
    if (last !== undefined && fits([...last, item].map(taskOf))) last.push(item);
    else jobs.push([item]);
  }
  return jobs;
}

function fits(tasks: readonly CopyTask[]): boolean {
  return utf8Length(JSON.stringify(toJobTask(tasks))) + LIMIT_BYTES <= MAX_JOB_TASK_BYTES;
}

function ownOf({ pinned, targetKey, uploadId, plan, checksum, replaces }: CopyTask): Own {
  return {
    ...{ pinned, targetKey, plan, checksum },
    ...(uploadId === undefined ? {} : { uploadId }),
    ...(replaces === undefined ? {} : { replaces }),
  };
}
