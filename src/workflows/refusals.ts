/** A step whose credentials were refused: the run is asked whether they work at all, and the step waits for what it finds. */
import { condition, getExternalWorkflowHandle, setHandler, workflowInfo } from '@temporalio/workflow';
import { holdsEverything, type Holds } from '../domain/holds';
import type { Transfer } from '../domain/transfer';
import { refusesCredentials } from '../domain/transfer-error';
import { failureOf } from './failure';
import { credentialsRefusedSignal, credentialsWorkSignal } from './messages';

/**
 * For so long a step rests after each refusal that no hold has followed: AWS may take half a minute until every host knows a
 * new key, or that an old one is gone. After that its own failure stands.
 */
const RESTS_MS = [5_000, 25_000];
/** Only for a run that cannot answer; it looks up what it is asked within a minute or two, or else it holds everything. */
const ANSWER_WITHIN_MS = 10 * 60_000;

export interface RefusalContext {
  /** Tells the run of it. False: there is none that could answer. */
  readonly ask: (message: string) => Promise<boolean>;
  /** A hold of everything is in force, be it the run's own or an operator's. */
  readonly isHeld: () => boolean;
}

export class Refusals {
  private answers = 0;

  constructor(private readonly context: RefusalContext) {}

  /** The run has found the credentials to work. */
  answer(): void {
    this.answers += 1;
  }

  /** Runs the step again after each refusal, until it has been refused too often with credentials that work. */
  async outlast<T>(step: (retried: boolean) => Promise<T>): Promise<T> {
    for (let rounds = 0, retried = false; ; retried = true) {
      try {
        return await step(retried);
      } catch (error) {
        if (!this.maySettle(error, rounds)) throw error;
        rounds = await this.settle(error, rounds);
      }
    }
  }

  /** `rounds`: how often in a row it was refused before, with credentials that work. */
  maySettle(error: unknown, rounds: number): boolean {
    const failure = failureOf(error);
    return failure !== undefined && refusesCredentials(failure.code) && rounds < RESTS_MS.length;
  }

  /** Resolves when the step is worth another try, with the rounds to count from then on. Rejects with a cancel alone. */
  async settle(error: unknown, rounds: number): Promise<number> {
    const { isHeld } = this.context;
    const { answers } = this;
    if (await this.context.ask(failureOf(error)?.message ?? '')) {
      await condition(() => isHeld() || this.answers > answers, ANSWER_WITHIN_MS);
    }
    const held = isHeld() || (await condition(isHeld, RESTS_MS[rounds] ?? 0));
    if (!held) return rounds + 1;
    await condition(() => !isHeld());
    return 0;
  }
}

/** For a lane and its children, which ask the run that they belong to. */
export function refusalsOf({ name }: Transfer, holds: () => Holds): Refusals {
  const run = getExternalWorkflowHandle(`ferry-${name}`);
  const refusals = new Refusals({
    ask: (message) =>
      run.signal(credentialsRefusedSignal, { workflowId: workflowInfo().workflowId, message }).then(
        () => true,
        () => false,
      ),
    isHeld: () => holdsEverything(holds()),
  });
  setHandler(credentialsWorkSignal, () => refusals.answer());
  return refusals;
}
