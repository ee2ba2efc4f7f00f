/** Has AWS Batch move objects by jobs that they share: each waits for the others that live, so that one job takes them all. */
import { condition } from '@temporalio/workflow';
import type { JobOutcome } from '../activities/control-activities';
import type { CopyTask } from '../domain/copy-task';
import { cutIntoJobs } from '../domain/job-task';
import type { Transfer } from '../domain/transfer';
import type { SharedJobRef } from '../domain/work';
import { movedBy, OwnJob, runUntilHeld, type BatchMove, type MoveByBatch, type Moved } from './move-by-batch';

/** For so long an object waits for one that is slower: its store may not answer. */
const GATHER_MS = 60_000;

interface Waiting {
  readonly move: BatchMove;
  outcome?: Promise<JobOutcome | 'stopped'>;
}

export class SharedJobs implements MoveByBatch {
  private gathering: Waiting[] = [];
  /** Keys of those whose life goes on, and of those among them that wait for a job or are in one. */
  private readonly living: Set<string>;
  private readonly here = new Set<string>();
  private readonly lastJobs = new Map<string, SharedJobRef>();
  private readonly own: OwnJob;

  /** `share`: names those that share, and their jobs. */
  constructor(
    private readonly transfer: Transfer,
    private readonly share: string,
    keys: readonly string[],
    private readonly isHeld: (key: string) => boolean,
  ) {
    this.living = new Set(keys);
    this.own = new OwnJob(transfer);
  }

  /** One has ended its life, and will not come again. */
  leave(key: string): void {
    this.living.delete(key);
  }

  sharedBy(targetKey: string): SharedJobRef | undefined {
    return this.lastJobs.get(targetKey);
  }

  async move(move: BatchMove): Promise<Moved> {
    const { key } = move.task.pinned;
    this.here.add(key);
    try {
      return move.alone ? await this.own.move(move) : movedBy(await this.shared(move), move.task, this.transfer);
    } finally {
      this.here.delete(key);
    }
  }

  private async shared(move: BatchMove): Promise<JobOutcome | 'stopped'> {
    const mine: Waiting = { move };
    this.gathering.push(mine);
    if (this.gathering.length === 1) {
      await condition(() => this.areAllHere, GATHER_MS);
      this.begin();
    } else {
      await condition(() => mine.outcome !== undefined);
    }
    return mine.outcome ?? 'stopped';
  }

  /** Nobody is still to come before long. */
  private get areAllHere(): boolean {
    return [...this.living].every((key) => this.here.has(key) || this.isHeld(key));
  }

  /** All that wait, but those that a hold has met meanwhile. */
  private begin(): void {
    const gathered = this.gathering;
    this.gathering = [];
    for (const waiting of gathered) if (waiting.move.held()) waiting.outcome = Promise.resolve('stopped' as const);
    const free = gathered.filter(({ outcome }) => outcome === undefined);
    for (const job of cutIntoJobs(free, ({ move }) => move.task)) {
      const outcome = this.run(job.map(({ move }) => move));
      for (const waiting of job) waiting.outcome = outcome;
    }
  }

  /** A hold on one of them ends the job, as its parts are kept: the others gather for the next. */
  private run(moves: readonly BatchMove[]): Promise<JobOutcome | 'stopped'> {
    const { transfer, share } = this;
    const tasks = moves.map(({ task }) => task);
    const uploads = tasks.map(uploadOf);
    for (const { targetKey } of tasks) this.lastJobs.set(targetKey, { share, uploads });
    const onDemand = moves.some((move) => move.onDemand);
    return runUntilHeld(() => moves.some(({ held }) => held()), { tasks, share, transfer, onDemand });
  }
}

function uploadOf({ targetKey, uploadId }: CopyTask) {
  return { targetKey, ...(uploadId === undefined ? {} : { uploadId }) };
}
