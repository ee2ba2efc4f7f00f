/** Looks at what stands in the buckets, past every proxy. */
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3';
import { concurrently } from '../../src/transfer/concurrently';
import { firstDifference } from './content';
import { allOf, check, type Findings } from './findings';
import type { Objects } from './outcome';
import type { Site } from './site';

type Bucket = 'source' | 'target';

/** Keys here need no decoding: a drill makes plain ones. */
export async function listObjects({ admin, stack }: Site, bucket: Bucket, prefix: string): Promise<Objects> {
  const found = new Map<string, number>();
  const pages = paginateListObjectsV2({ client: admin }, { Bucket: stack.store.buckets[bucket], Prefix: prefix });
  for await (const { Contents = [] } of pages) for (const { Key = '', Size = 0 } of Contents) found.set(Key, Size);
  return found;
}

export async function openUploads({ admin, stack }: Site): Promise<string[]> {
  const { Uploads = [] } = await admin.send(new ListMultipartUploadsCommand({ Bucket: stack.store.buckets.target }));
  return Uploads.map(({ Key = '' }) => Key);
}

/** Reads every byte of the target, and compares it with what was delivered. */
export async function compareBytes({ admin, stack }: Site, seed: number, objects: Objects): Promise<Findings> {
  const findings: Findings[] = [];
  await concurrently([...objects], 4, async ([key, size]) => {
    const read = async () => {
      const { Body } = await admin.send(new GetObjectCommand({ Bucket: stack.store.buckets.target, Key: key }));
      return firstDifference(Body as unknown as AsyncIterable<Uint8Array>, { seed, key, size });
    };
    const difference = await read().catch((error: unknown) => String(error));
    findings.push(check(difference === undefined, `${key}: not what was delivered, from byte ${difference} on`));
  });
  return allOf(...findings);
}

const DELETED_AT_ONCE = 1000;

/** Makes place for the next round. */
export async function removeObjects(site: Site, prefix: string): Promise<void> {
  for (const bucket of ['source', 'target'] as const) {
    const keys = [...(await listObjects(site, bucket, prefix)).keys()];
    for (let at = 0; at < keys.length; at += DELETED_AT_ONCE) {
      const Objects = keys.slice(at, at + DELETED_AT_ONCE).map((Key) => ({ Key }));
      const Bucket = site.stack.store.buckets[bucket];
      await site.admin.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
    }
  }
}
