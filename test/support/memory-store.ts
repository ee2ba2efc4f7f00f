/** An `ObjectStore` over Maps that keeps S3's rules: what the engine may rely on, and what it must survive. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { MIN_PART_BYTES } from '../../src/domain/part-plan';
import type { TransferErrorCode } from '../../src/domain/transfer-error';
import type {
  ListPage,
  ObjectHead,
  ObjectStore,
  OpenUpload,
  PutRequest,
  RangeBody,
  RangeRequest,
  StoredPart,
} from '../../src/transfer/object-store';
import { RequestDesk, type Requests } from './memory-requests';
import {
  checksumOf,
  headOf,
  listPage,
  md5,
  multipartEtag,
  NOTHING_MORE,
  storedPart,
  type ObjectExtras,
  type StoredObject,
  type Upload,
} from './stored-object';

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

export class MemoryStore extends RequestDesk implements ObjectStore {
  readonly ordered: boolean;
  readonly objects = new Map<string, StoredObject>();
  readonly uploads = new Map<string, Upload>();
  /** Bodies of reads that were opened, and neither read to their end nor left. */
  openBodies = 0;
  private readonly versions = new Map<string, StoredObject>();
  private readonly options: Required<Omit<MemoryStoreOptions, 'bucket' | 'order'>> & {
    readonly order: 'utf8' | 'directory';
  };
  private serial = 0;

  constructor(options: MemoryStoreOptions = {}) {
    const { bucket = 'memory', ...rest } = options;
    super(bucket);
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
    return this.answer('list', request, () => listPage(this.objects, request, this.options));
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

  private headOf({ key, partNumber }: Requests['head']['asks']): ObjectHead | undefined {
    const object = this.objects.get(key);
    if (object === undefined) return undefined;
    if (partNumber === undefined || !this.options.knowsPartNumbers) return headOf(object);
    const size = (object.partSizes ?? [object.body.length])[partNumber - 1];
    if (size === undefined) throw this.error('SourceChanged', key);
    return headOf(object, size);
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
      await Promise.resolve();
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

  private uploadOf({ key, uploadId }: { key: string; uploadId: string }): Upload {
    const upload = this.uploads.get(uploadId);
    if (upload?.key !== key) throw this.error('NoSuchUpload', key);
    return upload;
  }

  private assertChecksum(key: string, body: Buffer, said: number, code: TransferErrorCode): void {
    if (crc32(body) !== said) throw this.error(code, key);
  }
}
