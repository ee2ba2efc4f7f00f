/** An `ObjectStore` over Maps that keeps S3's rules: what the engine may rely on, and what it must survive. */
import { createHash } from 'node:crypto';
import type { CrcChecksum } from '../../src/domain/checksum';
import type { TransferErrorCode } from '../../src/domain/transfer-error';
import type {
  IncomingBytes,
  ListPage,
  ObjectHead,
  ObjectStore,
  OpenUpload,
  PutRequest,
  RangeBody,
  RangeRequest,
  RequestBody,
  StoredPart,
  WriteCondition,
} from '../../src/transfer/object-store';
import { crcOfBytes } from './crc';
import { assemble } from './assemble';
import { MEMORY_DEFAULTS, type MemoryStoreOptions } from './memory-options';
import { receive } from './receive';
import { RequestDesk, type Requests } from './memory-requests';
import {
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

export type { MemoryStoreOptions };

export class MemoryStore extends RequestDesk implements ObjectStore {
  readonly ordered: boolean;
  readonly keepsDots: boolean;
  readonly objects = new Map<string, StoredObject>();
  readonly uploads = new Map<string, Upload>();
  /** Bodies of reads that were opened, and neither read to their end nor left. */
  openBodies = 0;
  private readonly versions = new Map<string, StoredObject>();
  private readonly options: Required<Omit<MemoryStoreOptions, 'bucket'>>;
  private serial = 0;

  constructor(options: MemoryStoreOptions = {}) {
    const { bucket = 'memory', ...rest } = options;
    super(bucket);
    this.options = { ...MEMORY_DEFAULTS, ...rest };
    this.ordered = this.options.order === 'utf8';
    this.keepsDots = this.options.keepsDots;
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
    const upload: Upload = {
      key,
      algorithm: 'CRC32',
      initiated,
      headers: { metadata: {} },
      tags: {},
      parts: new Map(),
    };
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
    return this.answer('put', request, async () => {
      const { key, headers, tags = {}, condition } = request;
      const { body, checksum } = await this.received(key, request.body);
      this.assertCondition(key, condition);
      const etag = this.options.kms ? this.opaqueEtag(body) : md5(body).toString('hex');
      return this.keep(key, {
        body,
        etag,
        ...NOTHING_MORE,
        headers,
        tags,
        checksums: [checksum],
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
      const { key, headers, tags = {}, algorithm } = request;
      const uploadId = `upload-${(this.serial += 1)}`;
      this.uploads.set(uploadId, { key, algorithm, headers, tags, initiated: this.options.now(), parts: new Map() });
      return { uploadId };
    });
  }

  uploadPart(request: Requests['uploadPart']['asks']): Promise<{ etag: string }> {
    return this.answer('uploadPart', request, async () => {
      const { key, number } = request;
      const upload = this.uploadOf(request);
      if (number < 1 || number > 10_000) throw this.error('BadRequest', key);
      if (request.body.checksum.algorithm !== upload.algorithm) throw this.error('BadRequest', key);
      const { body } = await this.received(key, request.body);
      const part = storedPart(number, body, upload.algorithm);
      upload.parts.set(number, part);
      return { etag: part.etag };
    });
  }

  async *listParts(request: Requests['listParts']['asks']): AsyncGenerator<StoredPart> {
    yield* await this.answer('listParts', request, () => {
      const parts = [...this.uploadOf(request).parts.values()].sort((a, b) => a.number - b.number);
      return parts.map(({ body: _body, checksum, ...part }) =>
        this.options.showsPartChecksums && checksum !== undefined ? { ...part, checksum } : part,
      );
    });
  }

  completeUpload(request: Requests['completeUpload']['asks']): Promise<{ etag: string }> {
    return this.answer('completeUpload', request, () => this.complete(request));
  }

  abortUpload(request: Requests['abortUpload']['asks']): Promise<void> {
    return this.answer('abortUpload', request, () => void this.uploads.delete(request.uploadId));
  }

  delete(request: Requests['delete']['asks']): Promise<void> {
    return this.answer('delete', request, () => {
      const { key, etag } = request;
      if (this.objects.has(key)) this.assertCondition(key, { etag });
      this.objects.delete(key);
    });
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

  private readOf({ key, offset, length, etag, versionId, whole }: RangeRequest): RangeBody {
    const object = versionId === undefined ? this.objects.get(key) : this.versions.get(versionId);
    if (object === undefined) throw this.error('SourceGone', key);
    if (object.etag !== etag) throw this.error('SourceChanged', key);
    if (object.storageClass === 'GLACIER' && object.restore === undefined) throw this.error('Archived', key);
    const { body, headers } = object;
    if (!whole && offset >= body.length) throw this.error('SourceChanged', key);
    const bytes = whole ? body : body.subarray(offset, offset + length);
    return {
      etag: object.etag,
      headers,
      body: this.pieces(bytes),
      checksums: whole ? object.checksums : [],
      ...(whole ? {} : { range: { first: offset, last: offset + bytes.length - 1, size: body.length } }),
    };
  }

  /** A body holds its connection from the answer on, as a socket does, until it is read or left. */
  private pieces(bytes: Buffer): IncomingBytes {
    this.openBodies += 1;
    const { pieceBytes } = this.options;
    const leave = () => void (this.openBodies -= 1);
    return {
      leave,
      async pour(take) {
        await Promise.resolve();
        // As of a socket, whose buffer is used again.
        const piece = Buffer.alloc(pieceBytes);
        try {
          for (let at = 0; at < bytes.length; at += pieceBytes)
            take(piece.subarray(0, bytes.copy(piece, 0, at, at + pieceBytes)));
        } finally {
          leave();
        }
      },
    };
  }

  private complete(request: Requests['completeUpload']['asks']): { etag: string } {
    const { key, uploadId, parts, size, checksum, condition } = request;
    const upload = this.uploadOf({ key, uploadId });
    this.assertCondition(key, condition);
    const assembled = assemble(upload, parts, size, this.options.minPartBytes);
    if ('refused' in assembled) throw this.error(assembled.refused, key);
    const { body, bodies } = assembled;
    if (checksum !== undefined) this.assertChecksum(key, body, checksum, 'ProofFailed');
    const { headers, tags } = upload;
    const etag = this.options.kms ? this.opaqueEtag(body, bodies.length) : multipartEtag(bodies);
    const partSizes = bodies.map(({ length }) => length);
    this.uploads.delete(uploadId);
    const checksums = checksum === undefined ? [] : [checksum];
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

  private async received(key: string, sent: RequestBody): Promise<{ body: Buffer; checksum: CrcChecksum }> {
    const received = await receive(sent);
    if (received === undefined) throw this.error('TornRead', key);
    return received;
  }

  private assertCondition(key: string, condition: WriteCondition | undefined): void {
    if (condition === undefined) return;
    const there = this.objects.get(key)?.etag;
    const holds = 'etag' in condition ? there === condition.etag : there === undefined;
    if (!holds) throw this.error('PreconditionFailed', key);
  }

  private assertChecksum(key: string, body: Buffer, said: CrcChecksum, code: TransferErrorCode): void {
    if (crcOfBytes(body, said.algorithm).value !== said.value) throw this.error(code, key);
  }
}
