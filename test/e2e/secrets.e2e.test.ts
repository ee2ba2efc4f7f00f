/** No secret leaves its place: nothing that a run leaves behind holds one; and where one is planted, the search finds it. */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SubmitJobCommand, BatchClient } from '@aws-sdk/client-batch';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { findSecret } from './support/secret-search';
import { START_MS, startHarness, type Harness } from './support/harness';

const MiB = 1024 ** 2;
let harness: Harness;
let config: string;

beforeAll(async () => {
  harness = await startHarness();
  // As much is written down as can be.
  await harness.worker({ FERRY_LOG_LEVEL: 'debug' });
  const files = [
    { key: 'delivery/small.txt', size: 100 },
    { key: 'delivery/medium.bin', size: 9 * MiB },
    { key: 'delivery/large.bin', size: 24 * MiB },
  ];
  await harness.deliver(files);
  const source = { prefix: 'delivery/' };
  const route = { batchFrom: '20MiB', packBelow: '8MiB' };
  const { secretAccessKey, accessKeyId } = harness.stack.store.source;
  harness.stack.cloud.putParameter('/pair/id', accessKeyId);
  harness.stack.cloud.putParameter('/pair/secret', secretAccessKey);
  harness.stack.cloud.putParameter('/wrong', JSON.stringify({ accessKeyId, secretAccessKey: `${secretAccessKey}X` }));
  harness.stack.cloud.putParameter('/torn', `{"accessKeyId": "${accessKeyId}", "secretAccessKey": "${secretAccessKey}`);
  config = await harness.config(
    harness.entry('sound', { source, route, schedule: { cron: '0 6 * * *' } }),
    harness.entry('pair', {
      source: { ...source, credentials: { ssm: { accessKeyId: '/pair/id', secretAccessKey: '/pair/secret' } } },
      route,
    }),
    harness.entry('wrong', { source: { ...source, credentials: { ssm: '/wrong' } }, route }),
    harness.entry('torn', { source: { ...source, credentials: { ssm: '/torn' } }, route }),
  );
}, START_MS);
afterAll(() => harness.stop(), 60_000);

const secrets = () => [harness.stack.store.source.secretAccessKey, harness.stack.store.target.secretAccessKey];

test('runs that succeed and runs that fail leave no secret anywhere', async () => {
  const outputs: string[] = [];
  const ferry = async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await harness.ferry(args, config);
    outputs.push(stdout, stderr);
    return exitCode;
  };
  expect(await ferry('apply', config)).toBe(0);
  expect(await ferry('plan', 'sound', '--json')).toBe(0);
  expect(await ferry('run', 'sound', '--wait', '--json')).toBe(0);
  expect(await ferry('run', 'pair', '--wait')).toBe(0);
  expect(await ferry('run', 'wrong', '--wait')).toBe(1);
  expect(await ferry('run', 'torn', '--wait')).toBe(1);
  expect(await ferry('status', '--json')).toBe(0);
  expect(await ferry('report', 'sound', '--json')).toBe(0);
  expect(await ferry('verify', 'wrong')).toBe(1);
  expect(harness.stack.cloud.jobs().length).toBeGreaterThan(0);
  for (const secret of secrets()) {
    expect(outputs.filter((text) => text.includes(secret))).toEqual([]);
    expect(await findSecret(harness, secret)).toEqual([]);
  }
}, 120_000);

test('a secret that is planted in a history, a log, a job or a report is found there', async () => {
  const secret = 'planted+Secret/4+5+6+7890abcdefghijklmnopqr';
  await harness.temporal.workflow.start('transferBucket', {
    taskQueue: 'nobody-listens',
    workflowId: 'planted',
    args: [{ name: 'planted', note: secret }],
    memo: { note: secret },
  });
  await appendFile(join(harness.stack.folder, 'logs', 'planted.log'), `…${secret}…`);
  const { environment, store } = harness.stack;
  const batch = new BatchClient({
    endpoint: environment['AWS_ENDPOINT_URL_BATCH']!,
    region: store.region,
    credentials: store.target,
  });
  await batch.send(
    new SubmitJobCommand({
      jobName: 'planted',
      jobQueue: 'ferry-spot',
      jobDefinition: 'ferry-job',
      containerOverrides: { environment: [{ name: 'NOTE', value: secret }] },
    }),
  );
  const key = '_ferry/reports/planted/summary.json';
  await harness.admin.send(
    new PutObjectCommand({ Bucket: store.buckets.target, Key: key, Body: JSON.stringify({ note: secret }) }),
  );
  const found = (await findSecret(harness, secret)).join('\n');
  for (const place of ['history of planted', 'memo of planted', 'job descriptions', 'planted.log', `report ${key}`])
    expect(found).toContain(place);
});
