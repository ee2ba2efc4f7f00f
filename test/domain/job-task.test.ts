/** What a job is told: as it was meant, and never more than Batch takes. */
import fc from 'fast-check';
import type { CopyTask } from '../../src/domain/copy-task';
import { cutIntoJobs, MAX_JOB_TASK_BYTES, tasksOf, toJobTask } from '../../src/domain/job-task';
import { aTransfer } from '../transfer/examples';

function aTask(key: string, uploadId: string, layout: CopyTask['plan']['layout'] = [[5_000_000, 9]]): CopyTask {
  const { source, target } = aTransfer();
  return {
    ...{ source, target, run: 'r', copyMetadata: true, copyTags: false },
    limit: { transfer: 'acme', bandwidth: 1_000_000 },
    pinned: { key, etag: '"e"', size: 45_000_000 },
    targetKey: `acme/${key}`,
    uploadId,
    plan: { kind: 'multipart', size: 45_000_000, layout, mirrored: false },
    checksum: { algorithm: 'CRC32' },
  };
}

test('one task is told as it is', () => {
  const task = aTask('k', 'u');
  expect(toJobTask([task])).toBe(task);
  expect(tasksOf(task)).toEqual([task]);
});

test('what several have in common is told once', () => {
  const tasks = [aTask('k', 'u'), { ...aTask('l', 'v'), replaces: '"old"' }];
  const told = JSON.stringify(toJobTask(tasks));
  expect(told.match(/"theirs"/g)).toHaveLength(1);
  expect(tasksOf(JSON.parse(told) as CopyTask)).toEqual(tasks);
});

test('a job without a task is a defect', () => expect(() => toJobTask([])).toThrow(RangeError));

test('tasks are cut into jobs that Batch takes, in their order, each once', () => {
  const key = fc.string({ unit: 'binary', minLength: 1, maxLength: 500 });
  const layout = fc.array(fc.tuple(fc.constant(5_242_880), fc.integer({ min: 1, max: 99 })), {
    minLength: 1,
    maxLength: 64,
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(key, fc.string({ maxLength: 200 }), layout), { maxLength: 30 }), (items) => {
      const tasks = items.map((item) => aTask(...item));
      const jobs = cutIntoJobs(tasks, (task) => task);
      expect(jobs.flat()).toEqual(tasks);
      for (const job of jobs) {
        const bytes = Buffer.byteLength(JSON.stringify(toJobTask(job)));
        if (job.length > 1) expect(bytes).toBeLessThanOrEqual(MAX_JOB_TASK_BYTES);
      }
      // As few as there can be of neighbours: no task would have had room in the job before.
      for (const [i, [first]] of jobs.entries()) {
        const before = jobs[i - 1];
        if (before === undefined || first === undefined) continue;
        const together = Buffer.byteLength(JSON.stringify(toJobTask([...before, first])));
        expect(together).toBeGreaterThan(MAX_JOB_TASK_BYTES - 256);
      }
    }),
  );
});
