/** One object in a workflow of its own. */
import { setHandler } from '@temporalio/workflow';
import { HeldBy, type HoldsWord } from './held-by';
import { holdsSignal } from './messages';
import { OwnJob } from './move-by-batch';
import { objectLife, type ObjectInput, type TransferObjectResult } from './object-life';
import { refusalsOf } from './refusals';

export interface TransferObjectInput extends ObjectInput, HoldsWord {}

export async function transferObject(input: TransferObjectInput): Promise<TransferObjectResult> {
  const { transfer } = input;
  const heldBy = new HeldBy(input);
  setHandler(holdsSignal, (holds, version) => void heldBy.take(holds, version));
  const holds = () => heldBy.holds;
  return objectLife(input, { holds, refusals: refusalsOf(transfer, holds), byBatch: new OwnJob(transfer) });
}
