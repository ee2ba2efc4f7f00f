/** The whole system for one test file: real servers behind the fault proxy, real `ferry` processes, and clients that look at the truth. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, ListMultipartUploadsCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { Client, Connection } from '@temporalio/client';
import { deliver, type DeliveredFile } from '../../../dev/demo/delivery';
import type { ManagedProcess } from '../../../dev/process';
import type { Proxy } from '../../../dev/proxy/proxy';
import { runFerry, type FerryResult } from '../../../dev/run-ferry';
import { s3Client, type S3Server } from '../../../dev/servers/s3-server';
import { SOURCE_PARAMETER, startStack, type Stack } from '../../../dev/stack';
import { decodeKey } from '../../../src/aws/s3-shapes';
import { until as untilReady } from '../../support/until';

/** Starting servers from nothing may mean fetching them first. */
export const START_MS = 180_000;

export interface Harness {
  readonly stack: Stack;
  readonly proxy: Proxy;
  readonly temporal: Client;
  /** Sees both buckets. */
  readonly admin: S3Client;
  /** A configuration's entry whose endpoints are this harness's. */
  entry(name: string, more?: EntryOptions): Record<string, unknown>;
  /** Writes the entries into a ferry.yaml and returns its path. */
  config(...entries: Record<string, unknown>[]): Promise<string>;
  ferry(args: readonly string[], config?: string): Promise<FerryResult>;
  deliver(files: readonly DeliveredFile[]): Promise<void>;
  worker(environment?: Record<string, string>): Promise<ManagedProcess>;
  /** Keys with sizes and ETags, below a prefix. */
  list(bucket: 'source' | 'target', prefix: string): Promise<Map<string, { size: number; etag: string }>>;
  read(bucket: 'source' | 'target', key: string): Promise<Buffer>;
  /** Keys of uploads that nobody has completed or aborted. */
  openUploads(): Promise<string[]>;
  stop(): Promise<void>;
}

export interface EntryOptions {
  readonly source?: Record<string, unknown>;
  readonly target?: Record<string, unknown>;
  readonly [field: string]: unknown;
}

export async function startHarness(store: S3Server['kind'] = 'seaweedfs'): Promise<Harness> {
  const folder = await mkdtemp(join(tmpdir(), 'ferry-e2e-'));
  const stack = await startStack({ folder, store, proxy: true });
  const { proxy } = stack;
  if (proxy === undefined) throw new Error('The stack was asked for a proxy');
  const connection = await Connection.connect({ address: stack.temporal.address });
  const admin = s3Client(stack.store.endpoint, stack.store.admin);
  const { buckets } = stack.store;
  let configs = 0;
  const place = {
    region: stack.store.region,
    endpoint: stack.s3Endpoint,
    forcePathStyle: true,
    listing: store === 'versitygw' ? 'ordered' : 'unordered',
  };
  return {
    stack,
    proxy,
    admin,
    temporal: new Client({ connection, namespace: stack.temporal.namespace }),
    entry: (name, { source = {}, target = {}, ...more } = {}) => ({
      name,
      source: {
        bucket: buckets.source,
        prefix: `${name}/`,
        ...place,
        credentials: { ssm: SOURCE_PARAMETER },
        ...source,
      },
      target: { bucket: buckets.target, prefix: `${name}/`, ...place, ...target },
      batch: { queue: 'ferry-spot', jobDefinition: 'ferry-job', onDemandQueue: 'ferry-on-demand' },
      ...more,
    }),
    async config(...entries) {
      configs += 1;
      const file = join(folder, `ferry-${configs}.yaml`);
      // JSON is YAML.
      await writeJson(file, { transfers: entries });
      return file;
    },
    ferry: (args, config) => {
      const environment = { ...stack.environment, ...(config === undefined ? {} : { FERRY_CONFIG: config }) };
      return runFerry(args, { environment });
    },
    deliver: (files) => deliver(admin, buckets.source, files),
    worker: (environment) =>
      stack.startWorker({ name: `worker-${Date.now()}`, ...(environment ? { environment } : {}) }),
    async list(bucket, prefix) {
      const found = new Map<string, { size: number; etag: string }>();
      let token: string | undefined;
      do {
        const page: import('@aws-sdk/client-s3').ListObjectsV2CommandOutput = await admin.send(
          new ListObjectsV2Command({
            Bucket: buckets[bucket],
            Prefix: prefix,
            ContinuationToken: token,
            EncodingType: 'url',
          }),
        );
        for (const { Key = '', Size = 0, ETag = '' } of page.Contents ?? []) {
          found.set(decodeKey(Key, page.EncodingType), { size: Size, etag: ETag.replaceAll('"', '') });
        }
        token = page.NextContinuationToken;
      } while (token !== undefined);
      return found;
    },
    async read(bucket, key) {
      const { Body } = await admin.send(new GetObjectCommand({ Bucket: buckets[bucket], Key: key }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    },
    async openUploads() {
      const { Uploads = [] } = await admin.send(new ListMultipartUploadsCommand({ Bucket: buckets.target }));
      return Uploads.map(({ Key = '' }) => Key);
    },
    async stop() {
      await connection.close();
      await stack.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFile(file, JSON.stringify(value, null, 2));
}

/** Waits until `ready` gives something, and returns it. */
export function until<T>(what: string, ready: Parameters<typeof untilReady<T>>[1], timeoutMs = 60_000): Promise<T> {
  return untilReady(what, ready, { timeoutMs, everyMs: 50 });
}
