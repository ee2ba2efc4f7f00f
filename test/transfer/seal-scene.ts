/** An object whose parts have been moved, and whose sealing is tried. */
import type { PartLayout } from '../../src/domain/copy-decision';
import { copyParts } from '../../src/transfer/copy-parts';
import { sealTransfer, type SealRequest } from '../../src/transfer/seal-transfer';
import { MemoryStore, type MemoryStoreOptions } from '../support/memory-store';
import type { ObjectExtras } from '../support/stored-object';
import { aStage, anEngine, aTask, recordOf, someBytes } from './examples';

const LAYOUT: PartLayout = [
  [1_000, 3],
  [17, 1],
];
export const bytes = someBytes(3_017);
const pieces = [
  bytes.subarray(0, 1_000),
  bytes.subarray(1_000, 2_000),
  bytes.subarray(2_000, 3_000),
  bytes.subarray(3_000),
];

export interface SceneOptions {
  readonly target?: MemoryStoreOptions;
  readonly source?: ObjectExtras;
  /** The source is one piece, so that the ETags cannot come out equal. */
  readonly whole?: boolean;
  readonly moved?: boolean;
}

/** An object whose parts have been moved. */
export async function scene({ target = {}, source = {}, whole = false, moved = true }: SceneOptions = {}) {
  const stage = {
    source: aStage().source,
    target: new MemoryStore({ bucket: 'ours', minPartBytes: 1_000, ...target }),
  };
  const object = whole ? stage.source.seed('k', bytes, source) : stage.source.seedParts('k', pieces, source);
  const task = aTask(stage, 'k', object, LAYOUT);
  const upload = stage.target.uploads.get(task.uploadId ?? '');
  if (upload === undefined) throw new Error('there is no upload');
  stage.target.uploads.set(task.uploadId ?? '', { ...upload, ...recordOf(object) });
  const engine = anEngine(stage);
  const seal = (changes: Partial<SealRequest> = {}) =>
    sealTransfer({ task, reason: 'missing', route: 'worker', since: 0, ...changes }, engine);
  if (moved) await copyParts(task, engine);
  return { ...stage, stage, object, task, upload, engine, seal, there: () => stage.target.objects.get('acme/k') };
}
