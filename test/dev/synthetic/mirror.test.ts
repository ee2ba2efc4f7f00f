import { CompleteMultipartUploadCommand, CreateMultipartUploadCommand, UploadPartCommand } from '@aws-sdk/client-s3';
import type { SyntheticObject } from '../../../dev/synthetic/source-object';
import { localEngine } from '../../../src/aws/local-engine';
import { openCloud } from '../../../src/aws/cloud';
import { checksummer } from '../../../src/aws/checksums';
import { readStretch } from '../../../src/transfer/part-source';
import { copyObject } from '../../support/copy-object';
import { aBody, aTransfer } from '../../transfer/examples';
import { MiB, refOf, useSynthetic } from './scene';

// A busy machine is no failure.
jest.setTimeout(120_000);

const OBJECTS: readonly Omit<SyntheticObject, 'bucket'>[] = [
  { key: 'uniform', size: 40 * MiB + 1, checksum: 'CRC32', etag: 'feedfeedfeedfeedfeedfeedfeedfeed' },
  { key: 'mirrored', size: 40 * MiB, partSizes: [[17 * MiB, 2], [6 * MiB, 1]] }, // prettier-ignore
  { key: 'whole', size: 3 * MiB },
  { key: 'other', size: 40 * MiB },
];

const scene = useSynthetic({
  objects: OBJECTS.map((object) => ({ ...object, bucket: 'source' })),
  buckets: ['target'],
  mirror: ({ bucket, key }) =>
    bucket === 'target' ? { bucket: 'source', key: key.replace(/^copy-of-/, '') } : undefined,
});

let runs = 0;

/** The engine's own way, as a worker or a Batch job goes it. */
async function copy(key: string, route: 'worker' | 'batch') {
  const { endpoint } = scene().server;
  const engine = localEngine(openCloud({ ssmCacheMs: 0 }), { memoryBytes: 64 * MiB, partConcurrency: 4 });
  const transfer = aTransfer({
    source: refOf(endpoint, 'source'),
    target: { ...refOf(endpoint, 'target'), prefix: 'copy-of-' },
  });
  const run = `run-${(runs += 1)}`;
  const size = OBJECTS.find((object) => object.key === key)?.size ?? 0;
  return copyObject({ transfer, run, key, size, route, force: true, since: 0, retried: false }, engine);
}

test.each([
  ['uniform', 'worker', 'checksum'],
  ['mirrored', 'worker', 'etag'],
  ['whole', 'worker', 'etag'],
  ['uniform', 'batch', 'checksum'],
] as const)('the object %s is copied by the way of a %s, verified, and proven by its %s', async (key, route, proof) => {
  const before = scene().server.stats().verified;
  expect(await copy(key, route)).toMatchObject({ outcome: 'copied', proof });
  expect(scene().server.stats()).toMatchObject({ verified: before + 1, mismatches: [] });
});

test('what was verified can be read: its bytes are made up again', async () => {
  await copy('mirrored', 'worker');
  const [source, target] = [scene().store('source'), scene().store('target')];
  const { etag, size } = (await target.head({ key: 'copy-of-mirrored' }))!;
  const range = { offset: 5 * MiB + 3, length: 2 * MiB };
  const written = await readStretch(target, { key: 'copy-of-mirrored', etag, size }, range, { sum });
  const original = await readStretch(source, { key: 'mirrored', etag, size }, range, { sum });
  expect(written.bytes.equals(original.bytes)).toBe(true);
});

const sum = () => checksummer('CRC32');
const FIVE = 5 * MiB;

/** Parts as [where it is read, how much]; without a checksum that the client would have to tell. */
test.each<[string, string, (readonly [number, number])[], RegExp]>([
  [
    'swapped parts',
    'other',
    [
      [FIVE, FIVE],
      [0, FIVE],
      [2 * FIVE, 6 * FIVE],
    ],
    /part 1 differs/,
  ],
  ['a part of another object', 'mirrored', [[0, 8 * FIVE]], /part 1 differs/],
  [
    'a missing part',
    'other',
    [
      [0, FIVE],
      [FIVE, FIVE],
    ],
    /10485760 of 41943040 bytes/,
  ],
  [
    'a part twice',
    'other',
    [
      [0, FIVE],
      [0, FIVE],
      [FIVE, 7 * FIVE],
    ],
    /part 2 differs/,
  ],
  [
    'a part too many',
    'other',
    [
      [0, 8 * FIVE],
      [0, 1],
    ],
    /reaches beyond/,
  ],
])('an upload is refused when it is completed with %s', async (_name, from, ranges, reason) => {
  // prettier-ignore
  const [source, target] = [scene().store('source'), scene().store('target')];
  const { etag, size: objectSize } = (await source.head({ key: from }))!;
  const pinned = { key: from, etag, size: objectSize };
  const upload = {
    key: 'copy-of-other',
    ...(await target.createUpload({ key: 'copy-of-other', headers: { metadata: {} }, algorithm: 'CRC32' })),
  };
  const parts = [];
  for (const [index, [offset, length]] of ranges.entries()) {
    const { bytes } = await readStretch(source, pinned, { offset, length }, { sum });
    const number = index + 1;
    parts.push({ number, size: length, ...(await target.uploadPart({ ...upload, number, body: aBody(bytes) })) });
  }
  const size = parts.reduce((total, part) => total + part.size, 0);
  await expect(target.completeUpload({ ...upload, parts, size })).rejects.toMatchObject({ code: 'ProofFailed' });
  expect(scene().server.stats().mismatches.at(-1)).toMatchObject({
    ...{ bucket: 'target', key: 'copy-of-other', reason: expect.stringMatching(reason) },
  });
  await target.abortUpload(upload);
});

test('a CRC-64 of the whole is checked where the bytes are known', async () => {
  const { client } = scene();
  const key = { Bucket: 'target', Key: 'copy-of-whole' };
  const engine = scene().store('source');
  const { etag, size } = (await engine.head({ key: 'whole' }))!;
  const stretch = { offset: 0, length: size };
  const { bytes: Body } = await readStretch(engine, { key: 'whole', etag, size }, stretch, { sum });
  const ChecksumAlgorithm = 'CRC64NVME';
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...key, ChecksumAlgorithm }));
  const part = new UploadPartCommand({ ...key, UploadId, PartNumber: 1, Body, ChecksumAlgorithm });
  const { ETag, ChecksumCRC64NVME } = await client.send(part);
  const finish = (value: string | undefined) =>
    client.send(
      new CompleteMultipartUploadCommand({
        ...{ ...key, UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } },
        ...{ ChecksumCRC64NVME: value, ChecksumType: 'FULL_OBJECT' },
      }),
    );
  await expect(finish('AAAAAAAAAAA=')).rejects.toMatchObject({ name: 'BadDigest' });
  // One part is the whole: the SDK's own sum of it must be ours.
  expect(await finish(ChecksumCRC64NVME)).toMatchObject({ ChecksumCRC64NVME, ChecksumType: 'FULL_OBJECT' });
});

test('an object in one piece is compared too', async () => {
  const body = Buffer.alloc(3 * MiB);
  const put = scene()
    .store('target')
    .put({ key: 'copy-of-whole', body: aBody(body), headers: { metadata: {} } });
  await expect(put).rejects.toMatchObject({ code: 'TornRead' });
  expect(scene().server.stats().mismatches.at(-1)).toMatchObject({
    reason: expect.stringMatching(/the object differs/),
  });
});
