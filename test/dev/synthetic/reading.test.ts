import {
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
} from '@aws-sdk/client-s3';
import { crc32 } from 'node:zlib';
import { base64OfCrc32 } from '../../../dev/synthetic/crc';
import { sourceLayout } from '../../../src/transfer/source-layout';
import { isTransferError } from '../../../src/domain/transfer-error';
import { gather } from '../../support/flow';
import { MiB, useSynthetic } from './scene';

// A busy machine is no failure.
jest.setTimeout(120_000);

const Bucket = 'source';
const HUGE = Math.floor(48.8 * 1024 ** 4);
const ODD = [
  '.',
  '..',
  './x',
  'a//b',
  '/lead',
  '%2e',
  '%2E%2e/x',
  'a+b c',
  'ä/\u{1F600}',
  '\uFFFD',
  'tail/',
  '?q=1&#x',
];

const scene = useSynthetic({
  objects: [
    { bucket: Bucket, key: 'one', size: 3 * MiB + 7, checksum: 'CRC32', headers: { 'x-amz-meta-who': 'me' } },
    { bucket: Bucket, key: 'parts', size: 20 * MiB, partSizes: [[8 * MiB, 2], [4 * MiB, 1]] }, // prettier-ignore
    { bucket: Bucket, key: 'huge', size: HUGE },
    { bucket: Bucket, key: 'empty', size: 0 },
    { bucket: Bucket, key: 'CRC32C', size: 7 * MiB + 5, checksum: 'CRC32C' },
    { bucket: Bucket, key: 'CRC64NVME', size: 7 * MiB + 5, checksum: 'CRC64NVME' },
    { bucket: Bucket, key: 'wrong', size: 5, checksum: { algorithm: 'CRC32C', value: 'AAAAAA==' } },
    ...ODD.map((key, i) => ({ bucket: 'odd', key, size: 1_000 + i })),
    ...Array.from({ length: 25 }, (_, i) => ({ bucket: 'many', key: `p/${i}`, size: i })),
    { bucket: 'many', key: 'q', size: 1 },
  ],
});

const read = async (Key: string, more: object = {}, bucket = Bucket) => {
  const answer = await scene().client.send(new GetObjectCommand({ Bucket: bucket, Key, ...more }));
  return { answer, bytes: Buffer.from((await answer.Body?.transformToByteArray()) ?? []) };
};

test('HEAD tells size, ETag, headers and, when asked, the checksum of the bytes', async () => {
  const { bytes } = await read('one');
  const head = await scene().client.send(new HeadObjectCommand({ Bucket, Key: 'one', ChecksumMode: 'ENABLED' }));
  expect(head).toMatchObject({
    ContentLength: 3 * MiB + 7,
    ETag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
    Metadata: { who: 'me' },
    ChecksumCRC32: base64OfCrc32(crc32(bytes)),
    ChecksumType: 'FULL_OBJECT',
  });
  const unasked = await scene().client.send(new HeadObjectCommand({ Bucket, Key: 'one' }));
  expect(unasked.ChecksumCRC32).toBeUndefined();
});

test('a HEAD with a part number tells that part, and how many there are', async () => {
  const part = (PartNumber: number) => scene().client.send(new HeadObjectCommand({ Bucket, Key: 'parts', PartNumber }));
  expect(await part(3)).toMatchObject({ PartsCount: 3, ContentLength: 4 * MiB, ETag: expect.stringMatching(/-3"$/) });
  await expect(part(4)).rejects.toMatchObject({ $metadata: { httpStatusCode: 416 } });
  const [listed] = (await scene().store(Bucket).list({ prefix: 'parts' })).objects;
  expect(await sourceLayout(scene().store(Bucket), listed!)).toEqual([
    [8 * MiB, 2],
    [4 * MiB, 1],
  ]);
});

test('the checksums that are worked out are those of the bytes: the SDK, which checks them, says so', async () => {
  for (const Key of ['one', 'CRC32C', 'CRC64NVME']) {
    const { answer, bytes } = await read(Key, { ChecksumMode: 'ENABLED' });
    expect(answer[`Checksum${Key === 'one' ? 'CRC32' : Key}` as 'ChecksumCRC32']).toMatch(/=$/);
    expect(bytes.length).toBeGreaterThan(3 * MiB);
  }
  await expect(read('wrong', { ChecksumMode: 'ENABLED' })).rejects.toThrow(/[Cc]hecksum mismatch/);
});

test.each([
  ['bytes=0-99', 0, 100],
  ['bytes=1000000-', 1_000_000, 3 * MiB + 7 - 1_000_000],
  ['bytes=-50', 3 * MiB + 7 - 50, 50],
  ['bytes=100-99999999', 100, 3 * MiB + 7 - 100],
])('the range %s is 206 and these bytes of the whole', async (Range, first, length) => {
  const whole = await read('one');
  const { answer, bytes } = await read('one', { Range });
  expect(answer.$metadata.httpStatusCode).toBe(206);
  expect(answer.ContentRange).toBe(`bytes ${first}-${first + length - 1}/${3 * MiB + 7}`);
  expect(bytes.equals(whole.bytes.subarray(first, first + length))).toBe(true);
});

test('the last bytes of 48.8 TiB are there', async () => {
  const { answer, bytes } = await read('huge', { Range: `bytes=${HUGE - 10}-${HUGE - 1}` });
  expect(bytes).toHaveLength(10);
  expect(answer.ContentRange).toBe(`bytes ${HUGE - 10}-${HUGE - 1}/${HUGE}`);
});

test('an empty object is read', async () => {
  expect((await read('empty')).bytes).toHaveLength(0);
});

test('a range behind the end is InvalidRange, another ETag 412, a missing key 404, a missing bucket 404', async () => {
  await expect(read('one', { Range: 'bytes=99999999-' })).rejects.toMatchObject({ name: 'InvalidRange' });
  await expect(read('one', { IfMatch: '"other"' })).rejects.toMatchObject({ $metadata: { httpStatusCode: 412 } });
  await expect(read('none')).rejects.toMatchObject({ name: 'NoSuchKey' });
  await expect(read('one', {}, 'none')).rejects.toMatchObject({ name: 'NoSuchBucket' });
  const head = new HeadObjectCommand({ Bucket, Key: 'none' });
  await expect(scene().client.send(head)).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
  await scene().client.send(new HeadBucketCommand({ Bucket }));
  const store = scene().store(Bucket);
  const error = await store
    .read({ key: 'one', offset: 0, length: 5, etag: 'other', whole: false })
    .catch((cause: unknown) => cause);
  expect(isTransferError(error, 'SourceChanged')).toBe(true);
});

test('a matching ETag is let through, quoted or not', async () => {
  const { answer } = await read('one', { Range: 'bytes=0-1' });
  expect((await read('one', { IfMatch: answer.ETag, Range: 'bytes=0-1' })).bytes).toHaveLength(2);
});

test('odd keys are listed in the order of their UTF-8 and read as they are', async () => {
  const store = scene().store('odd');
  const { objects } = await store.list({ prefix: '' });
  const byBytes = [...ODD].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  expect(objects.map(({ key }) => key)).toEqual(byBytes);
  for (const { key, size, etag } of objects) {
    expect(await store.head({ key })).toMatchObject({ size, etag });
    const { body } = await store.read({ key, offset: 0, length: size, etag, whole: false });
    expect(await gather(body)).toHaveLength(ODD.indexOf(key) + 1_000);
  }
  const sums = await Promise.all(
    ODD.map(async (Key) => crc32((await read(Key, { Range: 'bytes=0-99' }, 'odd')).bytes)),
  );
  expect(new Set(sums).size).toBe(ODD.length);
});

test('a listing comes in pages, below a prefix, and after a key', async () => {
  const pages: string[][] = [];
  let token: string | undefined;
  do {
    const page = await scene().client.send(
      new ListObjectsV2Command({ Bucket: 'many', Prefix: 'p/', MaxKeys: 10, ContinuationToken: token }),
    );
    pages.push((page.Contents ?? []).map(({ Key = '' }) => Key));
    token = page.NextContinuationToken;
  } while (token !== undefined);
  expect(pages.map((page) => page.length)).toEqual([10, 10, 5]);
  const all = Array.from({ length: 25 }, (_, i) => `p/${i}`).sort();
  expect(pages.flat()).toEqual(all);
  const after = await scene().store('many').list({ prefix: '', startAfter: 'p/8' });
  expect(after.objects.map(({ key }) => key)).toEqual(['p/9', 'q']);
});

test('nothing has tags', async () => {
  const { TagSet } = await scene().client.send(new GetObjectTaggingCommand({ Bucket, Key: 'one' }));
  expect(TagSet ?? []).toEqual([]);
});
