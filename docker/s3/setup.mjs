/** Makes the two buckets of the demonstration and puts a client's delivery into the source. Run again, it changes nothing. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

const SOURCE = 'acme-exports';
const TARGET = 'our-raw';
/** One object for each route of docker/ferry.yaml: pack, worker, batch. And an empty one. */
const DELIVERY = [
  { key: 'daily/2026-01-01/part-0001.csv', size: 12_345 },
  { key: 'daily/2026-01-01/part-0002.csv', size: 250_000 },
  { key: 'daily/2026-01-01/_SUCCESS', size: 0 },
  { key: 'daily/2026-01-01/events.csv.gz', size: 20 * 1024 ** 2 },
  { key: 'daily/2026-01-01/full-export.tar', size: 80 * 1024 ** 2 },
];

const client = new S3Client({ forcePathStyle: true });

/** The store answers before it can hold anything: it is ready when a bucket can be made. */
async function createBucket(Bucket) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await client.send(new CreateBucketCommand({ Bucket }));
    } catch (error) {
      if (error.name === 'BucketAlreadyOwnedByYou' || error.name === 'BucketAlreadyExists') return;
      if (attempt === 60) throw error;
      await sleep(1000);
    }
  }
}

async function exists(Key) {
  try {
    await client.send(new HeadObjectCommand({ Bucket: SOURCE, Key }));
    return true;
  } catch (error) {
    if (error.name === 'NotFound') return false;
    throw error;
  }
}

await createBucket(SOURCE);
await createBucket(TARGET);
for (const { key, size } of DELIVERY) {
  if (await exists(key)) continue;
  await client.send(new PutObjectCommand({ Bucket: SOURCE, Key: key, Body: randomBytes(size) }));
  console.log(`delivered s3://${SOURCE}/${key}, ${size} bytes`);
}
