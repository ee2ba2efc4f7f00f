/** What the client delivers for one round: every size and every route, from the seed. */
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { concurrently } from '../../src/transfer/concurrently';
import { contentFrom, contentStream } from './content';
import type { Random } from './random';

const KiB = 1024;
const MiB = 1024 * KiB;

/** As it stands in `route` of the configuration. */
export const ROUTE = { packBelow: '8MiB', batchFrom: '150MiB' } as const;

/** `small` travels in packs, `medium` in one piece, `large` in parts by a worker, `batch` in parts by a job. */
export type SizeClass = 'small' | 'medium' | 'large' | 'batch';

export interface Delivered {
  /** After the prefix. */
  readonly name: string;
  readonly kind: SizeClass;
  readonly size: number;
  /** Delivered in parts of this size; absent: in one piece. */
  readonly partBytes?: number;
}

/** An object in parts of a size of its own, which the copy has to mirror, is among `large` and may be among `batch`. */
export function planDelivery(random: Random): Delivered[] {
  const some = (kind: SizeClass, count: number, size: () => number): Delivered[] =>
    Array.from({ length: count }, (_, i) => ({
      kind,
      name: `${kind}/${String(i).padStart(3, '0')}.bin`,
      size: size(),
    }));
  const inMiB = (low: number, high: number) => random.between(low * MiB, high * MiB);
  const [mirrored, ...large] = some('large', 3, () => inMiB(65, 149));
  const batch = some('batch', 3, () => inMiB(150, 300));
  const partBytes = () => random.between(5, 14) * MiB;
  return [
    { kind: 'small', name: 'small/empty.bin', size: 0 },
    { kind: 'small', name: 'small/one-byte.bin', size: 1 },
    ...some('small', 60, () => random.between(1, MiB)),
    ...some('medium', 8, () => inMiB(9, 60)),
    ...(mirrored === undefined ? [] : [{ ...mirrored, partBytes: partBytes() }]),
    ...large,
    ...batch.map((object) => (random.next() < 0.5 ? { ...object, partBytes: partBytes() } : object)),
  ];
}

export interface DeliverRequest {
  readonly client: S3Client;
  readonly bucket: string;
  readonly prefix: string;
  readonly seed: number;
  readonly objects: readonly Delivered[];
}

export async function deliver({ client, bucket, prefix, seed, objects }: DeliverRequest): Promise<void> {
  await concurrently(objects, 6, async ({ name, size, partBytes }) => {
    const target = { Bucket: bucket, Key: prefix + name };
    if (partBytes === undefined) {
      const Body = contentStream(seed, target.Key, size);
      await client.send(new PutObjectCommand({ ...target, Body, ContentLength: size }));
      return;
    }
    const { UploadId } = await client.send(new CreateMultipartUploadCommand(target));
    const next = contentFrom(seed, target.Key);
    const parts: { PartNumber: number; ETag: string | undefined }[] = [];
    for (let offset = 0; offset < size; offset += partBytes) {
      const PartNumber = parts.length + 1;
      const Body = next(Math.min(partBytes, size - offset));
      const { ETag } = await client.send(new UploadPartCommand({ ...target, UploadId, PartNumber, Body }));
      parts.push({ PartNumber, ETag });
    }
    await client.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts: parts } }));
  });
}
