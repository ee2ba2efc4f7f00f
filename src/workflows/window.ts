/** The children of a lane that are at work, and how each of them ended. */
import { CancellationScope, isCancellation, type ChildWorkflowHandle, type Workflow } from '@temporalio/workflow';
import { failureOf, type Failure } from './failure';
import type { HoldsWord } from './held-by';
import { holdsSignal } from './messages';

interface Child {
  /** Absent while the start is on its way. */
  handle?: Pick<ChildWorkflowHandle<Workflow>, 'signal'>;
  /** What it was last told. */
  told: HoldsWord;
  /** A hold may stop it, and then it takes no place in the window. */
  readonly key?: string;
}

export interface ChildWork<T> {
  readonly id: string;
  readonly key?: string;
  readonly start: () => Promise<ChildWorkflowHandle<Workflow>>;
  readonly onResult: (result: T) => void;
  /** The child itself ended in failure. */
  readonly onFailure: (failure: Failure) => void | Promise<void>;
}

export class Window {
  private readonly children = new Map<string, Child>();
  private readonly ends = new Set<Promise<void>>();
  private defect: Error | undefined;
  private readonly scope = new CancellationScope();

  constructor(
    private readonly size: number,
    private word: HoldsWord,
    private readonly keyIsHeld: (key: string) => boolean,
    private readonly onEnd: () => void,
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

  get hasRoom(): boolean {
    let working = 0;
    for (const { key } of this.children.values()) if (key === undefined || !this.keyIsHeld(key)) working += 1;
    return working < this.size;
  }

  hold(word: HoldsWord): void {
    this.word = word;
    for (const child of this.children.values()) this.tell(child);
  }

  add<T>(work: ChildWork<T>): void {
    const child: Child = { told: this.word, ...(work.key === undefined ? {} : { key: work.key }) };
    this.children.set(work.id, child);
    const end = this.scope
      .run(() => this.follow(work, child))
      .catch((error: unknown) => {
        if (!isCancellation(error)) this.defect ??= error instanceof Error ? error : new Error(String(error));
      })
      .finally(() => {
        this.children.delete(work.id);
        this.ends.delete(end);
        this.onEnd();
      });
    this.ends.add(end);
  }

  /** Asks every child to end and to clean up after itself. */
  stop(): void {
    this.scope.cancel();
  }

  /** Resolves once no child is in flight. */
  async ended(): Promise<void> {
    await Promise.all(this.ends);
  }

  private async follow<T>({ start, onResult, onFailure }: ChildWork<T>, child: Child): Promise<void> {
    try {
      const handle = await start();
      child.handle = handle;
      this.tell(child);
      onResult((await handle.result()) as T);
    } catch (error) {
      const failure = failureOf(error) ?? this.cancelledByHand(error);
      if (failure === undefined) throw error;
      await onFailure(failure);
    }
  }

  /** A cancel that neither the lane nor its run has asked for: the work is missing, and must be told. */
  private cancelledByHand(error: unknown): Failure | undefined {
    if (!isCancellation(error) || this.scope.consideredCancelled) return undefined;
    return { code: 'Unknown', message: 'It was cancelled by hand' };
  }

  private tell(child: Child): void {
    const { word } = this;
    if (child.handle === undefined || child.told === word) return;
    child.told = word;
    // A child that has just ended needs no word of it.
    void child.handle.signal(holdsSignal, word.holds, word.holdsVersion).catch(() => undefined);
  }
}
