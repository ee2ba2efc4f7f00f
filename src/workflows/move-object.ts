/** Moves the parts of an open upload by either compute, and seals it: what a compute did is read from the store, never from its answer. */
import { workflowInfo } from '@temporalio/workflow';
import type { CrcChecksum } from '../domain/checksum';
import type { CopyReason } from '../domain/copy-decision';
import type { CopyTask } from '../domain/copy-task';
import { copyParts, sealTransfer } from './activity-proxies';
import { fail } from './failure';
import type { Moved } from './move-by-batch';
import type { LifeContext, ObjectInput } from './object-life';
import { untilHeld, untilReleased } from './until-held';

/** Rounds in a row after which no more parts stood in the store than before. */
const MAX_BARREN_ROUNDS = 3;

type Sealed = Extract<Awaited<ReturnType<typeof sealTransfer>>, { readonly kind: 'sealed' }>;

/** By either compute. */
type Copied = Omit<Moved, 'state'> & {
  readonly state: 'complete' | 'stopped' | 'over';
  readonly checksum?: CrcChecksum;
};

export interface MoveContext extends Pick<LifeContext, 'refusals' | 'byBatch'> {
  readonly input: ObjectInput;
  readonly held: () => boolean;
}

/** Returns when the object stands in the target; `replaced`: another version stands in the source by now. */
export async function moveAndSeal(
  { task, reason }: { readonly task: CopyTask; readonly reason: CopyReason },
  { input, held, refusals, byBatch }: MoveContext,
): Promise<Sealed> {
  const { transfer, run, object } = input;
  const { route } = object;
  let missing = Infinity;
  let barren = 0;
  let onDemand = false;
  for (;;) {
    const moved = await refusals.outlast(async (): Promise<Copied> => {
      await untilReleased(held);
      if (route === 'batch') return byBatch.move({ task, held, onDemand, alone: barren > 0 });
      return untilHeld<Copied>(
        held,
        () => copyParts(task),
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
