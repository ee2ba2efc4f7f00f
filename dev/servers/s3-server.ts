/**
 * A real S3 server with two buckets and two strangers: the source account can only read and list its bucket, the target
 * account can only use its own, and neither can touch the other's. The admin fills the source.
 */
import { randomBytes } from 'node:crypto';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { Log } from '../log';

export interface Account {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface S3Server {
  readonly kind: 'seaweedfs' | 'versitygw';
  readonly endpoint: string;
  readonly region: string;
  readonly admin: Account;
  readonly source: Account;
  readonly target: Account;
  readonly buckets: S3Buckets;
  stop(): Promise<void>;
}

export interface S3Buckets {
  readonly source: string;
  readonly target: string;
}

export interface S3ServerOptions {
  /** Holds the objects, the configuration and the log. */
  readonly folder: string;
  /** Preferred; another one is taken when it is in use. @default a free one */
  readonly port?: number;
  /** @default client-exports and our-raw */
  readonly buckets?: S3Buckets;
  /** Given, they outlive a restart on the same folder. @default random ones */
  readonly accounts?: { readonly admin: Account; readonly source: Account; readonly target: Account };
  readonly log: Log;
}

export const REGION = 'us-east-1';

/** The parts of the options that have defaults. */
export function resolveS3ServerOptions(options: S3ServerOptions) {
  const accounts = options.accounts ?? {
    admin: randomAccount(),
    source: randomAccount(),
    target: randomAccount(),
  };
  return { accounts, buckets: options.buckets ?? { source: 'client-exports', target: 'our-raw' } };
}

/** A key id and a secret of the shape that AWS gives. */
export function randomAccount(): Account {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const id = Array.from(randomBytes(16), (byte) => letters[byte % letters.length]).join('');
  return { accessKeyId: `AKIA${id}`, secretAccessKey: randomBytes(30).toString('base64').replaceAll('/', 'x') };
}

/** A client for the server once it is ready: it tries again, as a machine may be busy. */
export function s3Client(endpoint: string, account: Account): S3Client {
  return new S3Client({ endpoint, region: REGION, credentials: { ...account }, forcePathStyle: true, maxAttempts: 5 });
}

/** A client for setting the server up: one attempt a call, so that a server that is not ready yet costs no waiting. */
export function setupClient(endpoint: string, account: Account): S3Client {
  return new S3Client({
    endpoint,
    region: REGION,
    credentials: { ...account },
    forcePathStyle: true,
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 10_000 },
  });
}

/** Makes the bucket; one that is there already is as good. */
export async function ensureBucket(client: S3Client, bucket: string): Promise<void> {
  try {
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    if (name !== 'BucketAlreadyOwnedByYou' && name !== 'BucketAlreadyExists') throw error;
  }
}
