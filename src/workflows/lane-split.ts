/** A lane shares what is left to list: its run has other lanes take over all but the first part. */
import { isCancellation, log } from '@temporalio/workflow';
import type { Transfer } from '../domain/transfer';
import type { KeyRange } from '../domain/work';
import { splitRange } from './activity-proxies';
import { failureOf } from './failure';
import type { LaneStretch } from './lane-state';
import { laneSplitSignal } from './messages';
import { tellParent } from './tell-parent';

export interface SplitOrder {
  readonly transfer: Transfer;
  readonly lane: string;
  /** Lanes in all. */
  readonly pieces: number;
}

/** What the lane keeps. The run is told in any case, as it waits; what it has not taken stays with the lane. */
export async function handOn(stretch: LaneStretch | undefined, order: SplitOrder): Promise<LaneStretch | undefined> {
  const [first, ...others] = stretch === undefined ? [] : await piecesOf(stretch.range, order);
  const stretches = others.map((range) => ({ ...stretch, range }));
  const taken = await tellParent(laneSplitSignal, { lane: order.lane, stretches });
  return taken && first !== undefined ? { ...stretch, range: first } : stretch;
}

/** That it cannot be split is no reason not to scan it. */
async function piecesOf(range: KeyRange, { transfer, lane, pieces }: SplitOrder): Promise<readonly KeyRange[]> {
  try {
    return await splitRange({ transfer, range, pieces });
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn('What is left to list could not be split', { lane, failure: failureOf(error)?.code });
    return [];
  }
}
