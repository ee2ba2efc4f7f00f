/** The engine of a process: stores from the cloud, and one byte budget for all its copies. */
import { ByteBudget } from '../transfer/byte-budget';
import type { Engine } from '../transfer/engine';
import type { Cloud } from './cloud';

export interface LocalEngineOptions {
  readonly memoryBytes: number;
  readonly partConcurrency: number;
}

const PACK_CONCURRENCY = 32;

export function localEngine(cloud: Cloud, { memoryBytes, partConcurrency }: LocalEngineOptions): Engine {
  return {
    openStore: cloud.openStore,
    budget: new ByteBudget(memoryBytes),
    partConcurrency,
    packConcurrency: PACK_CONCURRENCY,
  };
}
