/** A dry run of the deletes: what a run would find to delete now. Reads only. */
import { addKept, type DeleteSet, type KeptCounts } from '../domain/deletes';
import { sourceKeyOf, type DeleteSpec, type Transfer } from '../domain/transfer';
import { deleteCandidates, openStores } from './delete-candidates';
import { digestOf, NO_DIGEST } from './delete-lists';
import type { Engine } from './engine';

export interface DeletePlan extends DeleteSet {
  readonly max: number;
  /** Then nothing is deleted unless somebody approves it. */
  readonly aboveMax: boolean;
  /** The first of them. */
  readonly sample: readonly {
    readonly key: string;
    readonly targetKey: string;
    readonly etag: string;
    readonly size: number;
  }[];
  readonly kept: KeptCounts;
}

const SAMPLE = 20;

export async function planDeletes(
  transfer: Transfer,
  { max }: DeleteSpec,
  engine: Pick<Engine, 'openStore'>,
  onProgress: (walked: number) => void = () => undefined,
): Promise<DeletePlan> {
  const sample: DeletePlan['sample'][number][] = [];
  let [count, walked, digest] = [0, 0, NO_DIGEST];
  let kept: KeptCounts = {};
  for await (const chunk of deleteCandidates(openStores(transfer, engine))) {
    for (const { key, etag, size } of chunk.candidates.slice(0, SAMPLE - sample.length)) {
      sample.push({ key: sourceKeyOf(transfer, key), targetKey: key, etag, size });
    }
    digest = digestOf(chunk.candidates, digest);
    count += chunk.candidates.length;
    kept = addKept(kept, chunk.kept);
    walked += chunk.walked;
    onProgress(walked);
  }
  return { count, digest, max, aboveMax: count > max, sample, kept };
}
