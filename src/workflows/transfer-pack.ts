/** Many small objects in one child: one activity over one key range, run again for what a hold has left. */
import { condition, setHandler } from '@temporalio/workflow';
import { addCounters, NO_COUNTERS, type Counters } from '../domain/counters';
import { holdsEverything, type Holds } from '../domain/holds';
import type { Transfer } from '../domain/transfer';
import type { DeferredRange, KeyRange, ObjectSpec, PackRequest, PackResult, PackSpec, RunInfo } from '../domain/work';
import { copyPack } from './activity-proxies';
import { holdsSignal } from './messages';
import { untilHeld } from './until-held';

export interface TransferPackInput {
  readonly transfer: Transfer;
  readonly run: RunInfo;
  readonly pack: PackSpec;
  readonly force: boolean;
  readonly holds: Holds;
}

export interface TransferPackResult {
  readonly counters: Counters;
  /** For the lane: keys that have grown too large, and stretches that were held. */
  readonly grown: readonly ObjectSpec[];
  readonly deferred: readonly DeferredRange[];
}

export async function transferPack({
  transfer,
  run,
  pack,
  force,
  ...input
}: TransferPackInput): Promise<TransferPackResult> {
  let { holds } = input;
  setHandler(holdsSignal, (next) => void (holds = next));
  let counters = NO_COUNTERS;
  const grown: ObjectSpec[] = [];
  const deferred: DeferredRange[] = [];
  let range: KeyRange | undefined = pack.range;
  for (let sequence = 1; range !== undefined; sequence++) {
    await condition(() => !holdsEverything(holds));
    const known = holds;
    const passed = deferred.map(({ hold }) => hold);
    const request: PackRequest = { transfer, run, pack: pack.id, sequence, range, force, holds: known, passed };
    const result: PackResult = await untilHeld(
      () => holds.some((hold) => !known.includes(hold)),
      () => copyPack(request),
      () => ({ next: request.range, deferred: [], counters: NO_COUNTERS, grown: [] }),
    );
    counters = addCounters(counters, result.counters);
    grown.push(...result.grown);
    deferred.push(...result.deferred);
    range = result.next;
  }
  return { counters, grown, deferred };
}
