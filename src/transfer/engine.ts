/** What the engine needs of the process it runs in: stores by reference, and the memory and the requests it may use. */
import type { BucketRef, TargetRef } from '../domain/transfer';
import type { CrcAlgorithm } from '../domain/checksum';
import type { Bandwidth } from './bandwidth';
import type { BufferPool } from './buffer-pool';
import type { ByteBudget } from './byte-budget';
import type { Checksummer } from './checksummer';
import type { ObjectStore } from './object-store';

export interface Engine {
  /** Opening costs nothing; the same reference gives a store that shares connections and credentials. */
  openStore(bucket: BucketRef | TargetRef): ObjectStore;
  checksummer(algorithm: CrcAlgorithm): Checksummer;
  readonly budget: ByteBudget;
  readonly buffers: BufferPool;
  /** Parts of one object in flight at once. */
  readonly partConcurrency: number;
  /** Small objects of one pack in flight at once. */
  readonly packConcurrency: number;
  /**
   * Small objects of all packs in flight at once, each counted as 1. An object takes several requests one after another: if
   * all of fifty packs were begun, each would wait for all others before its second, and no pack would come to a checkpoint.
   */
  readonly smallAtOnce: ByteBudget;
  /** Absent: nobody limits it here. */
  readonly bandwidth?: Bandwidth;
}

/** `stop`: finish what is in flight, begin nothing new, and return. */
export interface MoveOptions {
  readonly stop?: AbortSignal;
}
