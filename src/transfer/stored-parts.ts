/** The parts of an upload that the store holds and the plan can use: ListParts is the truth about them. */
import { partsOf, type PartPlan } from '../domain/part-plan';
import type { ObjectStore, StoredPart, UploadRef } from './object-store';
import { retrying } from './retry';

/**
 * By number, in the order of the plan; a part of another length is none. A part that two processes have sent stands once
 * here, though SeaweedFS lists it twice (docs/stores.md). Rejects with `NoSuchUpload`.
 */
export async function storedParts(
  target: ObjectStore,
  upload: UploadRef,
  plan: PartPlan,
): Promise<ReadonlyMap<number, StoredPart>> {
  return retrying(async () => {
    const planned = new Map([...partsOf(plan)].map(({ number, length }) => [number, length]));
    const fit = new Map<number, StoredPart>();
    for await (const part of target.listParts(upload)) {
      if (planned.get(part.number) === part.size) fit.set(part.number, part);
    }
    return new Map([...fit].sort(([a], [b]) => a - b));
  });
}
