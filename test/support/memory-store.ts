/** An `ObjectStore` over Maps that keeps S3's rules: what the engine may rely on, and what it must survive. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { FullChecksum } from '../../src/domain/copy-decision';
import { compareKeys } from '../../src/domain/key-order';
import { MIN_PART_BYTES } from '../../src/domain/part-plan';
import { TransferError, type TransferErrorCode } from '../../src/domain/transfer-error';
import type {
  ListPage,
  ObjectHead,
  ObjectHeaders,
  ObjectStore,
  OpenUpload,
  PutRequest,
  RangeBody,
  RangeRequest,
  StoredPart,
} from '../../src/transfer/object-store';

/** Each kind of request, with what it is asked and what it answers. */
interface Requests {
  checkBucket: { asks: object; answers: void };
  list: { asks: Parameters<ObjectStore['list']>[0]; answers: ListPage };
  head: { asks: Parameters<ObjectStore['head']>[0]; answers: ObjectHead | undefined };
  read: { asks: RangeRequest; answers: RangeBody };
  put: { asks: PutRequest; answers: { etag: string } };
  tags: { asks: Parameters<ObjectStore['tags']>[0]; answers: Record<string, string> };
  createUpload: { asks: Parameters<ObjectStore['createUpload']>[0]; answers: { uploadId: string } };
  uploadPart: { asks: Parameters<ObjectStore['uploadPart']>[0]; answers: { etag: string } };
  listParts: { asks: Parameters<ObjectStore['listParts']>[0]; answers: readonly StoredPart[] };
  completeUpload: { asks: Parameters<ObjectStore['completeUpload']>[0]; answers: { etag: string } };
  abortUpload: { asks: Parameters<ObjectStore['abortUpload']>[0]; answers: void };
  listUploads: { asks: Parameters<ObjectStore['listUploads']>[0]; answers: readonly OpenUpload[] };
}

export type RequestKind = keyof Requests;

/** Stands between the engine and one kind of request: may throw before or after `proceed`, or alter its answer. */
export type Interceptor<K extends RequestKind> = (
  asked: Requests[K]['asks'],
  proceed: () => Promise<Requests[K]['answers']>,
) => Promise<Requests[K]['answers']>;

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

interface Upload {
  readonly key: string;
  readonly initiated: number;
  readonly headers: ObjectHeaders;
  readonly tags: Readonly<Record<string, string>>;
  readonly parts: Map<number, StoredPart & { readonly body: Buffer }>;
}

export interface MemoryStoreOptions {
  readonly bucket?: string;
  /** `directory`: as SeaweedFS lists, `a/b` before `a-b`. @default 'utf8' */
  readonly order?: 'utf8' | 'directory';
  /** Keys on a page of a listing. @default 1000 */
  readonly pageKeys?: number;
  /** @default MIN_PART_BYTES */
  readonly minPartBytes?: number;
  /** Kept by SSE-KMS: ETags say nothing of the bytes. @default false */
  readonly kms?: boolean;
  /** Whether ListParts shows the CRC of each part. @default true */
  readonly showsPartChecksums?: boolean;
  /** Whether HEAD answers to a part number. @default true */
  readonly knowsPartNumbers?: boolean;
  readonly versioned?: boolean;
  /** Bytes of one piece of a body. @default 64 KiB */
  readonly pieceBytes?: number;
  readonly now?: () => number;
}

export class MemoryStore implements ObjectStore {
  readonly bucket: string;
  readonly ordered: boolean;
  readonly objects = new Map<string, StoredObject>();
  readonly uploads = new Map<string, Upload>();
  /** How many requests of each kind have been made. */
  readonly requests: Record<RequestKind, number> = {
    checkBucket: 0,
    list: 0,
    head: 0,
    read: 0,
    put: 0,
    tags: 0,
    createUpload: 0,
    uploadPart: 0,
    listParts: 0,
    completeUpload: 0,
    abortUpload: 0,
    listUploads: 0,
  };
  /** Bodies of reads that were opened, and neither read to their end nor left. */
  openBodies = 0;
  private readonly versions = new Map<string, StoredObject>();
  private readonly interceptors = new Map<RequestKind, Interceptor<RequestKind>>();
  private readonly options: Required<Omit<MemoryStoreOptions, 'bucket' | 'order'>> & {
    readonly order: 'utf8' | 'directory';
  };
  private serial = 0;

  constructor(options: MemoryStoreOptions = {}) {
    const { bucket = 'memory', ...rest } = options;
    this.bucket = bucket;
    this.options = {
      order: 'utf8',
      pageKeys: 1000,
      minPartBytes: MIN_PART_BYTES,
      kms: false,
      showsPartChecksums: true,
      knowsPartNumbers: true,
      versioned: false,
      pieceBytes: 64 * 1024,
      now: () => Date.now(),
      ...rest,
    };
    this.ordered = this.options.order === 'utf8';
  }

  /** From now on every request of this kind goes through `interceptor`; without one they go straight again. */
  intercept<K extends RequestKind>(kind: K, interceptor?: Interceptor<K>): void {
    if (interceptor === undefined) this.interceptors.delete(kind);
    else this.interceptors.set(kind, interceptor as unknown as Interceptor<RequestKind>);
  }

  /** The next `times` requests of this kind fail; `lost`: after they have done their work. */
  failNext(kind: RequestKind, code: TransferErrorCode, times = 1, when: 'refused' | 'lost' = 'refused'): void {
    let left = times;
    this.intercept(kind, async (_asked, proceed) => {
      if (left === 0) return proceed();
      left -= 1;
      if (when === 'lost') await proceed();
      throw new TransferError(code, `${kind} was made to fail`, { bucket: this.bucket, operation: kind });
    });
  }

  /** Puts an object there as its owner would, without a request. */
  seed(key: string, body: Buffer | string, extras: ObjectExtras = {}): StoredObject {
    const bytes = Buffer.from(body);
    return this.keep(key, { body: bytes, etag: md5(bytes).toString('hex'), ...NOTHING_MORE, ...extras });
  }

  /** As `seed`, by multipart upload. */
  seedParts(key: string, bodies: readonly Buffer[], extras: ObjectExtras = {}): StoredObject {
    const partSizes = bodies.map(({ length }) => length);
    return this.seed(key, Buffer.concat(bodies), { etag: multipartEtag(bodies), partSizes, ...extras });
  }

  seedUpload(key: string, initiated: number, parts: readonly Buffer[] = []): string {
    const uploadId = `upload-${(this.serial += 1)}`;
    const upload: Upload = { key, initiated, headers: { metadata: {} }, tags: {}, parts: new Map() };
    parts.forEach((body, i) => upload.parts.set(i + 1, storedPart(i + 1, body)));
    this.uploads.set(uploadId, upload);
    return uploadId;
  }

  /** Key and text of every object. */
  get content(): Record<string, string> {
    return Object.fromEntries([...this.objects].map(([key, { body }]) => [key, body.toString('latin1')]));
  }

  checkBucket(): Promise<void> {
    return this.answer('checkBucket', {}, () => undefined);
  }

  list(request: Requests['list']['asks']): Promise<ListPage> {
    return this.answer('list', request, () => this.listPage(request));
  }

  head(request: Requests['head']['asks']): Promise<ObjectHead | undefined> {
    return this.answer('head', request, () => this.headOf(request));
  }

  read(request: RangeRequest): Promise<RangeBody> {
    return this.answer('read', request, () => this.readOf(request));
  }

  put(request: PutRequest): Promise<{ etag: string }> {
    return this.answer('put', request, () => {
      const { key, headers, tags = {} } = request;
      const body = Buffer.from(request.body);
      this.assertChecksum(key, body, request.crc32, 'TornRead');
      const etag = this.options.kms ? this.opaqueEtag(body) : md5(body).toString('hex');
      return this.keep(key, {
        body,
        etag,
        ...NOTHING_MORE,
        headers,
        tags,
        checksums: [checksumOf(body)],
        ...this.encrypted,
      });
    });
  }

  tags({ key, versionId }: Requests['tags']['asks']): Promise<Record<string, string>> {
    return this.answer('tags', { key, ...(versionId === undefined ? {} : { versionId }) }, () => {
      const object = versionId === undefined ? this.objects.get(key) : this.versions.get(versionId);
      if (object === undefined) throw this.error('SourceGone', key);
      return { ...object.tags };
    });
  }

  createUpload(request: Requests['createUpload']['asks']): Promise<{ uploadId: string }> {
    return this.answer('createUpload', request, () => {
      const { key, headers, tags = {} } = request;
      const uploadId = `upload-${(this.serial += 1)}`;
      this.uploads.set(uploadId, { key, headers, tags, initiated: this.options.now(), parts: new Map() });
      return { uploadId };
    });
  }

  uploadPart(request: Requests['uploadPart']['asks']): Promise<{ etag: string }> {
    return this.answer('uploadPart', request, () => {
      const { key, number } = request;
      const upload = this.uploadOf(request);
      if (number < 1 || number > 10_000) throw this.error('BadRequest', key);
      const body = Buffer.from(request.body);
      this.assertChecksum(key, body, request.crc32, 'TornRead');
      const part = storedPart(number, body);
      upload.parts.set(number, part);
      return { etag: part.etag };
    });
  }

  async *listParts(request: Requests['listParts']['asks']): AsyncGenerator<StoredPart> {
    yield* await this.answer('listParts', request, () => {
      const parts = [...this.uploadOf(request).parts.values()].sort((a, b) => a.number - b.number);
      return parts.map(({ body: _body, crc32: crc, ...part }) =>
        this.options.showsPartChecksums && crc !== undefined ? { ...part, crc32: crc } : part,
      );
    });
  }

  completeUpload(request: Requests['completeUpload']['asks']): Promise<{ etag: string }> {
    return this.answer('completeUpload', request, () => this.complete(request));
  }

  abortUpload(request: Requests['abortUpload']['asks']): Promise<void> {
    return this.answer('abortUpload', request, () => void this.uploads.delete(request.uploadId));
  }

  listUploads(request: Requests['listUploads']['asks']): Promise<readonly OpenUpload[]> {
    return this.answer('listUploads', request, () =>
      [...this.uploads].flatMap(([uploadId, { key, initiated }]) =>
        key === request.key ? [{ uploadId, initiated }] : [],
      ),
    );
  }

  private async answer<K extends RequestKind>(
    kind: K,
    asked: Requests[K]['asks'],
    work: () => Requests[K]['answers'],
  ): Promise<Requests[K]['answers']> {
    this.requests[kind] += 1;
    // Work begins a turn later, as it does over a network, so that requests of the engine do overlap.
    await new Promise((resolve) => setImmediate(resolve));
    const interceptor = this.interceptors.get(kind) as Interceptor<K> | undefined;
    const proceed = () => new Promise<Requests[K]['answers']>((resolve) => resolve(work()));
    return interceptor === undefined ? proceed() : interceptor(asked, proceed);
  }

  private listPage({ prefix, startAfter, continuationToken, maxKeys }: Requests['list']['asks']): ListPage {
    const order = this.options.order === 'utf8' ? compareKeys : compareInDirectories;
    const after = continuationToken ?? startAfter;
    const keys = [...this.objects.keys()]
      .filter((key) => key.startsWith(prefix) && (after === undefined || order(key, after) > 0))
      .sort(order);
    const shown = keys.slice(0, Math.min(this.options.pageKeys, maxKeys ?? Infinity));
    const objects = shown.map((key) => {
      const { body, etag, lastModified, storageClass } = this.known(key);
      return { key, size: body.length, etag, lastModified, ...(storageClass === undefined ? {} : { storageClass }) };
    });
    const token = shown.length < keys.length ? shown.at(-1) : undefined;
    return { objects, ...(token === undefined ? {} : { continuationToken: token }) };
  }

  private headOf({ key, partNumber }: Requests['head']['asks']): ObjectHead | undefined {
    const object = this.objects.get(key);
    if (object === undefined) return undefined;
    const { body, etag, lastModified, checksums, headers, tags, partSizes } = object;
    const { versionId, storageClass, restore, encryption } = object;
    const asksPart = partNumber !== undefined && this.options.knowsPartNumbers;
    const size = asksPart ? (partSizes ?? [body.length])[partNumber - 1] : body.length;
    if (size === undefined) throw this.error('SourceChanged', key);
    return {
      size,
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
      ...(asksPart && partSizes !== undefined ? { partsCount: partSizes.length } : {}),
    };
  }

  private readOf({ key, offset, length, etag, versionId }: RangeRequest): RangeBody {
    const object = versionId === undefined ? this.objects.get(key) : this.versions.get(versionId);
    if (object === undefined) throw this.error('SourceGone', key);
    if (object.etag !== etag) throw this.error('SourceChanged', key);
    if (object.storageClass === 'GLACIER' && object.restore === undefined) throw this.error('Archived', key);
    const { body, headers } = object;
    if (length > 0 && offset >= body.length) throw this.error('SourceChanged', key);
    const bytes = length === 0 ? body : body.subarray(offset, offset + length);
    return {
      etag: object.etag,
      headers,
      body: this.pieces(bytes),
      ...(length === 0 ? {} : { range: { first: offset, size: body.length } }),
    };
  }

  /** A body holds its connection from the answer on, as a socket does, until it is read or left. */
  private pieces(bytes: Buffer): AsyncIterable<Uint8Array> {
    this.openBodies += 1;
    const { pieceBytes } = this.options;
    const free = () => void (this.openBodies -= 1);
    async function* read(): AsyncGenerator<Uint8Array> {
      try {
        for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
      } finally {
        free();
      }
    }
    return read();
  }

  private complete({ key, uploadId, parts, size, crc32: whole }: Requests['completeUpload']['asks']): { etag: string } {
    const upload = this.uploadOf({ key, uploadId });
    if (parts.length === 0) throw this.error('BadRequest', key);
    const bodies = parts.map(({ number, etag }, i) => {
      const part = upload.parts.get(number);
      if (part === undefined || part.etag !== etag || number <= (parts[i - 1]?.number ?? 0))
        throw this.error('InvalidPart', key);
      return part.body;
    });
    // EntityTooSmall
    if (bodies.slice(0, -1).some(({ length }) => length < this.options.minPartBytes))
      throw this.error('BadRequest', key);
    const body = Buffer.concat(bodies);
    if (body.length !== size) throw this.error('BadRequest', key);
    if (whole !== undefined) this.assertChecksum(key, body, whole, 'ProofFailed');
    const { headers, tags } = upload;
    const etag = this.options.kms ? this.opaqueEtag(body, bodies.length) : multipartEtag(bodies);
    const partSizes = bodies.map(({ length }) => length);
    this.uploads.delete(uploadId);
    const checksums = whole === undefined ? [] : [checksumOf(body)];
    return this.keep(key, { body, etag, ...NOTHING_MORE, headers, tags, partSizes, checksums, ...this.encrypted });
  }

  private keep(
    key: string,
    object: Omit<StoredObject, 'lastModified'> & { readonly lastModified?: number },
  ): StoredObject {
    const versionId = this.options.versioned ? { versionId: `version-${(this.serial += 1)}` } : {};
    const kept = { ...object, lastModified: object.lastModified ?? this.options.now(), ...versionId };
    this.objects.set(key, kept);
    if (kept.versionId !== undefined) this.versions.set(kept.versionId, kept);
    return kept;
  }

  private get encrypted(): { readonly encryption?: string } {
    return this.options.kms ? { encryption: 'aws:kms' } : {};
  }

  private opaqueEtag(body: Buffer, parts?: number): string {
    const etag = createHash('md5')
      .update(`kms-${(this.serial += 1)}`)
      .update(body)
      .digest('hex');
    return parts === undefined ? etag : `${etag}-${parts}`;
  }

  private known(key: string): StoredObject {
    const object = this.objects.get(key);
    if (object === undefined) throw new Error(`${key} is not there`);
    return object;
  }

  private uploadOf({ key, uploadId }: { key: string; uploadId: string }): Upload {
    const upload = this.uploads.get(uploadId);
    if (upload?.key !== key) throw this.error('NoSuchUpload', key);
    return upload;
  }

  private assertChecksum(key: string, body: Buffer, said: number, code: TransferErrorCode): void {
    if (crc32(body) !== said) throw this.error(code, key);
  }

  private error(code: TransferErrorCode, key: string): TransferError {
    return new TransferError(code, `${this.bucket} answered ${code}`, { bucket: this.bucket, key });
  }
}

const NOTHING_MORE = { headers: { metadata: {} }, tags: {}, checksums: [] } as const;

function md5(bytes: Buffer): Buffer {
  return createHash('md5').update(bytes).digest();
}

export function multipartEtag(bodies: readonly Buffer[]): string {
  return `${md5(Buffer.concat(bodies.map(md5))).toString('hex')}-${bodies.length}`;
}

/** The full-object CRC-32 as a HEAD shows it. */
export function checksumOf(body: Buffer): FullChecksum {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(crc32(body));
  return { algorithm: 'CRC32', value: value.toString('base64') };
}

function storedPart(number: number, body: Buffer): StoredPart & { readonly body: Buffer } {
  return { number, body, size: body.length, etag: md5(body).toString('hex'), crc32: crc32(body) };
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
