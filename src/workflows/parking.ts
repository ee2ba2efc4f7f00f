/** Credentials that were refused in the middle of a run: one canary for all who ask, and while it fails nothing goes on. */
import { condition, getExternalWorkflowHandle, log } from '@temporalio/workflow';
import type { Parked } from '../domain/run-result';
import type { Transfer } from '../domain/transfer';
import { canary } from './activity-proxies';
import { failureOf, type Failure } from './failure';
import { credentialsWorkSignal } from './messages';
import { Refusals } from './refusals';
import { isPrefixMessage, isRefusalMessage } from './signal-shapes';

const MINUTE_MS = 60_000;
const LONGEST_WAIT_MS = 60 * MINUTE_MS;

/** Before the check after so many that have failed: 1, 2, 4, … 60 minutes, so that a run may stay parked for months. */
export function parkedWaitMs(checks: number): number {
  return Math.min(LONGEST_WAIT_MS, MINUTE_MS * 2 ** checks);
}

export class Parking {
  /** For the steps of the run itself. */
  readonly own: Refusals;
  /** Who waits for an answer, each with how it is told. */
  private readonly askers = new Map<string, () => void>();
  private parked: Parked | undefined;
  /** An operator says that the credentials should work by now. */
  private hurried = false;

  constructor(
    private readonly name: string,
    private readonly onChange: (parked: Parked | undefined) => void,
  ) {
    const own: Refusals = new Refusals({
      ask: () => {
        this.askers.set('', () => own.answer());
        return Promise.resolve(true);
      },
      isHeld: () => this.parked !== undefined,
    });
    this.own = own;
  }

  /** From a lane or a child. One that asks while the canary is out is told what that one finds. */
  refused(message: unknown): void {
    if (!isRefusalMessage(message) || !message.workflowId.startsWith(`ferry-${this.name}/`)) {
      log.warn('A signal was refused: it does not name a lane, a pack or an object of this run', { found: message });
      return;
    }
    const { workflowId } = message;
    this.askers.set(workflowId, () => {
      // One that has ended meanwhile needs no answer.
      void getExternalWorkflowHandle(workflowId)
        .signal(credentialsWorkSignal)
        .catch(() => undefined);
    });
  }

  /** A release of everything does not end the parking, but has the credentials checked at once. */
  resume(message: unknown): void {
    if (this.parked !== undefined && isPrefixMessage(message) && message?.prefix === undefined) this.hurried = true;
  }

  /** For as long as the run lasts. */
  async watch(transfer: Transfer): Promise<never> {
    for (;;) {
      await condition(() => this.askers.size > 0);
      const failure = await check(transfer);
      if (failure === undefined) log.info('Credentials were refused once, and work', { transfer: this.name });
      else await this.park(transfer, failure);
      for (const tell of this.askers.values()) tell();
      this.askers.clear();
    }
  }

  /** Whatever the canary fails with: nobody can tell that the credentials work. */
  private async park(transfer: Transfer, first: Failure): Promise<void> {
    const since = new Date(Date.now()).toISOString();
    let failure: Failure | undefined = first;
    for (let checks = 0; failure !== undefined; checks++) {
      this.change({ ...failure, since });
      if (await condition(() => this.hurried, parkedWaitMs(checks))) checks = -1;
      this.hurried = false;
      failure = await check(transfer);
    }
    this.change(undefined);
  }

  private change(parked: Parked | undefined): void {
    this.parked = parked;
    this.onChange(parked);
  }
}

/** Undefined: the credentials of both sides work. */
async function check(transfer: Transfer): Promise<Failure | undefined> {
  try {
    await canary({ transfer });
    return undefined;
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined) throw error;
    return failure;
  }
}
