/** Runs that propagate deletes, of two objects at most without being asked. */
import { type Activities, type ActivityName } from './examples';
import type { Play, Stage } from './stage';

export const HOUR_MS = 3_600_000;

/** What is found is deleted, but for what `activities` change. */
export function playDeletes(
  stage: Pick<Stage, 'play'>,
  activities: Partial<Activities> = {},
  approveWithinMs = HOUR_MS,
): Play {
  const deleteObjects: Activities['deleteObjects'] = ({ digest }) =>
    deletedAll(Number(digest.replace('digest of ', '')));
  return stage.play({ deleteObjects, ...activities }, { deletes: { max: 2, approveWithinMs } });
}

export const deletedAll = (deleted: number) => ({ complete: true, deleted, failed: 0, kept: {} });

const TOLD: readonly ActivityName[] = ['scanRange', 'findDeletes', 'deleteObjects', 'finishRun'];

/** What was done of lanes and deletes, in its order. */
export const order = ({ log }: Play) =>
  log.map(({ activity }) => activity).filter((activity) => TOLD.includes(activity));

export const lanes = (play: Play) => play.calls('findDeletes').map(({ lane }) => lane);

export const summaryOf = (play: Play) => play.calls('finishRun').at(-1)?.summary;
