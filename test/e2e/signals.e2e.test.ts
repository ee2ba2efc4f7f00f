/** Pause, resume, rerun and cancel, by `ferry` and by the plain Temporal CLI, while objects are on their way. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ManagedProcess } from '../../dev/process';
import type { RequestKind } from '../../dev/proxy/classify';
import type { ProxiedRequest } from '../../dev/proxy/proxy';
import { resolveProgram } from '../../dev/servers/program';
import { START_MS, startHarness, until, type Harness } from './support/harness';

const run = promisify(execFile);
const MiB = 1024 ** 2;
const PARTS = 24;

let harness: Harness;
let config: string;
let temporalCli: string;
let worker: ManagedProcess;

/** Each test has a transfer of its own over a large object, a second one and some small ones. */
const NAMES = ['whole', 'prefix', 'again', 'cancelled', 'job', 'leaving'] as const;

beforeAll(async () => {
  harness = await startHarness();
  temporalCli = (await resolveProgram('temporal', { log: () => undefined })).path;
  const files = NAMES.flatMap((name) => [
    { key: `${name}/a/large.bin`, size: PARTS * 5 * MiB, partBytes: 5 * MiB },
    { key: `${name}/b/second.bin`, size: 9 * MiB },
    ...[1, 2, 3].map((i) => ({ key: `${name}/b/small-${i}.txt`, size: i * 100 })),
  ]);
  await harness.deliver(files);
  const route = (batchFrom: string) => ({ route: { batchFrom, packBelow: '8MiB' } });
  config = await harness.config(
    ...NAMES.map((name) => harness.entry(name, route(name === 'job' || name === 'leaving' ? '50MiB' : '1GB'))),
  );
  // Two parts at once, each held up a little: time enough to send a signal between two parts.
  worker = await harness.worker({ FERRY_PART_CONCURRENCY: '2' });
  // The transfers by Batch hold parts back themselves: the first rule that fits a request is the only one.
  harness.proxy.inject({ kind: 'UploadPart', key: /^(?!leaving|job)/, action: { type: 'delay', ms: 800 } });
}, START_MS);
afterAll(() => harness.stop(), 60_000);

const requests = (kind: RequestKind, key: string) =>
  harness.proxy.requests().filter((each) => each.kind === kind && each.key === key);
const done = (each: ProxiedRequest) => each.status === 200 && each.finished;
const handleOf = (name: string) => harness.temporal.workflow.getHandle(`ferry-${name}`);
const signal = (name: string, word: string, input: object) =>
  run(temporalCli, [
    'workflow',
    'signal',
    '--address',
    harness.stack.temporal.address,
    '--workflow-id',
    `ferry-${name}`,
    '--name',
    word,
    '--input',
    JSON.stringify(input),
  ]);

/** Waits until a part more has not come for a while, and returns how many there are. */
async function settledParts(key: string): Promise<number> {
  let before = -1;
  for (let now = requests('UploadPart', key).length; now !== before; now = requests('UploadPart', key).length) {
    before = now;
    await sleep(4500);
  }
  return before;
}

test('a pause by ferry stops a running object at its next part; a resume by the Temporal CLI sends no finished part again', async () => {
  const key = 'whole/a/large.bin';
  await harness.ferry(['run', 'whole'], config);
  await until('some parts are stored', () => requests('UploadPart', key).filter(done).length >= 4);
  expect(await harness.ferry(['pause', 'whole', '--json'])).toMatchObject({ exitCode: 0 });
  const paused = await settledParts(key);
  expect(paused).toBeLessThan(PARTS);
  const status = JSON.parse((await harness.ferry(['status', 'whole', '--json'])).stdout) as { progress: object };
  expect(status).toMatchObject({ state: 'running', progress: { state: 'paused', holds: [''] } });

  await signal('whole', 'resume', {});
  expect(await handleOf('whole').result()).toMatchObject({ listed: 5, copied: 5, failed: 0 });
  expect(requests('UploadPart', key).length).toBe(PARTS);
  expect(requests('CreateMultipartUpload', key).length).toBe(1);
}, 120_000);

test('a paused prefix waits, the rest goes on, and the run ends when it is released', async () => {
  harness.proxy.reset();
  const held = 'prefix/b/';
  const stall = harness.proxy.inject({ kind: 'ListObjectsV2', action: { type: 'stall' } });
  await harness.ferry(['run', 'prefix'], config);
  await until('the run has begun', () => harness.proxy.count('ListObjectsV2') > 0);
  await signal('prefix', 'pause', { prefix: 'b/' });
  stall.remove();
  await until('the other prefix is copied', async () => (await harness.list('target', 'prefix/a/')).size === 1, 60_000);
  await sleep(1500);
  expect((await harness.list('target', held)).size).toBe(0);
  expect((await handleOf('prefix').describe()).status.name).toBe('RUNNING');

  const mistyped = await harness.ferry(['resume', 'prefix', '--prefix', 'c/']);
  expect(mistyped).toMatchObject({ exitCode: 1 });
  expect(mistyped.stderr).toContain('"c/" of prefix is not held. What is held: "b/"');
  expect(await harness.ferry(['resume', 'prefix', '--prefix', 'b/'])).toMatchObject({ exitCode: 0 });
  expect(await handleOf('prefix').result()).toMatchObject({ listed: 5, copied: 5, skipped: 0, failed: 0 });
  expect(await harness.list('target', 'prefix/')).toEqual(new Map([...(await harness.list('source', 'prefix/'))]));
}, 120_000);

test('a forced rerun of a prefix is merged into the run that is there, and starts one where there is none', async () => {
  await harness.ferry(['run', 'again'], config);
  await until('the run has begun', () => requests('UploadPart', 'again/a/large.bin').length > 0);
  const { stdout } = await harness.ferry(['rerun', 'again', '--prefix', 'b/small', '--force', '--json'], config);
  const { runId } = JSON.parse(stdout) as { runId: string };
  expect(runId).toBe((await handleOf('again').describe()).runId);
  // Five keys of the run itself, and three of them once more.
  expect(await handleOf('again').result()).toMatchObject({ listed: 8, failed: 0 });

  harness.proxy.reset();
  await harness.ferry(['rerun', 'again', '--prefix', 'b/small', '--force'], config);
  expect(await handleOf('again').result()).toMatchObject({ listed: 3, copied: 3 });
  expect(harness.proxy.count('PutObject', ({ key }) => key?.startsWith('again/b/small') === true)).toBe(3);
}, 120_000);

test('a cancel aborts what is on its way and leaves nothing behind', async () => {
  const key = 'cancelled/a/large.bin';
  await harness.ferry(['run', 'cancelled'], config);
  await until('some parts are stored', () => requests('UploadPart', key).filter(done).length >= 2);
  expect(await harness.ferry(['cancel', 'cancelled', '--json'])).toMatchObject({ exitCode: 0 });
  expect((await handleOf('cancelled').describe()).status.name).toBe('CANCELLED');
  expect(await harness.openUploads()).toEqual([]);
  expect((await harness.list('target', 'cancelled/a/')).size).toBe(0);
  const report = await harness.ferry(['report', 'cancelled', '--json'], config);
  expect(JSON.parse(report.stdout)).toMatchObject({ outcome: 'cancelled' });
}, 120_000);

test('a pause ends the Batch job and keeps its parts; a resume submits another, which sends only the rest', async () => {
  const key = 'job/a/large.bin';
  // The rest waits, so that the pause comes in time however busy the machine is.
  const stall = harness.proxy.inject({ kind: 'UploadPart', key, skip: 8, action: { type: 'stall' } });
  await harness.ferry(['run', 'job'], config);
  await until('some parts are stored', () => requests('UploadPart', key).filter(done).length >= 8);
  await harness.ferry(['pause', 'job', '--prefix', 'a/']);
  await until('the job is over', () => harness.stack.cloud.jobs().at(-1)?.status === 'FAILED', 60_000);
  const before = requests('UploadPart', key).filter(done).length;
  expect(before).toBeLessThan(PARTS);
  stall.remove();
  await harness.ferry(['resume', 'job']);
  expect(await handleOf('job').result()).toMatchObject({ listed: 5, copied: 5, failed: 0 });
  expect(harness.stack.cloud.jobs().map(({ status }) => status)).toEqual(['FAILED', 'SUCCEEDED']);
  // One of those in flight at the pause may be stored without an answer, and is not sent again either.
  const numbers = requests('UploadPart', key)
    .filter(done)
    .flatMap(({ partNumber }) => partNumber ?? []);
  expect(numbers.length).toBeGreaterThan(PARTS - 8);
  expect(numbers).toHaveLength(new Set(numbers).size);
}, 120_000);

test('a worker that is asked to end leaves its Batch job running, and the next worker takes it up', async () => {
  const key = 'leaving/a/large.bin';
  const before = harness.stack.cloud.jobs().length;
  const jobs = () => harness.stack.cloud.jobs().slice(before);
  const stall = harness.proxy.inject({ kind: 'UploadPart', key, skip: 8, action: { type: 'stall' } });
  await harness.ferry(['run', 'leaving'], config);
  await until('some parts are stored', () => requests('UploadPart', key).filter(done).length >= 8);
  worker.signal('SIGTERM');
  expect(await worker.ended).toEqual({ code: 0, signal: null });
  expect(jobs().map(({ status }) => status)).toEqual(['RUNNING']);
  stall.remove();
  worker = await harness.worker();
  expect(await handleOf('leaving').result()).toMatchObject({ listed: 5, copied: 5, failed: 0 });
  expect(jobs().map(({ status }) => status)).toEqual(['SUCCEEDED']);
  expect(requests('UploadPart', key).length).toBe(PARTS);
}, 180_000);
