/** A store whose objects are zeros without end: it plays the giants, and keeps of each part its size and its checksum alone. */
import { crc32 } from 'node:zlib';
import { CrcCombiner, EMPTY_CRC } from '../../src/domain/crc';
import { MiB } from '../../src/domain/sizes';
import { TransferError } from '../../src/domain/transfer-error';
import { combineParts, encodeCrc } from '../../src/transfer/checksummer';
import type {
  IncomingBytes,
  CompleteRequest,
  ObjectHead,
  ObjectHeaders,
  ObjectStore,
  PutRequest,
  RangeBody,
  RangeRequest,
  RequestBody,
  StoredPart,
  UploadRef,
} from '../../src/transfer/object-store';

const PIECE = Buffer.alloc(256 * 1024);
const NO_HEADERS: ObjectHeaders = { metadata: {} };

/** The CRC-32 of so many zeros, as S3 writes it. */
export function crcOfZeros(length: number): string {
  const combiner = new CrcCombiner('CRC32');
  const mebibyte = BigInt(crc32(Buffer.alloc(MiB)));
  let whole = EMPTY_CRC;
  for (let left = length; left >= MiB; left -= MiB) whole = combiner.combine(whole, mebibyte, MiB);
  const rest = length % MiB;
  return encodeCrc('CRC32', combiner.combine(whole, BigInt(crc32(Buffer.alloc(rest))), rest));
}

interface Kept {
  readonly size: number;
  readonly etag: string;
  readonly headers: ObjectHeaders;
  readonly checksum?: string;
}

export class SyntheticStore implements ObjectStore {
  readonly ordered = true;
  readonly keepsDots = true;
  readonly objects = new Map<string, Kept>();
  readonly parts = new Map<number, StoredPart>();
  /** Bytes that were read, and that were sent. */
  moved = { read: 0, sent: 0 };
  private headers: ObjectHeaders = NO_HEADERS;

  constructor(readonly bucket: string) {}

  async checkBucket(): Promise<void> {
    // It is always there.
  }

  list() {
    return Promise.resolve({ objects: [] });
  }

  head({ key }: { key: string }): Promise<ObjectHead | undefined> {
    const object = this.objects.get(key);
    if (object === undefined) return Promise.resolve(undefined);
    const checksums = object.checksum === undefined ? [] : [{ algorithm: 'CRC32', value: object.checksum }];
    return Promise.resolve({ ...object, checksums, lastModified: 0, customerKey: false, tagCount: 0 });
  }

  read({ key, offset, length, whole }: RangeRequest): Promise<RangeBody> {
    const { size = 0, etag = '' } = this.objects.get(key) ?? {};
    this.moved.read += length;
    const body: IncomingBytes = {
      async pour(take) {
        for (let left = length; left > 0; left -= PIECE.length) {
          await Promise.resolve();
          take(PIECE.subarray(0, left));
        }
      },
      leave: () => undefined,
    };
    const range = whole ? {} : { range: { first: offset, last: offset + length - 1, size } };
    return Promise.resolve({ etag, headers: NO_HEADERS, checksums: [], body, ...range });
  }

  async put({ key, body, headers }: PutRequest): Promise<{ etag: string }> {
    const { checksum, length } = await this.receive(body);
    this.objects.set(key, { size: length, etag: 'put', headers, checksum });
    return { etag: 'put' };
  }

  tags() {
    return Promise.resolve({});
  }

  createUpload({ headers }: { headers: ObjectHeaders }): Promise<{ uploadId: string }> {
    this.headers = headers;
    return Promise.resolve({ uploadId: 'upload-1' });
  }

  async uploadPart({ number, body }: UploadRef & { number: number; body: RequestBody }): Promise<{ etag: string }> {
    const { checksum, length } = await this.receive(body);
    this.keepPart(number, length, checksum);
    return { etag: `part-${number}` };
  }

  keepPart(number: number, size: number, checksum: string): void {
    this.parts.set(number, { number, size, etag: `part-${number}`, checksum: { algorithm: 'CRC32', value: checksum } });
  }

  async *listParts(): AsyncGenerator<StoredPart> {
    await Promise.resolve();
    yield* [...this.parts.values()].sort((a, b) => a.number - b.number);
  }

  completeUpload({ key, parts, size, checksum }: CompleteRequest): Promise<{ etag: string }> {
    const total = parts.reduce((sum, part) => sum + part.size, 0);
    const summed = parts.map((part) => ({ length: part.size, checksum: part.checksum?.value }));
    const whole = combineParts('CRC32', summed)?.value;
    if (total !== size || (checksum !== undefined && checksum.value !== whole)) throw this.error('ProofFailed');
    this.objects.set(key, { size, etag: 'assembled', headers: this.headers, ...(whole ? { checksum: whole } : {}) });
    return Promise.resolve({ etag: 'assembled' });
  }

  async abortUpload(): Promise<void> {
    // None is left: see `listUploads`.
  }

  async delete(): Promise<void> {
    // Nobody deletes giants.
  }

  listUploads() {
    return Promise.resolve([]);
  }

  private async receive({ pieces, length, checksum }: RequestBody): Promise<{ length: number; checksum: string }> {
    let sum = 0;
    let received = 0;
    for await (const piece of pieces) {
      sum = crc32(piece, sum);
      received += piece.length;
    }
    this.moved.sent += received;
    const value = encodeCrc('CRC32', BigInt(sum));
    if (received !== length || (checksum.value !== undefined && checksum.value !== value)) throw this.error('TornRead');
    return { length, checksum: value };
  }

  private error(code: 'ProofFailed' | 'TornRead'): TransferError {
    return new TransferError(code, `${this.bucket} answered ${code}`, { bucket: this.bucket });
  }
}
