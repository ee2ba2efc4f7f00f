/** The life of one object: open, move its parts by either compute, seal; on failure or cancel, abort. */
import { CancellationScope, condition, isCancellation, log, setHandler, workflowInfo } from '@temporalio/workflow';
import type { CopyTask } from '../domain/copy-task';
import { holdOn, type Holds } from '../domain/holds';
import type { FailedLine } from '../domain/report-line';
import { targetKeyOf, type Transfer } from '../domain/transfer';
import type { ObjectSpec, RunInfo } from '../domain/work';
import { abortTransfer, copyParts, openTransfer, recordFailure, runBatchJob, sealTransfer } from './activity-proxies';
import { endsTheRun, fail, failureOf, type Failure } from './failure';
import { holdsSignal } from './messages';
import { untilHeld } from './until-held';

export interface TransferObjectInput {
  readonly transfer: Transfer;
  readonly run: RunInfo;
  readonly object: ObjectSpec;
  readonly force: boolean;
  readonly holds: Holds;
}

export interface TransferObjectResult {
  readonly outcome: 'copied' | 'skipped';
  readonly bytes: number;
}

/** An object replaced while it is copied is started anew so often. */
const MAX_CHANGES = 3;
/** Rounds in a row after which no more parts stood in the store than before. */
const MAX_BARREN_ROUNDS = 3;

export async function transferObject(input: TransferObjectInput): Promise<TransferObjectResult> {
  const { transfer, object } = input;
  let { holds } = input;
  setHandler(holdsSignal, (next) => void (holds = next));
  const held = () => holdOn(holds, object.key.slice(transfer.source.prefix.length)) !== undefined;
  const since = workflowInfo().startTime.getTime();
  for (let changes = 0; ; changes++) {
    let task: CopyTask | undefined;
    try {
      await condition(() => !held());
      const opened = await openTransfer({ ...input, since, retried: changes > 0 });
      if (opened.kind === 'done') {
        const { outcome, size } = opened.line;
        return { outcome, bytes: outcome === 'copied' ? size : 0 };
      }
      ({ task } = opened);
      return await moveAndSeal(input, opened, held);
    } catch (error) {
      await CancellationScope.nonCancellable(() => abort(input, task, since));
      if (isCancellation(error)) throw error;
      const failure = failureOf(error);
      if (failure === undefined) throw error;
      if (failure.code === 'SourceChanged' && changes < MAX_CHANGES) continue;
      if (failure.code === 'SourceGone' && changes < MAX_CHANGES) continue;
      return await giveUp(input, failure);
    }
  }
}

type Opened = Extract<Awaited<ReturnType<typeof openTransfer>>, { kind: 'open' }>;

/** Moves until the store holds every part: what a compute did is read from the store, never from its answer. */
async function moveAndSeal(
  input: TransferObjectInput,
  { task, reason }: Opened,
  held: () => boolean,
): Promise<TransferObjectResult> {
  const { transfer, run, object } = input;
  const { route } = object;
  let missing = Infinity;
  let barren = 0;
  for (;;) {
    await condition(() => !held());
    const moved = await untilHeld<Moved>(
      held,
      () => (route === 'batch' ? byBatch(task, transfer) : copyParts(task)),
      () => ({ state: 'stopped' }),
    );
    if (moved.state === 'stopped') continue;
    const crc32 = moved.crc32 === undefined ? {} : { crc32: moved.crc32 };
    const sealed = await sealTransfer({ transfer, run, object, seal: { task, reason, route, ...crc32 } });
    if (sealed.kind === 'sealed') return { outcome: 'copied', bytes: task.pinned.size };
    barren = sealed.missing < missing ? 0 : barren + 1;
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
  readonly crc32?: number;
  readonly failure?: Failure;
}

/** A job that failed may still have stored parts: the store decides what its failure means. */
async function byBatch(task: CopyTask, transfer: Transfer): Promise<Moved> {
  try {
    const { state } = await runBatchJob({ task, transfer });
    return { state };
  } catch (error) {
    const failure = failureOf(error);
    if (failure?.code !== 'JobFailed') throw error;
    return { state: 'over', failure };
  }
}

async function abort(
  { transfer, object }: TransferObjectInput,
  task: CopyTask | undefined,
  since: number,
): Promise<void> {
  const targetKey = task?.targetKey ?? targetKeyOf(transfer, object.key);
  const upload = task?.uploadId === undefined ? {} : { uploadId: task.uploadId };
  await abortTransfer({ transfer, targetKey, since, ...upload }).catch((error: unknown) => {
    // The reason for which the object is given up must not be lost over it; a lifecycle rule ends what is left.
    log.warn('An upload could not be aborted', { targetKey, failure: failureOf(error)?.code });
  });
}

async function giveUp(
  { transfer, run, object }: TransferObjectInput,
  { code, message }: Failure,
): Promise<TransferObjectResult> {
  const reported = code === 'SourceChanged' ? 'ChangingSource' : code;
  if (!endsTheRun({ code, message })) {
    const { key, size } = object;
    const line: FailedLine = {
      outcome: 'failed',
      key,
      size,
      sourceEtag: '',
      code: reported as FailedLine['code'],
      message,
    };
    await recordFailure({ transfer, run, object, line });
  }
  return fail({ code: reported, message });
}
