/** A limit of bandwidth, as one sees it: it holds, it can be changed while the run goes on, and a Batch job has its part of it. */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { START_MS, startHarness, until, type Harness } from './support/harness';

const MiB = 1024 ** 2;

let harness: Harness;
let config: string;

beforeAll(async () => {
  harness = await startHarness();
  await harness.deliver([
    ...[1, 2, 3].map((i) => ({ key: `slow/${i}.bin`, size: 10 * MiB })),
    { key: 'job/large.bin', size: 12 * MiB },
  ]);
  config = await harness.config(
    harness.entry('slow', { limits: { bandwidth: '1MiB/s' } }),
    harness.entry('job', { limits: { bandwidth: '16MiB/s' }, route: { batchFrom: '10MiB', packBelow: '8MiB' } }),
  );
  await harness.worker();
  await harness.worker();
}, START_MS);
afterAll(() => harness.stop(), 60_000);

const stored = async (name: string) => (await harness.list('target', `${name}/`)).size;
const progressOf = async (name: string) => {
  const { stdout } = await harness.ferry(['status', name, '--json']);
  return (JSON.parse(stdout) as { progress?: { bandwidth?: number } }).progress;
};

test('holds over two workers, is shown, changed by ferry and lifted by it', async () => {
  await harness.ferry(['run', 'slow'], config);
  await until('it sends', () => harness.proxy.count('PutObject') + harness.proxy.count('UploadPart') > 0);
  await sleep(5_000);
  // 30 MiB would take half a minute.
  expect(await stored('slow')).toBeLessThan(3);
  expect((await harness.ferry(['status', 'slow'])).stdout).toContain('limited to 1.05 MB/s');

  const changed = await harness.ferry(['limit', 'slow', '--bandwidth', '2MiB/s', '--json']);
  expect(changed.exitCode).toBe(0);
  expect(JSON.parse(changed.stdout)).toEqual({
    transfer: 'slow',
    signal: 'limit',
    bandwidth: '2MiB/s',
    bytesPerSecond: 2 * MiB,
  });
  expect(await progressOf('slow')).toMatchObject({ bandwidth: 2 * MiB });

  const lifted = await harness.ferry(['limit', 'slow', '--bandwidth', 'none']);
  expect(lifted).toMatchObject({ exitCode: 0, stdout: 'slow has no limit of bandwidth from now on.\n' });
  // By now it may be over; the workflow answers all the same.
  const run = harness.temporal.workflow.getHandle('ferry-slow');
  expect(await run.query('progress')).not.toHaveProperty('bandwidth');
  expect(await run.result()).toMatchObject({ copied: 3, failed: 0 });
  expect(await harness.list('target', 'slow/')).toEqual(await harness.list('source', 'slow/'));
}, 120_000);

test('cannot be set where nothing runs', async () => {
  const { exitCode, stderr } = await harness.ferry(['limit', 'slow', '--bandwidth', '1MiB/s']);
  expect(exitCode).toBe(1);
  expect(stderr).toContain('No run of slow is under way');
}, 30_000);

test('is told to a Batch job, a quarter of it', async () => {
  await harness.ferry(['run', 'job'], config);
  expect(await harness.temporal.workflow.getHandle('ferry-job').result()).toMatchObject({ copied: 1, failed: 0 });
  const [job] = harness.stack.cloud.jobs();
  expect(await readFile(job?.logFile ?? '', 'utf8')).toContain('at 4.19 MB/s at most');
}, 120_000);
