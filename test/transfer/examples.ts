/** What the tests of the engine begin with: a transfer between two stores in memory, and small things to put into them. */
import type { CopyTask } from '../../src/domain/copy-task';
import type { PartLayout } from '../../src/domain/copy-decision';
import type { BucketRef, Transfer } from '../../src/domain/transfer';
import { MiB } from '../../src/domain/sizes';
import type { TransferErrorCode } from '../../src/domain/transfer-error';
import { checksummer } from '../../src/aws/checksums';
import { BufferPool } from '../../src/transfer/buffer-pool';
import { ByteBudget } from '../../src/transfer/byte-budget';
import type { Engine } from '../../src/transfer/engine';
import { sourceHash } from '../../src/transfer/key-hash';
import type { RequestBody } from '../../src/transfer/object-store';
import { crcOfBytes } from '../support/crc';
import { MemoryStore } from '../support/memory-store';
import type { StoredObject } from '../support/stored-object';

export const SOURCE: BucketRef = {
  bucket: 'theirs',
  prefix: '',
  region: 'us-east-1',
  forcePathStyle: false,
  requesterPays: false,
  listing: 'auto',
  credentials: { kind: 'default' },
};

export function aTransfer(changes: Partial<Transfer> = {}): Transfer {
  return {
    name: 'acme-daily',
    source: SOURCE,
    target: { ...SOURCE, bucket: 'ours', prefix: 'acme/' },
    exclude: [],
    route: { batchFrom: 1_500_000_000, packBelow: 8 * MiB },
    filters: { minSize: 0, maxSize: Infinity, minAgeMs: 0 },
    limits: { lanes: 4, objectsPerLane: 16 },
    overwrite: 'always',
    metadata: { copy: true, tags: false },
    reports: { kind: 'bucket', prefix: '_ferry/reports/acme-daily/' },
    priority: 3,
    ...changes,
  };
}

export interface Stage {
  readonly source: MemoryStore;
  readonly target: MemoryStore;
}

/** In byte order listings alone decide most keys; where the target's order is not known, each key is looked at by HEAD. */
export function aStage(targetOrder: 'utf8' | 'directory' = 'utf8'): Stage {
  return {
    source: new MemoryStore({ bucket: 'theirs' }),
    target: new MemoryStore({ bucket: 'ours', order: targetOrder }),
  };
}

export function anEngine({ source, target }: Stage, changes: Partial<Engine> = {}): Engine {
  return {
    openStore: ({ bucket }) => (bucket === source.bucket ? source : target),
    checksummer,
    budget: new ByteBudget(64 * MiB),
    buffers: new BufferPool(),
    partConcurrency: 4,
    packConcurrency: 4,
    smallAtOnce: new ByteBudget(1_000),
    ...changes,
  };
}

/** Bytes that differ from place to place, so that a part at the wrong offset is seen. */
export function someBytes(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** The task for an object of the source; with a layout, its upload is open in the target. */
export function aTask({ target }: Stage, key: string, object: StoredObject, layout?: PartLayout): CopyTask {
  const { etag, body, versionId } = object;
  const task = {
    source: SOURCE,
    target: aTransfer().target,
    pinned: { key, etag, size: body.length, ...(versionId === undefined ? {} : { versionId }) },
    targetKey: `acme/${key}`,
    checksum: { algorithm: 'CRC32' as const, ...valueOf(object) },
    run: 'run-1',
    copyMetadata: true,
    copyTags: false,
  };
  if (layout === undefined) {
    return { ...task, plan: { kind: 'put', size: body.length, layout: [[body.length, 1]], mirrored: true } };
  }
  const uploadId = target.seedUpload(task.targetKey, Date.now());
  return { ...task, uploadId, plan: { kind: 'multipart', size: body.length, layout, mirrored: true } };
}

function valueOf({ checksums }: StoredObject): { readonly value?: string } {
  const kept = checksums.find(({ algorithm }) => algorithm === 'CRC32');
  return kept === undefined ? {} : { value: kept.value };
}

/** A body in memory, as the engine would send it. */
export function aBody(bytes: Buffer): RequestBody {
  return { length: bytes.length, pieces: [bytes], checksum: crcOfBytes(bytes) };
}

/** The record of `run` beside a copy of `source`, as metadata; with the key of the source, as 0.1.0 did not write it. */
export function recordOf(source: { readonly etag: string }, run = 'run-1', key?: string) {
  const named = key === undefined ? {} : { 'ferry-source': sourceHash(SOURCE.bucket, key) };
  return { headers: { metadata: { 'ferry-source-etag': source.etag, 'ferry-run': run, ...named } } };
}

export function failingWith(code: TransferErrorCode) {
  return expect.objectContaining({ name: 'TransferError', code }) as unknown;
}

/** Retries wait for no time at all: the jitter's draw is always the shortest. */
export function withoutWaiting(): void {
  beforeEach(() => void jest.spyOn(Math, 'random').mockReturnValue(0));
  afterEach(() => void jest.restoreAllMocks());
}
