/** What the compute that moves bytes is told, be it a worker or a Batch job: plain JSON, credentials by name, parts as a rule. */
import type { TransferLimit } from './bandwidth';
import type { CrcAlgorithm } from './checksum';
import type { PartPlan } from './part-plan';
import type { BucketRef, TargetRef, Transfer } from './transfer';

/** One version of one source object; every read of it is pinned to `etag`, and to `versionId` where the store shows one. */
export interface PinnedSource {
  readonly key: string;
  readonly etag: string;
  readonly versionId?: string;
  readonly size: number;
}

export interface CopyTask {
  /** Absent in a task that was written before there were limits. */
  readonly limit?: TransferLimit;
  readonly source: BucketRef;
  readonly target: TargetRef;
  readonly pinned: PinnedSource;
  readonly targetKey: string;
  /** Absent for a plan of the kind `put`. */
  readonly uploadId?: string;
  readonly plan: PartPlan;
  /** Of every part and of the whole; with the value that the source's store keeps for the whole, where it keeps one. */
  readonly checksum: { readonly algorithm: CrcAlgorithm; readonly value?: string };
  /** The ETag of what the copy replaces; absent: nothing stood there when it was opened. */
  readonly replaces?: string;
  /** Kept beside the object in the target. */
  readonly run: string;
  readonly copyMetadata: boolean;
  readonly copyTags: boolean;
}

/** Of what is not in the target yet, and whose store keeps no checksum that is known. */
export function taskOf(transfer: Transfer, what: Pick<CopyTask, 'run' | 'targetKey' | 'pinned' | 'plan'>): CopyTask {
  const { source, target, metadata } = transfer;
  return {
    limit: limitOf(transfer),
    source,
    target,
    ...what,
    checksum: { algorithm: 'CRC32' },
    copyMetadata: metadata.copy,
    copyTags: metadata.tags,
  };
}

export function limitOf({ name, limits: { bandwidth } }: Transfer): TransferLimit {
  return { transfer: name, ...(bandwidth === undefined ? {} : { bandwidth }) };
}

/** How far an upload has come. */
export interface PartsProgress {
  readonly parts: number;
  readonly bytes: number;
}

/** Who a copy is for: the transfers of a process take turns for what they share. */
export function ownerOf({ target: { bucket, prefix } }: CopyTask): string {
  return `${bucket}/${prefix}`;
}
