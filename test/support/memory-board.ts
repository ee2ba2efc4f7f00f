/** A `BandwidthBoard` over a Map: what the processes of a test see of each other, and how often they ask. */
import type { Claim } from '../../src/domain/bandwidth-share';
import { CLAIM_LIFE_MS, type BandwidthBoard } from '../../src/transfer/bandwidth';
import type { FakeClock } from './fake-clock';

const ANSWER_MS = 5;

export class MemoryBoard implements BandwidthBoard {
  /** What the run says; bytes a second. */
  rate: number | undefined;
  /** What cannot be had now. */
  fails = { limit: false, claims: false };
  readonly asked = { limit: 0, claims: 0 };
  private readonly shown = new Map<string, { readonly claim: Claim; readonly at: number }>();

  constructor(private readonly clock: FakeClock) {}

  async limit(): Promise<number | undefined> {
    this.asked.limit += 1;
    await this.clock.sleep(ANSWER_MS);
    if (this.fails.limit) throw new Error('nobody answers');
    return this.rate;
  }

  async claims(): Promise<readonly Claim[]> {
    this.asked.claims += 1;
    await this.clock.sleep(ANSWER_MS);
    if (this.fails.claims) throw new Error('nobody answers');
    return this.now;
  }

  show(_transfer: string, claim: Claim): void {
    this.shown.set(claim.process, { claim, at: this.clock.now() });
  }

  withdraw(_transfer: string, process: string): void {
    this.shown.delete(process);
  }

  get now(): readonly Claim[] {
    const life = this.clock.now() - CLAIM_LIFE_MS;
    return [...this.shown.values()].filter(({ at }) => at > life).map(({ claim }) => claim);
  }
}
