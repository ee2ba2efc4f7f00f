/**
 * Many objects in one child: small ones by one activity over one key range, run again for what a hold has left; large ones by
 * Batch jobs that they share.
 */
import { setHandler } from '@temporalio/workflow';
import { addCounters, NO_COUNTERS, type Counters } from '../domain/counters';
import { holdsEverything } from '../domain/holds';
import type { Transfer } from '../domain/transfer';
import type {
  DeferredRange,
  KeyRange,
  ObjectSpec,
  PackRequest,
  PackResult,
  PackSpec,
  RunInfo,
  SharedJobSpec,
} from '../domain/work';
import { copyPack } from './activity-proxies';
import { HeldBy, type HoldsWord } from './held-by';
import { holdsSignal } from './messages';
import type { LifeContext } from './object-life';
import { objectsSharingJobs, type SharedJobResult } from './objects-sharing-jobs';
import { refusalsOf } from './refusals';
import { untilHeld, untilReleased } from './until-held';

/** Either of them. */
export type PackedWork = { readonly pack: PackSpec } | { readonly job: SharedJobSpec };

export type TransferPackInput = PackedWork &
  HoldsWord & {
    readonly transfer: Transfer;
    readonly run: RunInfo;
    readonly force: boolean;
  };

export type TransferPackResult = RangeResult | SharedJobResult;

export interface RangeResult {
  readonly counters: Counters;
  /** For the lane: keys that have grown too large, keys that did not stand still, and stretches that were held. */
  readonly grown: readonly ObjectSpec[];
  readonly changing: readonly ObjectSpec[];
  readonly deferred: readonly DeferredRange[];
}

export async function transferPack(input: TransferPackInput): Promise<TransferPackResult> {
  const heldBy = new HeldBy(input);
  setHandler(holdsSignal, (holds, version) => void heldBy.take(holds, version));
  const holds = () => heldBy.holds;
  const context = { holds, refusals: refusalsOf(input.transfer, holds) };
  return 'job' in input ? objectsSharingJobs(input, context) : copyRange(input, context);
}

async function copyRange(
  { transfer, run, pack, force }: Extract<TransferPackInput, { readonly pack: PackSpec }>,
  { holds, refusals }: Pick<LifeContext, 'holds' | 'refusals'>,
): Promise<RangeResult> {
  let counters = NO_COUNTERS;
  const grown: ObjectSpec[] = [];
  const changing: ObjectSpec[] = [];
  const deferred: DeferredRange[] = [];
  let range: KeyRange | undefined = pack.range;
  let sequence = 0;
  /** Names a segment of the report, and begins with the holds, of its own at each try. */
  const copy = async (from: KeyRange): Promise<PackResult> => {
    await untilReleased(() => holdsEverything(holds()));
    const known = holds();
    const passed = deferred.map(({ hold }) => hold);
    sequence += 1;
    const { id, group } = pack;
    const request: PackRequest = { transfer, run, pack: id, group, sequence, range: from, force, holds: known, passed };
    return untilHeld(
      () => holds().some((hold) => !known.includes(hold)),
      () => copyPack(request),
      () => ({ next: from, deferred: [], counters: NO_COUNTERS, grown: [], changing: [] }),
    );
  };
  while (range !== undefined) {
    const from: KeyRange = range;
    const result = await refusals.outlast(() => copy(from));
    counters = addCounters(counters, result.counters);
    grown.push(...result.grown);
    changing.push(...result.changing);
    deferred.push(...result.deferred);
    range = result.next;
  }
  return { counters, grown, changing, deferred };
}
