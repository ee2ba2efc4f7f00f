/** Searches everything that a run leaves behind for a secret, in clear and in the encodings that it might travel in. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { BatchClient, DescribeJobDefinitionsCommand, DescribeJobsCommand } from '@aws-sdk/client-batch';
import type { Harness } from './harness';

/** Where it was found; empty: nowhere. */
export async function findSecret(harness: Harness, secret: string): Promise<string[]> {
  const found: string[] = [];
  for await (const [place, text] of traces(harness)) {
    if (formsOf(secret).some((form) => text.includes(form))) found.push(place);
  }
  return found;
}

function formsOf(secret: string): string[] {
  return [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64').replace(/=+$/, '')];
}

/** Every place, as text: histories with their payloads decoded, logs, job descriptions, reports. */
async function* traces(harness: Harness): AsyncGenerator<[place: string, text: string]> {
  const { temporal, stack } = harness;
  for await (const { workflowId, runId, memo } of temporal.workflow.list()) {
    const handle = temporal.workflow.getHandle(workflowId, runId);
    yield [`history of ${workflowId}`, textOf(await handle.fetchHistory())];
    yield [`memo of ${workflowId}`, textOf(memo)];
    yield [`description of ${workflowId}`, textOf((await handle.describe()).raw)];
  }
  for await (const { scheduleId } of temporal.schedule.list()) {
    yield [`schedule ${scheduleId}`, textOf((await temporal.schedule.getHandle(scheduleId).describe()).raw)];
  }
  yield ['job descriptions', textOf(await describeJobs(harness))];
  // Also the server's database, where a history lies as it was written.
  for (const folder of ['logs', 'cloud', 'temporal']) yield* files(join(stack.folder, folder));
  for (const [key] of await harness.list('target', '_ferry/')) {
    const bytes = await harness.read('target', key);
    yield [`report ${key}`, (key.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')];
  }
}

/** As AWS Batch tells them to anyone who may ask: with their environment. */
async function describeJobs({ stack: { cloud, environment, store } }: Harness): Promise<unknown> {
  const endpoint = environment['AWS_ENDPOINT_URL_BATCH']!;
  const batch = new BatchClient({ endpoint, region: store.region, credentials: store.target });
  const jobs = cloud.jobs().map(({ jobId }) => jobId);
  const definitions = await batch.send(new DescribeJobDefinitionsCommand({}));
  return [definitions.jobDefinitions, (await batch.send(new DescribeJobsCommand({ jobs }))).jobs];
}

/** Every string below a value, and every payload's bytes as the text that they are. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return `${value}\n`;
  if (value instanceof Uint8Array) return `${Buffer.from(value).toString('utf8')}\n`;
  if (typeof value !== 'object' || value === null) return '';
  return Object.entries(value)
    .map(([name, inner]) => `${name} ${textOf(inner)}`)
    .join('');
}

async function* files(folder: string): AsyncGenerator<[string, string]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    yield [path, await readFile(path, 'latin1')];
  }
}
