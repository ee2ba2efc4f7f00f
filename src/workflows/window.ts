/** The children of a lane that are at work, and how each of them ended. They may outlive the run that has started them. */
import {
  CancellationScope,
  isCancellation,
  type ChildWorkflowHandle,
  type SignalDefinition,
  type Workflow,
} from '@temporalio/workflow';
import type { ChildRef } from '../domain/work';
import type { OnPlaceTaken } from './exclusive-child';
import { failureOf, type Failure } from './failure';
import type { HoldsWord } from './held-by';
import { holdsSignal } from './messages';

export type ChildHandle = Pick<ChildWorkflowHandle<Workflow>, 'signal' | 'firstExecutionRunId'> & {
  result(): Promise<unknown>;
};

/** `starting`: the server has not answered. `waiting`: for its place, and nothing is on its way. `ending`: it is seen to. */
type Stage = 'starting' | 'waiting' | 'working' | 'ending';

interface Child<Work> {
  readonly id: string;
  work: Work;
  stage: Stage;
  handle?: ChildHandle;
  /** The count of the word of holds that it was last told. */
  told: number;
  /** Holds on all of them stop it, and then it takes no place in the window. Empty: none does. */
  keys: readonly string[];
  readonly weight: number;
}

export interface ChildTask<Work, Result> {
  readonly id: string;
  /** What it does, as a lane can carry it into its next run. */
  readonly work: Work;
  /** @default none: no hold stops it */
  readonly keys?: readonly string[];
  /** Places that it takes in the window. @default 1 */
  readonly weight?: number;
  readonly start: (onPlaceTaken: OnPlaceTaken) => Promise<ChildHandle>;
  readonly onResult: (result: Result) => void;
  /** The child itself ended in failure; `left`: what it had still to do. */
  readonly onFailure: (failure: Failure, left: Work) => void | Promise<void>;
}

/** One that goes on while its lane begins anew. */
export interface CarriedChild<Work> extends ChildRef {
  readonly work: Work;
  readonly told: number;
}

export class Window<Work> {
  private readonly children = new Map<string, Child<Work>>();
  private readonly ends = new Map<string, Promise<void>>();
  private defect: Error | undefined;
  private readonly scope = new CancellationScope();

  constructor(
    private readonly size: number,
    private word: HoldsWord,
    private readonly keyIsHeld: (key: string) => boolean,
    private readonly onChange: () => void,
  ) {}

  /** An error came up that is no child's failure. */
  get isBroken(): boolean {
    return this.defect !== undefined;
  }

  /** The workflow's own task must fail with a defect, and not its children. */
  throwDefect(): void {
    if (this.defect !== undefined) throw this.defect;
  }

  get inFlight(): number {
    return this.children.size;
  }

  /** Another may begin, whatever its weight: one that is heavier than the window would never. */
  get hasRoom(): boolean {
    let taken = 0;
    for (const { keys, weight } of this.children.values())
      if (keys.length === 0 || !keys.every(this.keyIsHeld)) taken += weight;
    return taken < this.size;
  }

  /** Whether the run may be left now: of no child it is unknown whether it has begun, and none waits to be seen to. */
  get canBeLeft(): boolean {
    return [...this.children.values()].every(({ stage }) => stage === 'working' || stage === 'waiting');
  }

  /** What the next run takes over. */
  get carried(): CarriedChild<Work>[] {
    return [...this.children.values()].flatMap(({ id, work, stage, handle, told }) =>
      stage === 'working' && handle !== undefined
        ? [{ workflowId: id, runId: handle.firstExecutionRunId, work, told }]
        : [],
    );
  }

  /** What has not begun, as its place is taken. */
  get unstarted(): Work[] {
    return [...this.children.values()].flatMap(({ work, stage }) => (stage === 'waiting' ? [work] : []));
  }

  /** Some of what it does has ended. */
  narrow(id: string, leave: (work: Work) => Work, keys: readonly string[]): void {
    const child = this.children.get(id);
    if (child === undefined) return;
    child.work = leave(child.work);
    child.keys = keys;
  }

  hold(word: HoldsWord): void {
    this.word = word;
    for (const child of this.children.values()) this.tell(child);
  }

  /** A child that has just ended needs no word. */
  send<Args extends unknown[]>(id: string, signal: SignalDefinition<Args>, ...args: Args): void {
    void this.children
      .get(id)
      ?.handle?.signal(signal, ...args)
      .catch(() => undefined);
  }

  /** `told`: the count of the word of holds that it knows. @default the one in force */
  add<Result>(task: ChildTask<Work, Result>, told = this.word.holdsVersion ?? 0): void {
    const { id, work, keys = [], weight = 1 } = task;
    const child: Child<Work> = { id, work, stage: 'starting', told, weight, keys };
    this.children.set(id, child);
    this.ends.set(
      id,
      this.scope.run(() => this.follow(task, child)),
    );
  }

  /** Asks every child to end and to clean up after itself. */
  stop(): void {
    this.scope.cancel();
  }

  /** Resolves once no child is in flight. */
  async ended(): Promise<void> {
    await Promise.all(this.ends.values());
  }

  /** Never rejects. */
  private async follow<Result>(
    { start, onResult, onFailure }: ChildTask<Work, Result>,
    child: Child<Work>,
  ): Promise<void> {
    try {
      const handle = await start((waits) => this.enter(child, waits ? 'waiting' : 'starting'));
      child.handle = handle;
      this.enter(child, 'working');
      this.tell(child);
      onResult((await handle.result()) as Result);
    } catch (error) {
      await this.takeFailure(error, child, onFailure);
    } finally {
      this.children.delete(child.id);
      this.ends.delete(child.id);
      this.onChange();
    }
  }

  private async takeFailure<Result>(
    error: unknown,
    child: Child<Work>,
    onFailure: ChildTask<Work, Result>['onFailure'],
  ): Promise<void> {
    this.enter(child, 'ending');
    try {
      const failure = failureOf(error) ?? this.cancelledByHand(error);
      if (failure === undefined) throw error;
      await onFailure(failure, child.work);
    } catch (defect) {
      if (!isCancellation(defect)) this.defect ??= defect instanceof Error ? defect : new Error(String(defect));
    }
  }

  private enter(child: Child<Work>, stage: Stage): void {
    child.stage = stage;
    this.onChange();
  }

  /** A cancel that neither the lane nor its run has asked for: the work is missing, and must be told. */
  private cancelledByHand(error: unknown): Failure | undefined {
    if (!isCancellation(error) || this.scope.consideredCancelled) return undefined;
    return { code: 'Unknown', message: 'It was cancelled by hand' };
  }

  private tell(child: Child<Work>): void {
    const { holds, holdsVersion = 0 } = this.word;
    if (child.handle === undefined || child.told >= holdsVersion) return;
    child.told = holdsVersion;
    // A child that has just ended needs no word of it.
    void child.handle.signal(holdsSignal, holds, holdsVersion).catch(() => undefined);
  }
}
