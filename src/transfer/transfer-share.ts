/**
 * One process's share of one transfer's limit. While it has something to send it shows its own claim, looks three times a
 * second at what all of them claim, and takes its share: a little more or less than that where all together have sent less
 * or more than they might. Its claim counts for itself only as it stands on the board: so all reckon with the same, and one
 * grows when the others shrink.
 */
import { boostOf, nextBalance, type Balance } from '../domain/bandwidth-balance';
import { JOB_SHARE, shareOf, type Claim } from '../domain/bandwidth-share';
import type { BandwidthBoard } from './bandwidth';
import type { Clock } from './clock';
import { Demand } from './demand';
import { JobRoom } from './job-room';
import { MeteredGate } from './send-gate';

/** Bytes a second; absent: no limit. */
export interface ShareNews {
  readonly transfer: string;
  readonly limit?: number;
  readonly share?: number;
}

export interface TransferShareOptions {
  readonly transfer: string;
  readonly board: BandwidthBoard;
  readonly process: string;
  readonly clock: Clock;
  readonly onShare?: (news: ShareNews) => void;
}

/** How often the run is asked for the limit. */
const ASK_MS = 4_000;
/** How often one looks at the others: all together ten times a second. */
const LOOK_MS = { least: 300, each: 100 };
/** After the first look at an empty board. */
const SOON_MS = 250;
/** Where the next copy comes so soon, it is not told that the last one has gone. */
const SHOW_MS = 100;
/** Of the time between two looks: so long after it, the others have seen a claim, on an average. */
const SEEN_AFTER = 0.5;
/** Of that time: a look is put off so far. */
const LATEST = 1.5;
/** One that has sent nothing for so long leaves the board. */
const IDLE_MS = 10_000;
const WORTH_TELLING = 0.1;

export class TransferShare {
  readonly gate: MeteredGate;
  readonly jobs: JobRoom;
  private configured: number | undefined;
  private limit: number | undefined;
  private demand: Demand;
  /** Of the limit; kept while nobody answers. */
  private fraction = 0;
  private balance: Balance | undefined;
  /** Of the gate's bytes: those before it came to the board. */
  private sentBefore = 0;
  private lookedAt = -Infinity;
  private shownAt = -Infinity;
  /** How many there were with the last look. */
  private claimants = 0;
  private callOff: () => void = () => undefined;
  private askedAt = -Infinity;
  private usedAt = -Infinity;
  private shown = false;
  private runs = false;
  private closed = false;
  private wake: () => void = () => undefined;
  private told: ShareNews | undefined;

  constructor(private readonly options: TransferShareOptions) {
    this.gate = new MeteredGate(options.clock, () => this.used());
    this.demand = new Demand(this.gate, options.clock);
    this.jobs = new JobRoom(options.transfer, options.board, () => this.begin());
  }

  /** What the configuration says: bytes a second. It counts until the run has been asked, which a new one is at once. */
  configure(bandwidth: number | undefined): void {
    if (bandwidth === this.configured) return;
    this.configured = bandwidth;
    this.askedAt = -Infinity;
    this.wake();
  }

  close(): void {
    this.closed = true;
    this.wake();
    this.leave();
  }

  /** The first copy has come, or the last one has gone: the others are told at once, and have time to follow. */
  private used(): void {
    if (!this.runs) return this.begin();
    const now = this.options.clock.now();
    const idle = this.gate.copies === 0;
    if (!this.shown || (idle && now - this.shownAt < SHOW_MS)) return;
    this.show();
    const { period, lookedAt } = this;
    if (!idle) this.wakeAfter(Math.min(SEEN_AFTER * period, lookedAt + LATEST * period - now));
  }

  private get period(): number {
    return Math.max(LOOK_MS.least, LOOK_MS.each * this.claimants);
  }

  private wakeAfter(ms: number): void {
    this.callOff();
    this.callOff = this.options.clock.after(Math.max(0, ms), this.wake);
  }

  private begin(): void {
    if (this.closed) return;
    if (this.runs) this.wake();
    else void this.run();
  }

  private async run(): Promise<void> {
    const { clock } = this.options;
    this.runs = true;
    this.demand = new Demand(this.gate, clock);
    this.fraction = 0;
    this.balance = undefined;
    this.sentBefore = this.gate.sent;
    this.askedAt = -Infinity;
    this.limit = this.configured;
    // Nothing leaves before the others are known.
    this.gate.setRate(this.limit === undefined ? undefined : 0);
    if (this.gate.copies > 0) this.usedAt = clock.now();
    while (!this.closed && (clock.now() - this.usedAt < IDLE_MS || this.jobs.size > 0)) {
      const woken = new Promise<void>((resolve) => (this.wake = resolve));
      this.wakeAfter(await this.look());
      await woken;
      this.callOff();
      if (this.gate.copies > 0) this.usedAt = clock.now();
    }
    this.runs = false;
    this.leave();
  }

  /** Never rejects; says when to look again: milliseconds. */
  private async look(): Promise<number> {
    await this.ask();
    const { limit } = this;
    if (limit === undefined) {
      this.jobs.admit(undefined);
      this.allow(undefined);
      this.leave();
      return ASK_MS;
    }
    const claims = await this.claims();
    if (this.closed) return 0;
    this.lookedAt = this.options.clock.now();
    this.claimants = claims?.length ?? 0;
    if (claims === undefined) {
      this.jobs.admit(limit);
      this.balance = undefined;
      this.allow(limit * (this.fraction || JOB_SHARE));
    } else {
      this.jobs.admit(limit, claims);
      const { process, clock } = this.options;
      const share = shareOf(limit, process, claims);
      this.fraction = share / limit;
      const known = claims.map((claim) => (claim.process === process ? { ...claim, sent: this.sent } : claim));
      this.balance = nextBalance(this.balance, clock.now(), limit, known);
      this.allow(share, boostOf(this.balance));
    }
    if (!this.shown) this.show();
    if (claims?.length === 0) return SOON_MS;
    return this.period;
  }

  /** Undefined: the others cannot be seen, or not this process by the others: who is not seen must not reckon with them. */
  private async claims(): Promise<readonly Claim[] | undefined> {
    const { board, transfer, process } = this.options;
    const { shown } = this;
    if (shown) this.show();
    const claims = await board.claims(transfer).catch(() => undefined);
    return !shown || claims?.some((claim) => claim.process === process) ? claims : undefined;
  }

  private async ask(): Promise<void> {
    const { board, transfer, clock } = this.options;
    if (clock.now() - this.askedAt < ASK_MS) return;
    this.limit = await board.limit(transfer).catch(() => this.limit);
    this.askedAt = clock.now();
  }

  private show(): void {
    const { board, transfer, process } = this.options;
    this.jobs.show();
    this.shownAt = this.options.clock.now();
    // One without copies stays on the board for a while, as the next may come at any moment.
    this.shown = this.gate.copies > 0 || this.options.clock.now() - this.usedAt < IDLE_MS;
    const copies = coarse(Math.max(1, this.gate.copies));
    const want = this.demand.want(this.limit ?? 0);
    if (this.shown) board.show(transfer, { process, copies, want, sent: this.sent });
    else board.withdraw(transfer, process);
  }

  private get sent(): number {
    return this.gate.sent - this.sentBefore;
  }

  private leave(): void {
    const { board, transfer, process } = this.options;
    board.withdraw(transfer, process);
    this.shown = false;
    if (this.closed) this.jobs.withdraw();
  }

  private allow(share: number | undefined, boost = 1): void {
    this.gate.setRate(share === undefined ? undefined : share * boost);
    const { limit, told } = this;
    const near = (a = 0, b = 0) => Math.abs(a - b) <= WORTH_TELLING * Math.max(a, b);
    if (share === 0 || (near(limit, told?.limit) && near(share, told?.share))) return;
    this.told = {
      transfer: this.options.transfer,
      ...(limit === undefined ? {} : { limit }),
      ...(share === undefined ? {} : { share }),
    };
    this.options.onShare?.(this.told);
  }
}

/** To two binary digits: what changes little need not be told. */
function coarse(count: number): number {
  const unit = 2 ** Math.max(0, Math.floor(Math.log2(count)) - 1);
  return Math.round(count / unit) * unit;
}
