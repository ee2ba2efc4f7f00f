/** A client's delivery: real files in the source bucket, made from a seed, with the keys that clients do send. */
import { createHash } from 'node:crypto';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { concurrently } from '../../src/transfer/concurrently';

const KiB = 1024;
const MiB = 1024 * KiB;
const PART = 16 * MiB;

export interface Delivery {
  readonly smallFiles: number;
  readonly mediumFiles: number;
  /** Bytes of the one multipart object; 0: none. */
  readonly largeBytes: number;
}

export interface DeliveredFile {
  readonly key: string;
  readonly size: number;
  /** Makes it a multipart object with parts of this size. @default 16 MiB from 64 MiB on */
  readonly partBytes?: number;
}

/** Spaces, `+`, `%`, Unicode, a trailing `/`, and no bytes at all. */
export const AWKWARD_KEYS = [
  'with space.txt',
  'a+b.txt',
  '100%.txt',
  '%2F encoded.txt',
  'größe-数据-😀.csv',
  'quote\'"&<>.txt',
  'folder/',
  'empty.bin',
] as const;

export function filesOf(prefix: string, { smallFiles, mediumFiles, largeBytes }: Delivery): DeliveredFile[] {
  const small = range(smallFiles).map((i) => ({
    key: `${prefix}events/part-${pad(i)}.json.gz`,
    size: 1 + ((i * 7919) % (60 * KiB)),
  }));
  const medium = range(mediumFiles).map((i) => ({
    key: `${prefix}tables/table-${pad(i)}.parquet`,
    size: (9 + i * 8) * MiB + i,
  }));
  const awkward = AWKWARD_KEYS.map((name) => ({
    key: `${prefix}awkward/${name}`,
    size: name.endsWith('/') || name === 'empty.bin' ? 0 : 1000,
  }));
  const large = largeBytes === 0 ? [] : [{ key: `${prefix}export/full-dump.tar`, size: largeBytes }];
  return [...small, ...medium, ...awkward, ...large];
}

/** Calls `onFile` after each file. Files of 64 MiB and above are multipart objects with parts of 16 MiB. */
export async function deliver(
  client: S3Client,
  bucket: string,
  files: readonly DeliveredFile[],
  onFile: (file: DeliveredFile) => void = () => undefined,
): Promise<void> {
  await concurrently(files, 16, async (file) => {
    if (file.partBytes !== undefined || file.size >= 64 * MiB) await deliverInParts(client, bucket, file);
    else
      await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: file.key,
          Body: bytesOf(file.key, 0, file.size),
          ContentType: 'application/octet-stream',
        }),
      );
    onFile(file);
  });
}

async function deliverInParts(
  client: S3Client,
  bucket: string,
  { key, size, partBytes = PART }: DeliveredFile,
): Promise<void> {
  const target = { Bucket: bucket, Key: key };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(target));
  const parts: { PartNumber: number; ETag: string | undefined }[] = [];
  await concurrently(range(Math.ceil(size / partBytes)), 4, async (i) => {
    const offset = i * partBytes;
    const Body = bytesOf(key, offset, Math.min(partBytes, size - offset));
    const { ETag } = await client.send(new UploadPartCommand({ ...target, UploadId, PartNumber: i + 1, Body }));
    parts[i] = { PartNumber: i + 1, ETag };
  });
  await client.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts: parts } }));
}

const BLOCK = 64 * KiB;

/** Bytes that depend on key and place, so that no part can stand for another. */
export function bytesOf(key: string, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  const seed = createHash('sha256').update(key).digest();
  const block = Buffer.alloc(BLOCK);
  for (let i = 0; i < BLOCK; i += seed.length) seed.copy(block, i);
  for (let at = 0; at < length; at += BLOCK) {
    block.writeBigUInt64BE(BigInt(offset + at), 8);
    block.copy(bytes, at, 0, Math.min(BLOCK, length - at));
  }
  return bytes;
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

function pad(number: number): string {
  return String(number).padStart(4, '0');
}
