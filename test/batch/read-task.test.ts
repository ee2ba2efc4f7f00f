import { readTasks } from '../../src/batch/read-task';

const bucket = { bucket: 'b', prefix: '', region: 'us-east-1', credentials: { kind: 'default' } };
const task = {
  source: bucket,
  target: bucket,
  pinned: { key: 'k', etag: 'e', size: 1 },
  targetKey: 't',
  uploadId: 'u',
  plan: { kind: 'multipart', size: 1, layout: [[1, 1]], mirrored: false },
  run: 'r',
};

test('a task is read as it was written', () => expect(readTasks(JSON.stringify(task))).toEqual([task]));

const { source, target, run, ...own } = task;
const shared = { common: { source, target, run }, tasks: [own, { ...own, targetKey: 'u' }] };

test('tasks that share a job are read as they were', () =>
  expect(readTasks(JSON.stringify(shared))).toEqual([task, { ...task, targetKey: 'u' }]));

test.each([
  ['is absent', undefined, 'FERRY_TASK is not set'],
  ['is empty', '', 'FERRY_TASK is not set'],
  ['is no JSON', '{"source": "hush', 'FERRY_TASK is not JSON'],
  ['is null', 'null', '`source.bucket`'],
  ['names no upload', JSON.stringify({ ...task, uploadId: undefined }), '`uploadId`'],
  [
    'has no credentials by name',
    JSON.stringify({ ...task, source: { ...bucket, credentials: 'hush' } }),
    '`source.credentials.kind`',
  ],
  ['has a word for its bandwidth', JSON.stringify({ ...task, limit: { bandwidth: 'hush' } }), '`limit.bandwidth`'],
  ['has no bandwidth at all', JSON.stringify({ ...task, limit: { bandwidth: 0 } }), '`limit.bandwidth`'],
  ['has no tasks', JSON.stringify({ ...shared, tasks: [] }), '`tasks`'],
  ['has tasks that are no list', JSON.stringify({ ...shared, tasks: 'hush' }), '`tasks`'],
  [
    'has a task without upload',
    JSON.stringify({ ...shared, tasks: [own, { ...own, uploadId: undefined }] }),
    '`tasks[1].uploadId`',
  ],
  ['has no layout', JSON.stringify({ ...task, plan: { size: 1 } }), '`plan.layout`'],
])('a task that %s is not understood, and not repeated', (_what, text, named) => {
  const read = () => readTasks(text);
  expect(read).toThrow(expect.objectContaining({ code: 'JobNotUnderstood', message: expect.stringContaining(named) }));
  expect(read).not.toThrow('hush');
});
