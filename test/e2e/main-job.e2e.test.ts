/** The main job on each store: everything new is moved, by every route, exactly once; an outside tool finds both sides equal. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { ScheduleOverlapPolicy } from '@temporalio/client';
import { filesOf } from '../../dev/demo/delivery';
import { resolveProgram } from '../../dev/servers/program';
import { START_MS, startHarness, until, type Harness } from './support/harness';
import { STORES } from './support/stores';

const run = promisify(execFile);
const MiB = 1024 ** 2;
const ROUTE = { batchFrom: '64MiB', packBelow: '8MiB' };
const LARGE = 70 * MiB + 7;

describe.each(STORES)('on %s', (store) => {
  let harness: Harness;
  let config: string;
  const names = ['daily', 'byhand', 'joined', 'changing'] as const;
  const files = filesOf('daily/', { smallFiles: 60, mediumFiles: 2, largeBytes: LARGE }).filter(
    // versitygw keeps objects in a folder: docs/stores.md.
    ({ key }) => store === 'seaweedfs' || !key.endsWith('folder/'),
  );

  beforeAll(async () => {
    harness = await startHarness(store);
    await harness.worker();
    await harness.deliver(files);
    config = await harness.config(
      ...names.map((name) =>
        harness.entry(name, {
          source: { prefix: name === 'changing' ? 'changing/' : 'daily/' },
          route: ROUTE,
          schedule: { cron: '0 6 * * *' },
        }),
      ),
    );
  }, START_MS);
  afterAll(() => harness.stop(), 60_000);

  test('a scheduled run copies every object, by pack, worker and Batch job', async () => {
    const applied = await harness.ferry(['apply', config, '--json']);
    expect(applied).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(applied.stdout)).toMatchObject({
      changes: names.map((name) => ({ scheduleId: `ferry-${name}`, change: 'created' })),
    });

    await harness.temporal.schedule.getHandle('ferry-daily').trigger(ScheduleOverlapPolicy.SKIP);
    const handle = harness.temporal.workflow.getHandle('ferry-daily');
    await until('the schedule has started the run', () =>
      handle.describe().then(
        () => true,
        () => false,
      ),
    );
    const result = await handle.result();

    const bytes = files.reduce((sum, { size }) => sum + size, 0);
    expect(result).toMatchObject({
      transfer: 'daily',
      listed: files.length,
      copied: files.length,
      skipped: 0,
      failed: 0,
      bytesCopied: bytes,
    });
    expect(harness.stack.cloud.jobs().map(({ status }) => status)).toEqual(['SUCCEEDED']);
    expect(await harness.list('target', 'daily/')).toEqual(await harness.list('source', 'daily/'));
    expect(await harness.openUploads()).toEqual([]);
  }, 120_000);

  test('the report has one line for each key, in the order of keys, with its route and proof', async () => {
    const { exitCode, stdout } = await harness.ferry(['report', 'daily', '--json'], config);
    const report = JSON.parse(stdout) as {
      copied: number;
      objects: { key: string; outcome: string; route: string; proof: string; size: number }[];
    };
    expect(exitCode).toBe(0);
    const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
    expect(report.objects.map(({ key }) => key)).toEqual(files.map(({ key }) => key).sort(byBytes));
    expect(new Set(report.objects.map(({ outcome }) => outcome))).toEqual(new Set(['copied']));
    const routeOf = (size: number) => (size < 8 * MiB ? 'pack' : size < 64 * MiB ? 'worker' : 'batch');
    for (const { route, size, proof } of report.objects)
      expect({ route, proof }).toEqual({ route: routeOf(size), proof: 'etag' });
  });

  test('a second run right after the first copies nothing', async () => {
    const { exitCode, stdout } = await harness.ferry(['run', 'daily', '--wait', '--json'], config);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      transfer: 'daily',
      copied: 0,
      skipped: files.length,
      failed: 0,
      bytesCopied: 0,
      failures: [],
    });
  }, 60_000);

  test('rclone, which knows nothing of us, finds source and target equal byte for byte', async () => {
    const rclone = await resolveProgram('rclone', { log: () => undefined });
    const folder = await mkdtemp(join(tmpdir(), 'ferry-rclone-'));
    const { endpoint, admin, buckets } = harness.stack.store;
    const remote = `[s3]\ntype = s3\nprovider = Other\nendpoint = ${endpoint}\naccess_key_id = ${admin.accessKeyId}\nsecret_access_key = ${admin.secretAccessKey}\n`;
    await writeFile(join(folder, 'rclone.conf'), remote);
    const args = [
      'check',
      '--download',
      '--config',
      join(folder, 'rclone.conf'),
      `s3:${buckets.source}/daily`,
      `s3:${buckets.target}/daily`,
    ];
    const checked = await run(rclone.path, args).catch((error: unknown) => error as { stderr: string });
    await rm(folder, { recursive: true });
    expect(checked.stderr).toContain('0 differences found');
    // rclone does not see a folder's own object.
    const seen = files.filter(({ key }) => !key.endsWith('/')).length;
    expect(checked.stderr).toContain(`${seen} matching files`);
  }, 60_000);

  test('verify finds nothing, and finds a byte that was changed behind its back', async () => {
    const sound = await harness.ferry(['verify', 'daily', '--deep', '--json'], config);
    expect(sound.exitCode).toBe(0);
    expect(JSON.parse(sound.stdout)).toMatchObject({ compared: files.length, different: 0 });

    const key = 'daily/events/part-0003.json.gz';
    const bytes = await harness.read('target', key);
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    const { buckets } = harness.stack.store;
    await harness.admin.send(new PutObjectCommand({ Bucket: buckets.target, Key: key, Body: bytes }));
    const spoilt = await harness.ferry(['verify', 'daily', '--json'], config);
    expect(spoilt.exitCode).toBe(1);
    expect(JSON.parse(spoilt.stdout)).toMatchObject({ different: 1, differences: [{ key }] });
    const mended = await harness.ferry(['run', 'daily', '--wait', '--json'], config);
    expect(JSON.parse(mended.stdout)).toMatchObject({ copied: 1, skipped: files.length - 1 });
    expect(await harness.read('target', key)).toEqual(await harness.read('source', key));
  }, 120_000);

  test('plan tells what a run would do, and does nothing', async () => {
    const before = await harness.list('target', '');
    const { exitCode, stdout } = await harness.ferry(['plan', 'byhand', '--json'], config);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      listed: files.length,
      skipped: 0,
      routes: { pack: { objects: files.length - 3 }, worker: { objects: 2 }, batch: { objects: 1, bytes: LARGE } },
      reasons: { missing: files.length },
    });
    expect(await harness.list('target', '')).toEqual(before);
  });

  test("the Temporal CLI starts the same run with a transfer's JSON", async () => {
    const temporal = await resolveProgram('temporal', { log: () => undefined });
    const folder = await mkdtemp(join(tmpdir(), 'ferry-input-'));
    const input = join(folder, 'transfer.json');
    const entry = harness.entry('byhand', { source: { prefix: 'daily/' }, route: ROUTE });
    await writeFile(input, JSON.stringify({ ...entry, run: { prefix: 'awkward/' } }));
    const at = ['--address', harness.stack.temporal.address];
    await run(temporal.path, [
      'workflow',
      'start',
      ...at,
      '--type',
      'transferBucket',
      '--task-queue',
      'ferry',
      '--workflow-id',
      'ferry-byhand',
      '--input-file',
      input,
    ]);
    await rm(folder, { recursive: true });
    const expected = files.filter(({ key }) => key.startsWith('daily/awkward/'));
    expect(await harness.temporal.workflow.getHandle('ferry-byhand').result()).toMatchObject({
      copied: expected.length,
      failed: 0,
    });
    expect([...(await harness.list('target', 'byhand/')).keys()].length).toBe(expected.length);
  }, 60_000);

  test('a second start joins the run that is there, from wherever it comes', async () => {
    const stall = harness.proxy.inject({ kind: 'UploadPart', key: /^joined\//, action: { type: 'stall' } });
    const first = JSON.parse((await harness.ferry(['run', 'joined', '--json'], config)).stdout) as {
      runId: string;
      joined: boolean;
    };
    const second = JSON.parse((await harness.ferry(['run', 'joined', '--json'], config)).stdout) as {
      runId: string;
      joined: boolean;
    };
    expect(first.joined).toBe(false);
    expect(second).toMatchObject({ runId: first.runId, joined: true });

    await harness.temporal.schedule.getHandle('ferry-joined').trigger(ScheduleOverlapPolicy.SKIP);
    const scheduled = await until('the schedule has started its workflow', async () => {
      for await (const each of harness.temporal.workflow.list({ query: `WorkflowType = 'scheduledTransfer'` })) {
        if (each.workflowId.startsWith('ferry-joined-scheduled') && each.status.name === 'RUNNING') return each;
      }
      return undefined;
    });
    stall.remove();
    const handle = harness.temporal.workflow.getHandle(scheduled.workflowId);
    expect(await handle.result()).toEqual({ workflowId: 'ferry-joined', joined: true });
    const description = await harness.temporal.workflow.getHandle('ferry-joined').describe();
    expect(description.runId).toBe(first.runId);
  }, 120_000);

  test('an object that is replaced while it is copied is started anew, and its target is never a mixture', async () => {
    const key = 'changing/table.bin';
    await harness.deliver([{ key, size: 12 * MiB, partBytes: 5 * MiB }]);
    const { buckets } = harness.stack.store;
    const replaced = Buffer.alloc(11 * MiB, 'new');
    const replace = async () => {
      await harness.admin.send(new PutObjectCommand({ Bucket: buckets.source, Key: key, Body: replaced }));
    };
    harness.proxy.inject({ kind: 'GetObject', key, skip: 1, times: 1, action: { type: 'call', before: replace } });
    const { exitCode, stdout } = await harness.ferry(['run', 'changing', '--wait', '--json'], config);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ copied: 1, failed: 0 });
    expect((await harness.read('target', key)).equals(replaced)).toBe(true);
    expect(await harness.openUploads()).toEqual([]);
  }, 60_000);
});
