/** A synthetic server for the tests of one file, the real SDK's client for it, and the engine's own store. */
import { type S3Client } from '@aws-sdk/client-s3';
import { startSyntheticS3, type SyntheticOptions, type SyntheticS3 } from '../../../dev/synthetic/server';
import { s3Client } from '../../../dev/servers/s3-server';
import { openCloud } from '../../../src/aws/cloud';
import type { BucketRef } from '../../../src/domain/transfer';
import type { ObjectStore } from '../../../src/transfer/object-store';

export const MiB = 1024 ** 2;
export const ACCOUNT = { accessKeyId: 'any', secretAccessKey: 'thing' };

export interface Scene {
  readonly server: SyntheticS3;
  readonly client: S3Client;
  store(bucket: string): ObjectStore;
}

export function useSynthetic(options: SyntheticOptions): () => Scene {
  let scene: Scene | undefined;
  beforeAll(async () => {
    process.env.AWS_ACCESS_KEY_ID = ACCOUNT.accessKeyId;
    process.env.AWS_SECRET_ACCESS_KEY = ACCOUNT.secretAccessKey;
    const server = await startSyntheticS3(options);
    const cloud = openCloud({ ssmCacheMs: 0 });
    scene = {
      server,
      client: s3Client(server.endpoint, ACCOUNT),
      store: (bucket) => cloud.openStore(refOf(server.endpoint, bucket)),
    };
  });
  afterAll(async () => {
    scene?.client.destroy();
    await scene?.server.stop();
  });
  return () => scene!;
}

export function refOf(endpoint: string, bucket: string): BucketRef {
  return {
    bucket,
    prefix: '',
    region: 'us-east-1',
    endpoint,
    forcePathStyle: true,
    requesterPays: false,
    listing: 'ordered',
    credentials: { kind: 'default' },
  };
}
