/** An object as a store in memory keeps it, and what S3 computes of its bytes. */
import { createHash } from 'node:crypto';
import type { CrcAlgorithm, FullChecksum } from '../../src/domain/checksum';
import { compareKeys } from '../../src/domain/key-order';
import { crcOfBytes } from './crc';
import type { ListPage, ObjectHead, ObjectHeaders, ObjectStore, StoredPart } from '../../src/transfer/object-store';

export interface StoredObject {
  readonly body: Buffer;
  readonly etag: string;
  readonly lastModified: number;
  readonly headers: ObjectHeaders;
  readonly tags: Readonly<Record<string, string>>;
  readonly checksums: readonly FullChecksum[];
  readonly versionId?: string;
  readonly storageClass?: string;
  readonly restore?: string;
  readonly encryption?: string;
  /** Of a multipart object. */
  readonly partSizes?: readonly number[];
}

export type ObjectExtras = Partial<Omit<StoredObject, 'body'>>;

export interface Upload {
  readonly key: string;
  readonly algorithm: CrcAlgorithm;
  readonly initiated: number;
  readonly headers: ObjectHeaders;
  readonly tags: Readonly<Record<string, string>>;
  readonly parts: Map<number, StoredPart & { readonly body: Buffer }>;
}

/** `partSize`: the HEAD was asked for one part. */
export function headOf(object: StoredObject, partSize?: number): ObjectHead {
  const { body, etag, lastModified, checksums, headers, tags, partSizes } = object;
  const { versionId, storageClass, restore, encryption } = object;
  return {
    size: partSize ?? body.length,
    etag,
    lastModified,
    customerKey: false,
    checksums,
    headers,
    tagCount: Object.keys(tags).length,
    ...(versionId === undefined ? {} : { versionId }),
    ...(storageClass === undefined ? {} : { storageClass }),
    ...(restore === undefined ? {} : { restore }),
    ...(encryption === undefined ? {} : { encryption }),
    ...(partSize === undefined || partSizes === undefined ? {} : { partsCount: partSizes.length }),
  };
}

export const NOTHING_MORE = { headers: { metadata: {} }, tags: {}, checksums: [] } as const;

export function md5(bytes: Buffer): Buffer {
  return createHash('md5').update(bytes).digest();
}

export function multipartEtag(bodies: readonly Buffer[]): string {
  return `${md5(Buffer.concat(bodies.map(md5))).toString('hex')}-${bodies.length}`;
}

export function storedPart(
  number: number,
  body: Buffer,
  algorithm: CrcAlgorithm = 'CRC32',
): StoredPart & { readonly body: Buffer } {
  return { number, body, size: body.length, etag: md5(body).toString('hex'), checksum: crcOfBytes(body, algorithm) };
}

export function listPage(
  objects: ReadonlyMap<string, StoredObject>,
  { prefix, startAfter, continuationToken, maxKeys }: Parameters<ObjectStore['list']>[0],
  { order, pageKeys }: { readonly order: 'utf8' | 'directory'; readonly pageKeys: number },
): ListPage {
  const compare = order === 'utf8' ? compareKeys : compareInDirectories;
  const after = continuationToken ?? startAfter;
  const found = [...objects]
    .filter(([key]) => key.startsWith(prefix) && (after === undefined || compare(key, after) > 0))
    .sort(([a], [b]) => compare(a, b));
  const shown = found.slice(0, Math.min(pageKeys, maxKeys ?? Infinity));
  const listed = shown.map(([key, { body, etag, lastModified, storageClass }]) => {
    return { key, size: body.length, etag, lastModified, ...(storageClass === undefined ? {} : { storageClass }) };
  });
  const token = shown.length < found.length ? shown.at(-1)?.[0] : undefined;
  return { objects: listed, ...(token === undefined ? {} : { continuationToken: token }) };
}

/** Name by name, as a tree of folders is walked. */
function compareInDirectories(a: string, b: string): number {
  const [left, right] = [a.split('/'), b.split('/')];
  for (const [i, name] of left.entries()) {
    const other = right[i];
    if (other === undefined) return 1;
    const order = compareKeys(name, other);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
