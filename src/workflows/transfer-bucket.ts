/** One run of one transfer: preflight, lanes, reruns, holds, and the summary. Its id, `ferry-<name>`, forbids a second beside it. */
import { CancellationScope, condition, isCancellation, log, setHandler, workflowInfo } from '@temporalio/workflow';
import type { RunResult, RunSummary } from '../domain/run-result';
import type { RunScope, Transfer, TransferEntry } from '../domain/transfer';
import { endLeftovers, finishRun, preflight } from './activity-proxies';
import { DeletePhase } from './delete-phase';
import { failureOf } from './failure';
import {
  approveDeletesUpdate,
  credentialsRefusedSignal,
  laneProgressSignal,
  laneSplitSignal,
  limitSignal,
  pauseSignal,
  progressQuery,
  rerunSignal,
  resumeSignal,
} from './messages';
import { Parking } from './parking';
import { RunBoard } from './run-board';

/** One entry of `transfers` as JSON, with an optional scope: so it may be started from the Temporal UI too. */
export type TransferBucketInput = TransferEntry & { readonly run?: RunScope };

export async function transferBucket(input?: TransferBucketInput | null): Promise<RunResult> {
  // Whoever starts it by hand may leave the input out: the preflight says so.
  const { name = '', run = {} }: Partial<TransferBucketInput> = input ?? {};
  const board = new RunBoard(name, run);
  const parking = new Parking(name, (parked) => board.park(parked));
  const deletes = new DeletePhase(name, board, parking.own);
  setHandler(pauseSignal, (message) => board.pause(message));
  setHandler(resumeSignal, (message) => {
    board.resume(message);
    parking.resume(message);
  });
  setHandler(rerunSignal, (message) => board.rerun(message));
  setHandler(limitSignal, (message) => board.setLimit(message));
  setHandler(laneProgressSignal, (report) => board.take(report));
  setHandler(laneSplitSignal, (message) => board.split(message));
  setHandler(credentialsRefusedSignal, (message) => parking.refused(message));
  setHandler(approveDeletesUpdate, (message) => deletes.approve(message), {
    validator: (message) => deletes.assertAwaited(message),
  });
  setHandler(progressQuery, () => deletes.shown(board.progress()));

  const { transfer, scope, ledger } = await preflight(input);
  try {
    await endWhatIsLeft(transfer);
    board.begin(transfer, scope, ledger);
    return await Promise.race([runToItsEnd({ board, parking, deletes }, { transfer, scope }), parking.watch(transfer)]);
  } catch (error) {
    await CancellationScope.nonCancellable(() => finishEarly({ board, deletes }, { transfer, scope }, error));
    throw error;
  }
}

interface Asked {
  readonly transfer: Transfer;
  readonly scope: RunScope;
}

interface Parts {
  readonly board: RunBoard;
  readonly parking: Parking;
  readonly deletes: DeletePhase;
}

async function runToItsEnd({ board, parking, deletes }: Parts, { transfer, scope }: Asked): Promise<RunResult> {
  for (;;) {
    while (!board.isDone()) {
      await condition(() => board.isDone() || board.canStartRerun);
      board.startRerun();
    }
    board.throwFailure();
    await deletes.run(transfer, scope);
    if (!board.isDone()) continue;
    const result = { ...board.result(), ...deletes.result };
    const summary: RunSummary = { ...result, outcome: 'completed', scope };
    await parking.own.outlast(() => finishRun({ transfer, summary }));
    // A rerun that was asked for while the summary was written is this run's still.
    if (board.isDone()) return result;
  }
}

/** A lane that was terminated by hand has left its children to themselves; that it cannot be found out is no reason not to run. */
async function endWhatIsLeft({ name }: Transfer): Promise<void> {
  await endLeftovers({ transfer: name }).catch((error: unknown) => {
    if (isCancellation(error)) throw error;
    log.warn('What an earlier run has left could not be looked for', { failure: failureOf(error)?.code });
  });
}

/** The lanes have heard of a cancel themselves; the summary is written when the last of them has cleaned up. */
async function finishEarly(
  { board, deletes }: Omit<Parts, 'parking'>,
  { transfer, scope }: Asked,
  error: unknown,
): Promise<void> {
  await Promise.all([board.ended(), deletes.ended()]);
  await endWhatIsLeft(transfer);
  const outcome = isCancellation(error) ? 'cancelled' : 'failed';
  const message = failureOf(error)?.message;
  const result = { ...board.result(), ...deletes.result };
  const summary: RunSummary = { ...result, outcome, scope, ...(message === undefined ? {} : { message }) };
  await finishRun({ transfer, summary }).catch((failure: unknown) => {
    log.warn('The summary of the run could not be written', {
      workflowId: workflowInfo().workflowId,
      failure: failureOf(failure)?.code,
    });
  });
}
