import { type ClientRequest, request } from 'node:http';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import {
  type ChecksumAlgorithm,
  CreateMultipartUploadCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { base64OfCrc32 } from '../../../dev/synthetic/crc';
import { MiB, useSynthetic } from './scene';

// A busy machine is no failure.
jest.setTimeout(120_000);

const Bucket = 'target';
const scene = useSynthetic({ objects: [], buckets: [Bucket] });
const PIECE = Buffer.alloc(100_001, 'piece');
const PIECES = 60;

/** A body of unknown content: the SDK frames it as `aws-chunked` and sends its checksum as a trailer. */
function* pieces() {
  for (let i = 0; i < PIECES; i += 1) yield PIECE;
}
const streamed = () => ({ Body: Readable.from(pieces()), ContentLength: PIECE.length * PIECES });

test.each<[ChecksumAlgorithm, string]>([
  ['CRC32', 'ChecksumCRC32'],
  ['CRC32C', 'ChecksumCRC32C'],
  ['CRC64NVME', 'ChecksumCRC64NVME'],
])('a streamed part with a %s trailer arrives without its framing', async (ChecksumAlgorithm, field) => {
  const key = { Bucket, Key: `streamed/${ChecksumAlgorithm}` };
  const { UploadId } = await scene().client.send(new CreateMultipartUploadCommand({ ...key, ChecksumAlgorithm }));
  const part = new UploadPartCommand({ ...key, UploadId, PartNumber: 1, ChecksumAlgorithm, ...streamed() });
  await scene().client.send(part);
  const { Parts } = await scene().client.send(new ListPartsCommand({ ...key, UploadId }));
  expect(Parts).toMatchObject([{ Size: PIECE.length * PIECES, [field]: expect.stringMatching(/=$/) }]);
  if (ChecksumAlgorithm !== 'CRC32') return;
  expect(Parts?.[0]?.ChecksumCRC32).toBe(base64OfCrc32(crc32(Buffer.concat([...pieces()]))));
});

test('a streamed PutObject is there with its length, and `aws-chunked` is no part of its encoding', async () => {
  await scene().client.send(
    new PutObjectCommand({ Bucket, Key: 'put', ContentEncoding: 'gzip', ChecksumAlgorithm: 'CRC32', ...streamed() }),
  );
  const head = await scene().store(Bucket).head({ key: 'put' });
  expect(head).toMatchObject({ size: PIECE.length * PIECES, headers: { contentEncoding: 'gzip' } });
});

const framed = (trailer: string, headers: Record<string, string>) =>
  fetch(`${scene().server.endpoint}/${Bucket}/raw`, {
    method: 'PUT',
    body: `${(5).toString(16)}\r\nhello\r\n0\r\n${trailer}\r\n\r\n`,
    headers: {
      'content-encoding': 'aws-chunked',
      'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      'x-amz-trailer': 'x-amz-checksum-crc32',
      'x-amz-decoded-content-length': '5',
      ...headers,
    },
  }).then(async (answer) => ({ status: answer.status, code: /<Code>(\w+)/.exec(await answer.text())?.[1] }));

test.each([
  ['a right one is taken', `x-amz-checksum-crc32:${base64OfCrc32(crc32('hello'))}`, {}, 200, undefined],
  ['a wrong one is BadDigest', 'x-amz-checksum-crc32:AAAAAA==', {}, 400, 'BadDigest'],
  ['one that does not come is an error', 'x-amz-meta-x:1', {}, 400, 'MalformedTrailerError'],
  ['a wrong length is IncompleteBody', `x-amz-checksum-crc32:${base64OfCrc32(crc32('hello'))}`, { 'x-amz-decoded-content-length': '6' }, 400, 'IncompleteBody'], // prettier-ignore
])('of trailers, %s', async (_name, trailer, headers, status, code) => {
  expect(await framed(trailer, headers)).toEqual({ status, code });
});

/** Sends a head, and the beginning of a body that it may announce. */
function begin(headers: Record<string, string | number>): {
  request: ClientRequest;
  status: Promise<number | undefined>;
} {
  const [hostname, port] = scene().server.endpoint.slice('http://'.length).split(':');
  const outgoing = request({ hostname, port, method: 'PUT', path: `/${Bucket}/cut`, headers });
  const status = new Promise<number | undefined>((resolve, reject) => {
    outgoing.once('error', reject).once('response', (answer) => resolve(answer.resume().statusCode));
  });
  outgoing.write(Buffer.alloc(MiB));
  return { request: outgoing, status };
}

test('a body that breaks off leaves no object', async () => {
  const { request: cut, status } = begin({ 'content-length': 2 * MiB });
  setTimeout(() => cut.destroy(), 50);
  await expect(status).rejects.toThrow();
  expect(
    scene()
      .server.objects(Bucket)
      .map(({ key }) => key),
  ).not.toContain('cut');
});

test.each([
  ['without a length', { 'transfer-encoding': 'chunked' }, 411],
  ['above 5 GiB', { 'content-length': 5 * 1024 ** 3 + 1 }, 400],
  [
    'in frames, above 5 GiB',
    {
      'content-encoding': 'aws-chunked',
      'x-amz-decoded-content-length': 5 * 1024 ** 3 + 1,
      'transfer-encoding': 'chunked',
    },
    400,
  ],
])('a body %s is refused as S3 refuses it', async (_name, headers, expected) => {
  // prettier-ignore
  const { request: refused, status } = begin(headers);
  expect(await status).toBe(expected);
  refused.once('error', () => undefined).destroy();
});
