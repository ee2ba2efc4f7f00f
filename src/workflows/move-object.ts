/** Moves the parts of an open upload by either compute, and seals it: what a compute did is read from the store, never from its answer. */
import { condition, workflowInfo } from '@temporalio/workflow';
import type { CrcChecksum } from '../domain/checksum';
import type { CopyReason } from '../domain/copy-decision';
import type { CopyTask } from '../domain/copy-task';
import type { Transfer } from '../domain/transfer';
import { copyParts, runBatchJob, sealTransfer } from './activity-proxies';
import { fail, failureOf, type Failure } from './failure';
import type { Refusals } from './refusals';
import type { TransferObjectInput } from './transfer-object';
import { untilHeld } from './until-held';

/** Rounds in a row after which no more parts stood in the store than before. */
const MAX_BARREN_ROUNDS = 3;

type Sealed = Extract<Awaited<ReturnType<typeof sealTransfer>>, { readonly kind: 'sealed' }>;

export interface MoveContext {
  readonly input: TransferObjectInput;
  readonly held: () => boolean;
  readonly refusals: Refusals;
}

/** Returns when the object stands in the target; `replaced`: another version stands in the source by now. */
export async function moveAndSeal(
  { task, reason }: { readonly task: CopyTask; readonly reason: CopyReason },
  { input, held, refusals }: MoveContext,
): Promise<Sealed> {
  const { transfer, run, object } = input;
  const { route } = object;
  let missing = Infinity;
  let barren = 0;
  let onDemand = false;
  for (;;) {
    const moved = await refusals.outlast(async () => {
      await condition(() => !held());
      return untilHeld<Moved>(
        held,
        () => (route === 'batch' ? byBatch({ task, transfer, onDemand }) : copyParts(task)),
        () => ({ state: 'stopped' }),
      );
    });
    if (moved.state === 'stopped') continue;
    if (moved.toOnDemand === true) onDemand = true;
    const checksum = moved.checksum === undefined ? {} : { checksum: moved.checksum };
    const seal = { task, reason, route, since: workflowInfo().startTime.getTime(), ...checksum };
    const sealed = await refusals.outlast(() => sealTransfer({ transfer, run, object, seal }));
    if (sealed.kind === 'sealed') return sealed;
    if (sealed.missing < missing) barren = 0;
    else if (moved.reclaimed !== true) barren += 1;
    ({ missing } = sealed);
    if (barren >= MAX_BARREN_ROUNDS) {
      const why = moved.failure?.message ?? `${missing} of ${sealed.parts} parts are still missing`;
      fail({
        code: moved.failure?.code ?? 'NoProgress',
        message: `${barren} rounds in a row have added no part: ${why}`,
      });
    }
  }
}

interface Moved {
  readonly state: 'complete' | 'stopped' | 'over';
  readonly checksum?: CrcChecksum;
  readonly failure?: Failure;
  /** Spot has no room for it, or has taken its hosts away too often: nothing is wrong with it. */
  readonly reclaimed?: boolean;
  readonly toOnDemand?: boolean;
}

/** A job that failed may still have stored parts: the store decides what its failure means. */
async function byBatch(input: { task: CopyTask; transfer: Transfer; onDemand: boolean }): Promise<Moved> {
  try {
    const { state, end } = await runBatchJob(input);
    const reclaimed = end === 'reclaimed' || end === 'noRoom';
    const toOnDemand = input.transfer.batch?.onDemandQueue !== undefined && (reclaimed || end === 'interrupted');
    return { state, reclaimed, toOnDemand };
  } catch (error) {
    const failure = failureOf(error);
    if (failure?.code !== 'JobFailed') throw error;
    return { state: 'over', failure };
  }
}
