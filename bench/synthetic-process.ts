/** The synthetic S3 server as a process of its own, so that its memory is not the client's. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../dev/synthetic/settings';
import type { Stats } from '../dev/synthetic/stats';
import { waitUntilReady } from '../dev/wait';
import type { BucketRef } from '../src/domain/transfer';
import { uniformLayout } from '../src/domain/part-plan';
import { startMeasured } from './measured-process';
import type { Usage } from './process-meter';

export const SOURCE = 'synthetic-source';
export const TARGET = 'synthetic-target';
export const KEY = 'object';

export interface SyntheticProcess {
  readonly endpoint: string;
  /** So far. */
  stats(): Promise<Stats>;
  /** Ends it: what it did, and what that took. */
  finish(): Promise<{ readonly stats: Stats; readonly usage: Usage }>;
  stop(): Promise<unknown>;
}

export interface SyntheticSource {
  readonly size: number;
  readonly partSize?: number;
}

const START_TIMEOUT_MS = 20_000;

export async function startSyntheticProcess(folder: string, source: SyntheticSource): Promise<SyntheticProcess> {
  const { size, partSize } = source;
  const layout = partSize === undefined ? [] : uniformLayout(size, partSize).map(([length, count]) => [length, count]);
  return startSynthetic(folder, {
    objects: [{ bucket: SOURCE, key: KEY, size, ...(partSize === undefined ? {} : { partSizes: layout as [number, number][] }) }], // prettier-ignore
    buckets: [TARGET],
    mirrors: [{ target: { bucket: TARGET, prefix: KEY }, source: { bucket: SOURCE, prefix: KEY } }],
  });
}

/** With whatever it is to hold. */
export async function startSynthetic(folder: string, settings: Settings): Promise<SyntheticProcess> {
  const file = join(folder, 'objects.json');
  writeFileSync(file, JSON.stringify(settings));
  const main = join(__dirname, '..', 'dev', 'synthetic', 'main.js');
  const server = await startMeasured({ name: 'synthetic-s3', args: [main, '--objects', file], folder });
  const lines = () => readFileSync(server.process.logFile, 'utf8').trim().split('\n');
  let endpoint = '';
  await waitUntilReady({
    process: server.process,
    until: 'its endpoint',
    timeoutMs: START_TIMEOUT_MS,
    probe: () =>
      Promise.resolve().then(() => ({ endpoint } = JSON.parse(lines()[0] ?? '') as { readonly endpoint: string })),
  });
  return {
    endpoint,
    stats: async () => (await (await fetch(`${endpoint}/_stats`)).json()) as Stats,
    stop: () => server.process.stop(),
    async finish() {
      await server.process.stop();
      return { stats: JSON.parse(lines().at(-1) ?? '') as Stats, usage: server.finalUsage() };
    },
  };
}

export function bucketRef(endpoint: string, bucket: string): BucketRef {
  return {
    ...{ bucket, prefix: '', region: 'us-east-1', endpoint, forcePathStyle: true, requesterPays: false },
    ...{ listing: 'ordered', credentials: { kind: 'default' } },
  };
}

/** It takes any credentials; the SDK wants some. */
export const CREDENTIALS = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'any', AWS_SECRET_ACCESS_KEY: 'thing' };
