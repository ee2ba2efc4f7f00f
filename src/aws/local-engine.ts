/** The engine of a process: stores from the cloud, and one byte budget for all its copies. */
import { MiB } from '../domain/sizes';
import { BufferPool } from '../transfer/buffer-pool';
import { ByteBudget } from '../transfer/byte-budget';
import type { Engine } from '../transfer/engine';
import { checksummer } from './checksums';
import type { Cloud } from './cloud';

export interface LocalEngineOptions {
  readonly memoryBytes?: number;
  readonly partConcurrency: number;
}

/** A worker has many copies at once; a job has one, and its memory is paid for by the MiB. */
const DEFAULT_MEMORY = { worker: 512 * MiB, job: 128 * MiB } as const;
/**
 * Of a worker that is not small: a quarter is left to transfers that hold little of it. At less, each part in flight counts
 * for more than that; and a job copies for one transfer alone.
 */
const RESERVED = { from: 256 * MiB, share: 1 / 4 } as const;
/** At 100 ms a request one pack alone then moves a thousand objects a second; bytes are the budget's affair, requests the pace's. */
const PACK_CONCURRENCY = 256;
/** More go no faster: at 100 ms a request they are thousands a second, beyond what one core does. */
const SMALL_AT_ONCE = 512;

export function localEngine(
  cloud: Cloud,
  { memoryBytes, partConcurrency }: LocalEngineOptions,
  kind: keyof typeof DEFAULT_MEMORY = 'worker',
): Engine {
  const memory = memoryBytes ?? DEFAULT_MEMORY[kind];
  const shares = kind === 'worker' && memory >= RESERVED.from;
  return {
    openStore: cloud.openStore,
    checksummer,
    budget: new ByteBudget(memory, shares ? memory * RESERVED.share : 0),
    buffers: new BufferPool(),
    partConcurrency,
    packConcurrency: PACK_CONCURRENCY,
    smallAtOnce: new ByteBudget(SMALL_AT_ONCE, SMALL_AT_ONCE * RESERVED.share),
  };
}
