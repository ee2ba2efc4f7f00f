import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { startSyntheticS3 } from '../../../dev/synthetic/server';
import type { Stats } from '../../../dev/synthetic/stats';
import { useSynthetic } from './scene';

const scene = useSynthetic({
  buckets: ['target', 'other'],
  fields: [{ bucket: 'target', shape: 'sequence', keys: 10, size: 1 }],
  countsPerKey: true,
});

const put = (Key: string, Bucket = 'target', more = {}) =>
  scene().client.send(new PutObjectCommand({ Bucket, Key, Body: 'body', ...more }));

const statsOf = async (endpoint: string) => (await (await fetch(`${endpoint}/_stats`)).json()) as Stats;

test('writes are counted by key, and those beyond the first told apart', async () => {
  for (const Key of ['a', 'b', 'c', 'a', 'a', '000000/000000003']) await put(Key);
  await put('a', 'other');
  await put('b').then(() => scene().client.send(new DeleteObjectCommand({ Bucket: 'target', Key: 'b' })));
  await put('b');
  await expect(put('c', 'target', { ChecksumCRC32: 'AAAAAA==' })).rejects.toMatchObject({ name: 'BadDigest' });

  const upload = { Bucket: 'target', Key: 'c' };
  const { UploadId } = await scene().client.send(new CreateMultipartUploadCommand(upload));
  const part = { PartNumber: 1, UploadId, ...upload };
  const { ETag } = await scene().client.send(new UploadPartCommand({ ...part, Body: 'part' }));
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  await scene().client.send(new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload }));

  const { perKey, operations } = await statsOf(scene().server.endpoint);
  expect(perKey).toEqual({
    ...{ writes: 10, keys: 5, repeatedKeys: 3, surplus: 5 },
    repeated: [
      { bucket: 'target', key: 'a', writes: 3 },
      { bucket: 'target', key: 'b', writes: 3 },
      { bucket: 'target', key: 'c', writes: 2 },
    ],
  });
  expect(operations.PutObject).toMatchObject({ count: 10, errors: { BadDigest: 1 } });
  expect(operations.CompleteMultipartUpload).toMatchObject({ count: 1 });
  expect(scene().server.stats()).toEqual(await statsOf(scene().server.endpoint));
});

test('nothing is kept of keys where nobody asks for it, and reading statistics is no request', async () => {
  const server = await startSyntheticS3({ buckets: ['target'], requestsPerSecond: 0.001 });
  try {
    await statsOf(server.endpoint);
    expect(await statsOf(server.endpoint)).toMatchObject({ operations: {}, inFlight: 0 });
    expect(server.stats().perKey).toBeUndefined();
  } finally {
    await server.stop();
  }
});
