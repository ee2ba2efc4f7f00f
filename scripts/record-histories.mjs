// Records a history of every workflow type on real servers, for test/replay: `npm run record-histories` after a build.
// From the first tagged release on, the histories of a release stay as they are, and every change must replay them.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const dist = (file) => require(join(root, 'dist', file));
const { startStack, SOURCE_PARAMETER } = dist('dev/stack.js');
const { s3Client } = dist('dev/servers/s3-server.js');
const { deliver } = dist('dev/demo/delivery.js');
const { Client, Connection } = require('@temporalio/client');
const { historyToJSON } = require('@temporalio/common/lib/proto-utils');

const MiB = 1024 ** 2;
const out = join(root, 'test', 'replay', 'histories', process.argv[2] ?? 'unreleased');
const folder = await mkdtemp(join(tmpdir(), 'ferry-histories-'));
const stack = await startStack({ folder, proxy: true });
try {
  const connection = await Connection.connect({ address: stack.temporal.address });
  const temporal = new Client({ connection, namespace: 'default' });
  await deliver(s3Client(stack.store.endpoint, stack.store.admin), stack.store.buckets.source, [
    ...Array.from({ length: 5 }, (_, i) => ({ key: `in/small/${i}.txt`, size: 10 + i })),
    { key: 'in/medium.bin', size: 24 * MiB, partBytes: 5 * MiB },
    { key: 'in/whole.bin', size: 9 * MiB },
    { key: 'in/long.bin', size: 70 * MiB, partBytes: 10 * MiB },
    // They share a job.
    { key: 'in/large-1.bin', size: 82 * MiB, partBytes: 10 * MiB },
    { key: 'in/large-2.bin', size: 82 * MiB, partBytes: 10 * MiB },
    { key: 'in/large.bin', size: 90 * MiB, partBytes: 10 * MiB },
  ]);
  await stack.startWorker({ environment: { FERRY_PART_CONCURRENCY: '2', FERRY_SSM_CACHE: '0s' } });
  const place = { region: 'us-east-1', endpoint: stack.s3Endpoint, forcePathStyle: true, listing: 'unordered' };
  const entry = (name) => ({
    name,
    source: { bucket: stack.store.buckets.source, prefix: 'in/', ...place, credentials: { ssm: SOURCE_PARAMETER } },
    target: { bucket: stack.store.buckets.target, prefix: `${name}/`, ...place },
    route: { batchFrom: '80MiB', packBelow: '8MiB' },
    batch: {
      queue: 'ferry-spot',
      jobDefinition: 'ferry-job',
      onDemandQueue: 'ferry-on-demand',
      bytesPerJob: '165MiB',
    },
  });
  const options = (name) => ({ taskQueue: 'ferry', workflowId: `ferry-${name}`, args: [entry(name)] });
  const start = (name) => temporal.workflow.start('transferBucket', options(name));
  const slow = () => stack.proxy.inject({ kind: 'UploadPart', action: { type: 'delay', ms: 1200 } });
  const parts = () => stack.proxy.count('UploadPart', ({ status }) => status === 200);
  const until = async (ready) => {
    while (!(await ready())) await sleep(50);
  };

  // A scheduled run, and one that joins it.
  const scheduled = await temporal.workflow.start('scheduledTransfer', {
    ...options('plain'),
    workflowId: 'ferry-plain-scheduled-1',
  });
  await until(() =>
    temporal.workflow
      .getHandle('ferry-plain')
      .describe()
      .then(
        () => true,
        () => false,
      ),
  );
  const joined = await temporal.workflow.start('scheduledTransfer', {
    ...options('plain'),
    workflowId: 'ferry-plain-scheduled-2',
  });
  await Promise.all([scheduled.result(), joined.result()]);

  // Paused as a whole in the middle, a prefix held and released, a rerun merged.
  stack.proxy.reset();
  const slowly = slow();
  const signalled = await start('signalled');
  await until(() => parts() >= 3);
  await signalled.signal('pause', {});
  await sleep(5000);
  await signalled.signal('resume', {});
  await signalled.signal('pause', { prefix: 'small/' });
  await signalled.signal('rerun', { prefix: 'small/', force: true });
  await sleep(3000);
  await signalled.signal('resume', { prefix: 'small/' });
  await signalled.result();

  // Cancelled in the middle.
  stack.proxy.reset();
  const cancelled = await start('cancelled');
  await until(() => parts() >= 3);
  await cancelled.cancel();
  await cancelled.result().catch(() => undefined);

  // Parked in the middle, as the client's key is refused, and resumed with the right one.
  stack.proxy.reset();
  const parked = await start('parked');
  await until(() => parts() >= 1);
  stack.cloud.putParameter(SOURCE_PARAMETER, JSON.stringify({ ...stack.store.source, secretAccessKey: 'wrong' }));
  await until(async () => {
    const { state } = await parked.query('progress');
    if (state === 'finishing') throw new Error('The run was over before its key was refused: record again');
    return state === 'parked';
  });
  await sleep(5000);
  stack.cloud.putParameter(SOURCE_PARAMETER, JSON.stringify(stack.store.source));
  await parked.signal('resume', {});
  await parked.result();
  slowly.remove();

  // An object that fails, and one that is replaced while it is copied.
  stack.proxy.inject({
    kind: 'GetObject',
    key: 'in/medium.bin',
    times: 1,
    action: { type: 'fail', status: 412, code: 'PreconditionFailed' },
  });
  stack.proxy.inject({
    kind: 'GetObject',
    key: 'in/large.bin',
    action: { type: 'fail', status: 403, code: 'AccessDenied' },
  });
  await (await start('failing')).result();
  stack.proxy.clear();

  // What is gone at the source waits for an approval, and is deleted; in one folder even this store lists in order.
  const { source, target, ...rest } = entry('deletes');
  const inOrder = { listing: 'ordered' };
  const { DeleteObjectCommand } = require('@aws-sdk/client-s3');
  const admin = s3Client(stack.store.endpoint, stack.store.admin);
  await admin.send(new DeleteObjectCommand({ Bucket: source.bucket, Key: 'in/small/4.txt' }));
  const deletes = await temporal.workflow.start('transferBucket', {
    ...options('deletes'),
    args: [
      {
        ...rest,
        source: { ...source, ...inOrder, prefix: 'in/small/' },
        target: { ...target, ...inOrder, prefix: 'plain/small/' },
        deletes: { propagate: true, max: 0 },
      },
    ],
  });
  let shown;
  await until(async () => {
    shown = await deletes.query('progress');
    return shown.state === 'awaitingApproval';
  });
  const { count, digest } = shown.deletes;
  await deletes.executeUpdate('approveDeletes', { args: [{ count, digest }] });
  if ((await deletes.result()).deleted !== 1) throw new Error('Nothing was deleted: record again');

  // A run that fails in its preflight.
  const refused = await temporal.workflow.start('transferBucket', {
    ...options('refused'),
    args: [{ name: 'refused', source: {} }],
  });
  await refused.result().catch(() => undefined);

  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  for await (const { workflowId, runId, type } of temporal.workflow.list()) {
    if (!workflowId.startsWith('ferry-')) continue;
    const history = await temporal.workflow.getHandle(workflowId, runId).fetchHistory();
    const name = `${type}.${workflowId.replace(/^ferry-/, '').replaceAll('/', '_')}.json`;
    await writeFile(join(out, name), historyToJSON(history).replaceAll(`${root}/`, ''));
    console.log(`recorded ${name}`);
  }
  await connection.close();
} finally {
  await stack.stop();
  await rm(folder, { recursive: true, force: true });
}
