/** The life of one object, in a workflow of its own or beside others: open, move its parts by either compute, seal, all at once where one PutObject takes it; on failure or cancel, abort. */
import { CancellationScope, isCancellation, log, workflowInfo } from '@temporalio/workflow';
import type { WholeResult } from '../activities/copy-activities';
import type { CopyTask } from '../domain/copy-task';
import { keyIsHeld, type Holds } from '../domain/holds';
import { MAX_SINGLE_PUT_BYTES } from '../domain/part-plan';
import type { FailedLine } from '../domain/report-line';
import { targetKeyOf, type Transfer } from '../domain/transfer';
import { endsEveryObject, refusesCredentials } from '../domain/transfer-error';
import type { ObjectSpec, RunInfo } from '../domain/work';
import { abortTransfer, copyWhole, openTransfer, recordFailure } from './activity-proxies';
import { fail, failureOf, type Failure } from './failure';
import type { MoveByBatch } from './move-by-batch';
import { moveAndSeal } from './move-object';
import type { Refusals } from './refusals';
import { untilHeld, untilReleased } from './until-held';

export interface ObjectInput {
  readonly transfer: Transfer;
  readonly run: RunInfo;
  readonly object: ObjectSpec;
  readonly force: boolean;
  /** It was given up as `changing` before: now it is reported. */
  readonly lastChance: boolean;
}

/** What an object has of the workflow that it lives in, be it alone there or not. */
export interface LifeContext {
  readonly holds: () => Holds;
  readonly refusals: Refusals;
  readonly byBatch: MoveByBatch;
}

export interface TransferObjectResult {
  /** `changing`: nothing is reported, nothing is left; it is for its lane to try it again. */
  readonly outcome: 'copied' | 'skipped' | 'changing';
  readonly bytes: number;
}

/** An object replaced while it is copied is started anew so often; and as often again after the copy of a pinned version. */
const MAX_CHANGES = 3;
/** Someone else was at the same object or upload, or its bytes were damaged on their way: it is decided, and copied, anew. */
const CHANGES: readonly string[] = ['SourceChanged', 'SourceGone', 'TargetChanged', 'NoSuchUpload', 'ProofFailed'];

export async function objectLife(input: ObjectInput, context: LifeContext): Promise<TransferObjectResult> {
  const { transfer, object } = input;
  const { refusals, byBatch } = context;
  const held = () => keyIsHeld(context.holds(), transfer, object.key);
  const since = workflowInfo().startTime.getTime();
  let changes = 0;
  let copies = 0;
  let bytes = 0;
  let whole = object.route === 'worker' && object.size <= MAX_SINGLE_PUT_BYTES;
  let tried = false;
  for (;;) {
    let task: CopyTask | undefined;
    try {
      const opened = await refusals.outlast(async (again) => {
        await untilReleased(held);
        const copied = copies > 0 ? { copied: true as const } : {};
        const retried = again || tried;
        const request = { transfer, run: input.run, object, force: input.force, since, retried, ...copied };
        if (!whole) return openTransfer(request);
        return untilHeld<WholeResult>(
          held,
          () => copyWhole(request),
          () => ({ kind: 'stopped' }),
        );
      });
      tried = true;
      if (opened.kind === 'stopped') continue;
      if (opened.kind === 'done') {
        const { outcome, size } = opened.line;
        return { outcome: copies > 0 ? 'copied' : outcome, bytes: bytes + (outcome === 'copied' ? size : 0) };
      }
      if (opened.kind === 'open' && object.route === 'worker' && opened.task.plan.kind === 'put') {
        // It has become smaller than it was listed; nothing is open.
        whole = true;
        continue;
      }
      if (opened.kind === 'open') ({ task } = opened);
      const { replaced, line } =
        opened.kind === 'open' ? await moveAndSeal(opened, { input, held, ...context }) : opened;
      bytes += line.size;
      copies += 1;
      if (!replaced || copies > MAX_CHANGES) return { outcome: 'copied', bytes };
    } catch (error) {
      tried = true;
      await CancellationScope.nonCancellable(() => abort(input, task, since, byBatch));
      if (isCancellation(error)) throw error;
      const failure = failureOf(error);
      if (failure === undefined) throw error;
      if (!CHANGES.includes(failure.code)) return await giveUp(input, failure, refusals);
      changes += 1;
      if (changes <= MAX_CHANGES) continue;
      if (!input.lastChance) return { outcome: 'changing', bytes };
      return await giveUp(input, failure, refusals);
    }
  }
}

async function abort(
  { transfer, object }: ObjectInput,
  task: CopyTask | undefined,
  since: number,
  byBatch: MoveByBatch,
): Promise<void> {
  const targetKey = task?.targetKey ?? targetKeyOf(transfer, object.key);
  const upload = task?.uploadId === undefined ? {} : { uploadId: task.uploadId };
  const shared = byBatch.sharedBy(targetKey);
  const known = { ...upload, ...(shared === undefined ? {} : { shared }) };
  await abortTransfer({ transfer, targetKey, since, route: object.route, ...known }).catch((error: unknown) => {
    // The reason for which the object is given up must not be lost over it; a lifecycle rule ends what is left.
    log.warn('An upload could not be aborted', { targetKey, failure: failureOf(error)?.code });
  });
}

/** Refused credentials that work elsewhere are this object's own failure by now. */
async function giveUp(
  { transfer, run, object }: ObjectInput,
  { code, message }: Failure,
  refusals: Refusals,
): Promise<never> {
  const reported = code === 'SourceChanged' ? 'ChangingSource' : code;
  if (refusesCredentials(code) || !endsEveryObject(code)) {
    const { key, size } = object;
    const line: FailedLine = {
      outcome: 'failed',
      key,
      size,
      sourceEtag: '',
      code: reported as FailedLine['code'],
      message,
    };
    await refusals.outlast(() => recordFailure({ transfer, run, object, line }));
  }
  return fail({ code: reported, message });
}
