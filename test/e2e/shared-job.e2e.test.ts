/** Objects that are less than minutes of work share a Batch job: planned so, shown each by itself, and each with its own end. */
import type { ReportLine } from '../../src/domain/report-line';
import type { ObjectInFlight } from '../../src/cli/objects-in-flight';
import type { ManagedProcess } from '../../dev/process';
import { START_MS, startHarness, until, type Harness } from './support/harness';

const MiB = 1024 ** 2;
const NAMES = ['a', 'b', 'c'];

let harness: Harness;
let config: string;
let worker: ManagedProcess;

beforeAll(async () => {
  harness = await startHarness();
  const objects = (prefix: string) =>
    NAMES.map((name) => ({ key: `${prefix}/${name}.bin`, size: 25 * MiB, partBytes: 5 * MiB }));
  await harness.deliver([...objects('good'), ...objects('bad'), { key: 'good/large.bin', size: 80 * MiB }]);
  const route = { batchFrom: '20MiB', packBelow: '8MiB' };
  const spec = { queue: 'ferry-spot', jobDefinition: 'ferry-job', bytesPerJob: '80MiB' };
  config = await harness.config(
    harness.entry('good', { route, batch: spec }),
    harness.entry('bad', { route, batch: spec }),
  );
  worker = await harness.worker();
}, START_MS);
afterAll(() => harness.stop(), 60_000);

const jobsOf = () => harness.stack.cloud.jobs();

test('plan tells how many jobs there will be, who shares them, and what their hosts cost', async () => {
  const { exitCode, stdout } = await harness.ferry(['plan', 'good'], config);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/about 2 Batch jobs; 3 objects share 1 of them: 0\.067 hours of a host with 2 vCPUs/);
});

test('one job moves them, also when the worker is killed; status shows each', async () => {
  const stalled = harness.proxy.inject({ kind: 'UploadPart', key: 'good/c.bin', action: { type: 'stall' } });
  await harness.ferry(['run', 'good'], config);
  await until('the last is begun', () => harness.proxy.count('UploadPart', ({ key }) => key === 'good/c.bin') > 0);
  const shown = await until('status tells of the three', async () => {
    const { stdout } = await harness.ferry(['status', 'good', '--json'], config);
    const { objects = [] } = JSON.parse(stdout) as { objects?: ObjectInFlight[] };
    const sharing = objects.filter(({ key, job }) => key !== 'good/large.bin' && job?.status === 'RUNNING');
    return sharing.length === 3 ? sharing : undefined;
  });
  expect(new Set(shown.map(({ job }) => job?.jobId)).size).toBe(1);
  expect(shown.map(({ key }) => key).sort()).toEqual(NAMES.map((name) => `good/${name}.bin`));

  worker.signal('SIGKILL');
  await worker.ended;
  stalled.remove();
  worker = await harness.worker();
  const result: unknown = await harness.temporal.workflow.getHandle('ferry-good').result();
  expect(result).toMatchObject({ listed: 4, copied: 4, failed: 0 });
  expect(jobsOf().map(({ status }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
  expect(await harness.list('target', 'good/')).toEqual(await harness.list('source', 'good/'));
  for (const name of NAMES) {
    const key = `good/${name}.bin`;
    expect(harness.proxy.count('UploadPart', (request) => request.key === key && request.status === 200)).toBe(5);
  }
  expect(await harness.openUploads()).toEqual([]);
}, 120_000);

test('one that cannot be written fails alone, and the others are done by the same job', async () => {
  const before = jobsOf().length;
  const refused = harness.proxy.inject({
    kind: 'UploadPart',
    key: 'bad/b.bin',
    action: { type: 'fail', status: 403, code: 'AccessDenied' },
  });
  const { exitCode, stdout } = await harness.ferry(['run', 'bad', '--wait', '--json'], config);
  refused.remove();
  expect({ exitCode, result: JSON.parse(stdout) as unknown }).toMatchObject({
    exitCode: 1,
    result: { listed: 3, copied: 2, failed: 1, failures: [{ key: 'bad/b.bin' }] },
  });
  const report = await harness.ferry(['report', 'bad', '--json'], config);
  const { objects } = JSON.parse(report.stdout) as { objects: ReportLine[] };
  expect(objects.map(({ key, outcome }) => [key, outcome])).toEqual([
    ['bad/a.bin', 'copied'],
    ['bad/b.bin', 'failed'],
    ['bad/c.bin', 'copied'],
  ]);
  // The first moved both others; those after it were for the one alone.
  for (const name of ['a', 'c']) {
    const key = `bad/${name}.bin`;
    expect(harness.proxy.count('UploadPart', (request) => request.key === key)).toBe(5);
  }
  expect(jobsOf().length - before).toBeGreaterThan(1);
  expect(await harness.openUploads()).toEqual([]);
}, 120_000);
