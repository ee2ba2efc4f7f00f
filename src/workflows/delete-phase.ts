/**
 * The last act of a run that propagates deletes: a search, an approval where it has found too much, and the deletes. Whatever
 * disturbs it (a hold, a rerun, refused credentials) comes first, and then it begins with a new search.
 */
import { ApplicationFailure, condition } from '@temporalio/workflow';
import {
  addKept,
  deletesLane,
  type CarryOutResult,
  type DeleteRound,
  type DeletesFound,
  type DeletesProgress,
  type DeletesResult,
} from '../domain/deletes';
import type { Progress } from '../domain/run-result';
import { formatDuration } from '../domain/sizes';
import type { DeleteSpec, RunScope, Transfer } from '../domain/transfer';
import { deleteObjects, findDeletes } from './activity-proxies';
import { fail } from './failure';
import type { ApproveDeletesMessage } from './messages';
import type { Refusals } from './refusals';
import type { RunBoard } from './run-board';
import { isApproveDeletesMessage } from './signal-shapes';
import { untilHeld } from './until-held';

type Board = Pick<RunBoard, 'isDone' | 'isHeld' | 'rerunsBegun' | 'count' | 'result' | 'info'>;

export class DeletePhase {
  /** Undefined: it is not this phase's turn. */
  private now: DeletesProgress | undefined;
  private approved = false;
  private outcome: DeletesResult | undefined;
  private rounds = 0;
  private work: Promise<void> = Promise.resolve();

  constructor(
    private readonly name: string,
    private readonly board: Board,
    private readonly refusals: Refusals,
  ) {}

  get result(): { readonly deletes?: DeletesResult } {
    return this.outcome === undefined ? {} : { deletes: this.outcome };
  }

  /** Once all lanes are over. Returns early where a rerun was asked for: then the lanes come first again. */
  async run(transfer: Transfer, scope: RunScope): Promise<void> {
    if (transfer.deletes === undefined) return;
    this.work = this.carryOut(transfer, transfer.deletes, scope);
    await this.work;
  }

  /** What was in flight when the run was cancelled has ended and is counted. */
  async ended(): Promise<void> {
    await this.work.catch(() => undefined);
  }

  /** The answer to the query, with what this phase does. */
  shown(progress: Progress): Progress {
    const { now } = this;
    if (now === undefined || progress.state === 'parked') return progress;
    if (this.board.isHeld) return { ...progress, state: 'paused' };
    if (!this.board.isDone()) return progress;
    return { ...progress, state: now.doing === 'awaitingApproval' ? 'awaitingApproval' : 'deleting', deletes: now };
  }

  /** The validator of the update: throws unless exactly what is waited for is approved. */
  assertAwaited(message: unknown): void {
    if (!isApproveDeletesMessage(message)) {
      throw refused('An approval has the shape {"count": 5000, "digest": "…"}, with the two that the run shows');
    }
    const { now, name } = this;
    if (now?.doing !== 'awaitingApproval' || this.approved || this.isDisturbed) {
      throw refused(`No deletes of ${name} wait for an approval just now. See \`ferry status ${name}\``);
    }
    if (message.count === now.count && message.digest === now.digest) return;
    throw refused(
      `${now.count} objects with the digest ${now.digest} wait for an approval, not ${message.count} with ${JSON.stringify(message.digest)}. Look again, and approve exactly what is shown`,
    );
  }

  approve({ count }: ApproveDeletesMessage): { readonly approved: number } {
    this.approved = true;
    return { approved: count };
  }

  private isApproved(): boolean {
    return this.approved;
  }

  private get isDisturbed(): boolean {
    return this.board.isHeld || !this.board.isDone();
  }

  private async carryOut(transfer: Transfer, deletes: DeleteSpec, scope: RunScope): Promise<void> {
    this.outcome = undefined;
    try {
      while (this.board.isDone()) {
        const why = obstacle(scope, this.board.result().failed);
        if (why !== undefined) {
          this.outcome = notDone(why);
          return;
        }
        this.now = { doing: 'searching', max: deletes.max };
        if (this.board.isHeld) await condition(() => !this.board.isHeld || !this.board.isDone());
        else if (await this.refusals.outlast(() => this.round(transfer, deletes))) return;
      }
    } finally {
      if (this.now !== undefined) this.outcome ??= notDone('The deletes were broken off before they were done');
      this.now = undefined;
    }
  }

  /** True: there is no more to do. */
  private async round(transfer: Transfer, deletes: DeleteSpec): Promise<boolean> {
    this.rounds += 1;
    const lane = deletesLane(this.board.rerunsBegun, this.rounds);
    const round: DeleteRound = { transfer, run: this.board.info, lane };
    const { max } = deletes;
    this.now = { doing: 'searching', max };
    const found = await this.undisturbed(() => findDeletes(round));
    if (found === undefined) return false;
    const { count, digest, lists, kept } = found;
    if (count > max && !(await this.approval(found, deletes))) return this.outcome !== undefined;
    this.now = { doing: 'deleting', count, digest, max };
    const result =
      count === 0 ? NOTHING_TO_DO : await this.undisturbed(() => deleteObjects({ ...round, lists, digest }));
    if (result === undefined) return false;
    const { complete, deleted, failed, failure } = result;
    // A key that could not be deleted is one that was listed and has failed, as all others.
    this.board.count({ deleted, failed, listed: failed });
    if (failure !== undefined) fail(failure);
    if (complete) this.outcome = { done: failed === 0, found: { count, digest }, kept: addKept(kept, result.kept) };
    return complete;
  }

  /** False: it was disturbed, or nobody has approved; then the outcome says so. */
  private async approval(
    { count, digest, kept }: DeletesFound,
    { max, approveWithinMs }: DeleteSpec,
  ): Promise<boolean> {
    const until = new Date(Date.now() + approveWithinMs).toISOString();
    const approve = `ferry approve ${this.name} --count ${count} --digest ${digest}`;
    this.approved = false;
    this.now = { doing: 'awaitingApproval', count, digest, max, until, approve };
    const isSettled = () => this.approved || this.isDisturbed;
    if (await condition(isSettled, approveWithinMs)) return this.isApproved();
    const tooMany = `${count} objects were to be deleted in the target, more than \`deletes.max\` (${max}), and nobody has approved it within ${formatDuration(approveWithinMs)}`;
    this.outcome = {
      ...notDone(`${tooMany}: nothing was deleted. The next run looks anew`),
      found: { count, digest },
      kept,
    };
    return false;
  }

  /** Undefined: it was disturbed. */
  private undisturbed<T>(activity: () => Promise<T>): Promise<T | undefined> {
    return untilHeld<T | undefined>(
      () => this.isDisturbed,
      activity,
      () => undefined,
    );
  }
}

const NOTHING_TO_DO: CarryOutResult = { complete: true, deleted: 0, failed: 0, kept: {} };

/** Why a run may delete nothing: it must have looked at everything, and everything must have gone well. */
function obstacle({ prefix = '' }: RunScope, failed: number): string | undefined {
  if (prefix !== '') return `Nothing was deleted: the run has looked at ${JSON.stringify(prefix)} alone`;
  if (failed > 0) return `Nothing more was deleted: ${failed} objects of the run have failed`;
  return undefined;
}

const notDone = (message: string): DeletesResult => ({ done: false, message, kept: {} });

const refused = (message: string): ApplicationFailure => ApplicationFailure.nonRetryable(message, 'NotApproved');
