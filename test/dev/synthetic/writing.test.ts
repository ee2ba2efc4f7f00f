import { crc32 } from 'node:zlib';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandInput,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { base64OfCrc32 } from '../../../dev/synthetic/crc';
import { crcOfBytes } from '../../support/crc';
import { MiB, useSynthetic } from './scene';

// A busy machine is no failure.
jest.setTimeout(120_000);

const Bucket = 'target';
const scene = useSynthetic({ objects: [], buckets: [Bucket] });

const FIVE = Buffer.alloc(5 * MiB, 'five');
const TAIL = Buffer.from('tail');
const WHOLE = base64OfCrc32(crc32(Buffer.concat([FIVE, TAIL])));

const create = async (Key: string, more: Partial<CreateMultipartUploadCommandInput> = {}) => {
  const command = new CreateMultipartUploadCommand({ Bucket, Key, ...more });
  return { Bucket, Key, UploadId: (await scene().client.send(command)).UploadId };
};
type Upload = Awaited<ReturnType<typeof create>>;

const send = async (upload: Upload, PartNumber: number, Body: Buffer, more: object = {}) => {
  const command = new UploadPartCommand({ ...upload, PartNumber, Body, ...more });
  return { PartNumber, ETag: (await scene().client.send(command)).ETag };
};

const complete = (upload: Upload, Parts: object[], more: Partial<CompleteMultipartUploadCommandInput> = {}) =>
  scene().client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts }, ...more }));

const FULL = { ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' } as const;

test('an object in one piece is there, with its headers and its checksum, and without its bytes', async () => {
  const put = new PutObjectCommand({
    ...{ Bucket, Key: 'put', Body: 'hello', ContentType: 'text/plain', ContentEncoding: 'gzip' },
    ...{ Metadata: { who: 'me' }, ChecksumCRC32: base64OfCrc32(crc32('hello')) },
  });
  const { ETag } = await scene().client.send(put);
  const head = new HeadObjectCommand({ Bucket, Key: 'put', ChecksumMode: 'ENABLED' });
  expect(await scene().client.send(head)).toMatchObject({
    ...{ ETag, ContentLength: 5, ContentType: 'text/plain', ContentEncoding: 'gzip', Metadata: { who: 'me' } },
    ...{ ChecksumCRC32: base64OfCrc32(crc32('hello')), ChecksumType: 'FULL_OBJECT' },
  });
  const get = scene().client.send(new GetObjectCommand({ Bucket, Key: 'put' }));
  await expect(get).rejects.toMatchObject({ $metadata: { httpStatusCode: 501 } });
});

test('a wrong CRC-32 is BadDigest, and leaves nothing', async () => {
  const ChecksumCRC32 = base64OfCrc32(crc32('other'));
  const put = new PutObjectCommand({ Bucket, Key: 'bad', Body: 'hello', ChecksumCRC32 });
  await expect(scene().client.send(put)).rejects.toMatchObject({ name: 'BadDigest' });
  const upload = await create('bad', FULL);
  await expect(send(upload, 1, TAIL, { ChecksumCRC32 })).rejects.toMatchObject({ name: 'BadDigest' });
  const { Parts = [] } = await scene().client.send(new ListPartsCommand(upload));
  expect(Parts).toEqual([]);
  expect(
    scene()
      .server.objects(Bucket)
      .map(({ key }) => key),
  ).not.toContain('bad');
});

test('an upload in parts gets a -N ETag and the checksum of the whole', async () => {
  const upload = await create('parts', { ...FULL, Metadata: { who: 'me' } });
  const parts = [await send(upload, 1, FIVE), await send(upload, 2, TAIL)];
  const size = FIVE.length + TAIL.length;
  const done = await complete(upload, parts, {
    MpuObjectSize: size,
    ChecksumCRC32: WHOLE,
    ChecksumType: 'FULL_OBJECT',
  });
  expect(done).toMatchObject({ ETag: expect.stringMatching(/^"[0-9a-f]{32}-2"$/), ChecksumCRC32: WHOLE });
  const head = new HeadObjectCommand({ Bucket, Key: 'parts', ChecksumMode: 'ENABLED' });
  expect(await scene().client.send(head)).toMatchObject({
    ...{ ETag: done.ETag, ContentLength: size, Metadata: { who: 'me' } },
    ...{ ChecksumCRC32: WHOLE, ChecksumType: 'FULL_OBJECT' },
  });
  await expect(complete(upload, parts)).rejects.toMatchObject({ name: 'NoSuchUpload' });
});

test('an upload of the type COMPOSITE gets the checksum of checksums', async () => {
  const upload = await create('composite', { ChecksumAlgorithm: 'CRC32' });
  const parts = [await send(upload, 1, FIVE), await send(upload, 2, TAIL)];
  const crcs = [FIVE, TAIL].map((bytes) => Buffer.from(base64OfCrc32(crc32(bytes)), 'base64'));
  const done = await complete(upload, parts);
  expect(done.ChecksumCRC32).toBe(`${base64OfCrc32(crc32(Buffer.concat(crcs)))}-2`);
  expect(done.ChecksumType).toBe('COMPOSITE');
});

test.each<[string, (one: object, two: object) => [object[], object], string]>([
  ['a wrong size of the whole', (one, two) => [[one, two], { MpuObjectSize: 5 }], 'InvalidRequest'],
  ['a wrong CRC-32 of the whole', (one, two) => [[one, two], { ChecksumCRC32: 'AAAAAA==', ChecksumType: 'FULL_OBJECT' }], 'BadDigest'], // prettier-ignore
  ['a part that is not there', (one, two) => [[one, two, { PartNumber: 3, ETag: 'x' }], {}], 'InvalidPart'],
  ['another ETag', (one, two) => [[one, { ...two, ETag: '"other"' }], {}], 'InvalidPart'],
  ['parts in another order', (one, two) => [[two, one], {}], 'InvalidPartOrder'],
  ['no parts', () => [[], {}], 'MalformedXML'],
])('completing with %s is refused, and the upload stays', async (_name, given, code) => {
  const upload = await create('refused', FULL);
  const parts = [await send(upload, 1, FIVE), await send(upload, 2, TAIL)] as const;
  const [listed, more] = given(...parts);
  await expect(complete(upload, listed, more)).rejects.toMatchObject({ name: code });
  await complete(upload, [...parts]);
});

test('a part below 5 MiB may only be the last', async () => {
  const upload = await create('small');
  const parts = [await send(upload, 1, TAIL), await send(upload, 2, FIVE)];
  await expect(complete(upload, parts)).rejects.toMatchObject({ name: 'EntityTooSmall' });
});

test('parts are listed in the order of their numbers, a thousand a page', async () => {
  const upload = await create('many', FULL);
  for (let number = 1_003; number >= 1; number -= 1) await send(upload, number, Buffer.from(`part ${number}`));
  const first = await scene().client.send(new ListPartsCommand(upload));
  expect(first).toMatchObject({ IsTruncated: true, NextPartNumberMarker: '1000' });
  const parts = [];
  for await (const part of scene().store(Bucket).listParts({ key: 'many', uploadId: upload.UploadId! }))
    parts.push(part);
  expect(parts.map(({ number }) => number)).toEqual(Array.from({ length: 1_003 }, (_, i) => i + 1));
  expect(parts[41]).toMatchObject({ size: 7, checksum: crcOfBytes(Buffer.from('part 42')) });
});

test('uploads are listed until they are aborted', async () => {
  const upload = await create('a+b/../c');
  const store = scene().store(Bucket);
  expect(await store.listUploads({ key: upload.Key })).toMatchObject([{ uploadId: upload.UploadId }]);
  const listed = await scene().client.send(new ListMultipartUploadsCommand({ Bucket, Prefix: 'a+', MaxUploads: 1 }));
  expect(listed.Uploads).toMatchObject([{ Key: upload.Key }]);
  await scene().client.send(new AbortMultipartUploadCommand(upload));
  expect(await store.listUploads({ key: upload.Key })).toEqual([]);
  await expect(send(upload, 1, TAIL)).rejects.toMatchObject({ name: 'NoSuchUpload' });
  await expect(scene().client.send(new ListPartsCommand(upload))).rejects.toMatchObject({ name: 'NoSuchUpload' });
  await expect(create('x').then((open) => send({ ...open, Key: 'y' }, 1, TAIL))).rejects.toMatchObject({ name: 'NoSuchUpload' }); // prettier-ignore
});

test('a delete with a condition is one of exactly that object, and of what is gone it is no error to the engine', async () => {
  const store = scene().store(Bucket);
  const put = new PutObjectCommand({ Bucket, Key: 'old', Body: 'x' });
  const etag = (await scene().client.send(put)).ETag!.replaceAll('"', '');
  await expect(store.delete({ key: 'old', etag: 'another' })).rejects.toMatchObject({ code: 'PreconditionFailed' });
  await expect(store.head({ key: 'old' })).resolves.toBeDefined();
  await store.delete({ key: 'old', etag });
  await expect(store.head({ key: 'old' })).resolves.toBeUndefined();
  await expect(store.delete({ key: 'old', etag })).resolves.toBeUndefined();
  expect(scene().server.stats().operations.DeleteObject).toMatchObject({ errors: { NoSuchKey: 1 } });
});

test('what happens is counted', () => {
  const { operations, bytesIn, inFlight, peakInFlight } = scene().server.stats();
  expect(operations.UploadPart?.count).toBeGreaterThan(1_000);
  expect(operations.PutObject).toMatchObject({ count: 3, errors: { BadDigest: 1 } });
  expect(bytesIn).toBeGreaterThan(8 * FIVE.length);
  expect({ inFlight, peaked: peakInFlight > 0 }).toEqual({ inFlight: 0, peaked: true });
});
