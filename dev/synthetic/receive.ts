/** Takes a body in, sums it by CRC-32 as it comes, and lets it go: nothing of it stays. */
import type { IncomingMessage } from 'node:http';
import { crc32 } from 'node:zlib';
import { S3Error } from './answers';
import { awsChunked } from './aws-chunked';
import { assertChecksum, givenChecksum, type Checksum } from './checksums';
import type { Exchange } from './exchange';
import type { Pace } from './pace';

export interface Received {
  readonly length: number;
  readonly crc32: number;
  /** What the client gave with it, in its head or its trailers. */
  readonly checksum?: Checksum;
}

/** Rejects with `S3Error` when the client's own checksum or length says that these are other bytes. */
export async function receive({ request, counters, line }: Exchange): Promise<Received> {
  const { headers } = request;
  const expected = announcedLength(request);
  let length = 0;
  let sum = 0;
  const take = (bytes: Buffer) => {
    length += bytes.length;
    sum = crc32(bytes, sum);
    counters.received(bytes.length);
  };
  let trailers: Readonly<Record<string, string>> = {};
  if (isFramed(request)) {
    const frames = awsChunked(take);
    await eachChunk(request, frames.push, line);
    trailers = frames.end();
  } else {
    await eachChunk(request, take, line);
  }
  if (expected !== length) {
    throw new S3Error(400, 'IncompleteBody', `The body holds ${length} bytes where its head says ${expected}`);
  }
  const announced = headers['x-amz-trailer'];
  if (typeof announced === 'string' && trailers[announced.trim().toLowerCase()] === undefined) {
    throw new S3Error(400, 'MalformedTrailerError', `The trailer ${announced} was announced and did not come`);
  }
  const checksum = givenChecksum(headers) ?? givenChecksum(trailers);
  if (checksum) assertChecksum(checksum, sum);
  return { length, crc32: sum, ...(checksum ? { checksum } : {}) };
}

/** docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html: a part, or an object in one piece. */
const MAX_BYTES = 5 * 1024 ** 3;

/** Of the bytes without their framing. */
function announcedLength(request: IncomingMessage): number {
  const { 'content-length': plain, 'x-amz-decoded-content-length': decoded } = request.headers;
  const announced = isFramed(request) ? decoded : plain;
  if (announced === undefined) {
    throw new S3Error(411, 'MissingContentLength', 'You must provide the Content-Length HTTP header.');
  }
  const length = Number(announced);
  if (length <= MAX_BYTES) return length;
  throw new S3Error(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size');
}

/** A small body as text: the part list of a CompleteMultipartUpload. */
export async function receiveText(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  const frames = isFramed(request) ? awsChunked((bytes) => pieces.push(bytes)) : undefined;
  await eachChunk(request, frames?.push ?? ((bytes) => pieces.push(bytes)));
  frames?.end();
  return Buffer.concat(pieces).toString('utf8');
}

function isFramed({ headers }: IncomingMessage): boolean {
  const { 'content-encoding': encoding = '', 'x-amz-content-sha256': hash = '' } = headers;
  return encoding.includes('aws-chunked') || String(hash).startsWith('STREAMING-');
}

function eachChunk(request: IncomingMessage, take: (bytes: Buffer) => void, line?: Pace): Promise<void> {
  return new Promise((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      try {
        take(chunk);
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
      const turn = line?.take(chunk.length);
      if (turn === undefined) return;
      request.pause();
      void turn.then(() => request.resume());
    });
    request.once('end', resolve);
    request.once('error', reject);
    request.once('close', () => reject(new S3Error(400, 'RequestTimeout', 'The connection broke within the body')));
  });
}
