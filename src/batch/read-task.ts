/** Reads FERRY_TASK: what the workflow told the job, checked as far as the job relies on it. */
import type { CopyTask } from '../domain/copy-task';
import { tasksOf, type SharedJobTask } from '../domain/job-task';
import { TransferError } from '../domain/transfer-error';

/** At least one. Throws `JobNotUnderstood`, whose message never repeats the task. */
export function readTasks(text: string | undefined): readonly [CopyTask, ...CopyTask[]] {
  if (text === undefined || text === '') throw notUnderstood('FERRY_TASK is not set: AWS Batch sets it for each job');
  let task: unknown;
  try {
    task = JSON.parse(text);
  } catch {
    throw notUnderstood('FERRY_TASK is not JSON');
  }
  if (at(task, 'common') === undefined) return [checked(task, '')];
  const own = at(task, 'tasks');
  if (!Array.isArray(own)) throw notUnderstood('Expected `tasks` in FERRY_TASK to be a list');
  const [first, ...others] = tasksOf(task as SharedJobTask).map((each, i) => checked(each, `tasks[${i}].`));
  if (first === undefined) throw notUnderstood('Expected `tasks` in FERRY_TASK to hold a task');
  return [first, ...others];
}

/** `place`: before the path, as the message tells it. */
function checked(task: unknown, place: string): CopyTask {
  for (const [path, kind] of EXPECTED) {
    if (typeof at(task, path) !== kind)
      throw notUnderstood(
        `Expected \`${place}${path}\` in FERRY_TASK to be a ${kind}; are worker and image of one release?`,
      );
  }
  const bandwidth = at(task, 'limit.bandwidth');
  if (bandwidth !== undefined && !(typeof bandwidth === 'number' && bandwidth > 0))
    throw notUnderstood('Expected `limit.bandwidth` in FERRY_TASK to be a number of bytes a second');
  if (!Array.isArray(at(task, 'plan.layout')))
    throw notUnderstood(`Expected \`${place}plan.layout\` in FERRY_TASK to be a list`);
  return task as CopyTask;
}

const EXPECTED = [
  ['source.bucket', 'string'],
  ['source.region', 'string'],
  ['source.credentials.kind', 'string'],
  ['target.bucket', 'string'],
  ['target.region', 'string'],
  ['target.credentials.kind', 'string'],
  ['pinned.key', 'string'],
  ['pinned.etag', 'string'],
  ['pinned.size', 'number'],
  ['targetKey', 'string'],
  ['uploadId', 'string'],
  ['plan.size', 'number'],
  ['run', 'string'],
] as const;

function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((inner, name) => (inner as Record<string, unknown> | null | undefined)?.[name], value);
}

function notUnderstood(message: string): TransferError {
  return new TransferError('JobNotUnderstood', message);
}
