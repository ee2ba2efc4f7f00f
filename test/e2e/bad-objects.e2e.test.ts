/** Objects that cannot be copied: each ends in a sentence of the report, alone, and all others are copied. */
import { createHash, randomBytes } from 'node:crypto';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { ReportLine } from '../../src/domain/report-line';
import { START_MS, startHarness, type Harness } from './support/harness';

let harness: Harness;
const LONG_PREFIX = `${'p'.repeat(100)}/`;
const LONG = `${'long/'.repeat(200)}k`;
const GOOD = ['new\nline', 'carriage\rreturn', 'tab\there', 'quote"\'<&>', '100% a+b', 'größe-数据-😀'];
const MEDIUM = 9 * 1024 ** 2;

beforeAll(async () => {
  harness = await startHarness();
  await harness.worker();
}, START_MS);
afterAll(() => harness.stop(), 60_000);

const refuse = (kind: 'GetObject' | 'HeadObject', key: string, status: number, code: string) =>
  harness.proxy.inject({ kind, key: `bad/${key}`, action: { type: 'fail', status, code } });

/** Encrypted with a key that only the client has. */
async function deliverEncrypted(key: string, size: number): Promise<void> {
  const secret = randomBytes(32);
  await harness.admin.send(
    new PutObjectCommand({
      Bucket: harness.stack.store.buckets.source,
      Key: key,
      Body: Buffer.alloc(size),
      SSECustomerAlgorithm: 'AES256',
      SSECustomerKey: secret.toString('base64'),
      SSECustomerKeyMD5: createHash('md5').update(secret).digest('base64'),
    }),
  );
}

test('one run, whose report has a sentence for each', async () => {
  const bad = ['archived', 'archived-large', 'kms', 'kms-large', LONG];
  const files = [...GOOD, ...bad].map((name) => ({
    key: `bad/${name}`,
    size: name.endsWith('-large') ? MEDIUM : 10,
  }));
  await harness.deliver(files);
  await deliverEncrypted('bad/sse-c', 10);
  await deliverEncrypted('bad/sse-c-large', MEDIUM);
  for (const key of ['archived', 'archived-large']) refuse('GetObject', key, 403, 'InvalidObjectState');
  for (const key of ['kms', 'kms-large']) refuse('GetObject', key, 403, 'AccessDenied');

  const config = await harness.config(
    harness.entry('bad', { source: { prefix: 'bad/' }, target: { prefix: LONG_PREFIX } }),
  );
  const { exitCode, stdout } = await harness.ferry(['run', 'bad', '--wait', '--json'], config);
  expect(exitCode).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ copied: GOOD.length, failed: 7, skipped: 0 });
  expect([...(await harness.list('target', LONG_PREFIX)).keys()].sort()).toEqual(
    GOOD.map((key) => LONG_PREFIX + key).sort(),
  );

  const report = await harness.ferry(['report', 'bad', '--json'], config);
  const { objects } = JSON.parse(report.stdout) as { objects: ReportLine[] };
  const failed = objects.filter((line) => line.outcome === 'failed');
  const said = Object.fromEntries(
    failed.map(({ key, code, message }) => [key.slice('bad/'.length), { code, message }]),
  );
  const saying = (code: string, words: RegExp) => ({ code, message: expect.stringMatching(words) as unknown });
  expect(said).toEqual({
    archived: saying('Archived', /must restore it/),
    'archived-large': saying('Archived', /must restore it/),
    kms: saying('AccessDenied', /kms:Decrypt/),
    'kms-large': saying('AccessDenied', /kms:Decrypt/),
    'sse-c': saying('BadRequest', /SSE-C/),
    'sse-c-large': saying('BadRequest', /SSE-C/),
    [LONG]: saying('KeyTooLong', /S3 takes 1024/),
  });
  expect(await harness.openUploads()).toEqual([]);
}, 180_000);
