/** What a process could use of a limit, told by what it has sent, and by how much of it had to wait. */
import type { Clock } from './clock';
import type { MeteredGate } from './send-gate';

/** A shorter stretch says too little: between two objects there is a pause. */
const STRETCH_MS = 2_000;
/** Of one that had nothing to send for so long, nothing is known any more. */
const FORGOTTEN_MS = 1_000;
/** Beyond what was used: the next object may bring more. */
const HEADROOM = 1.1;
const LEAST = 64 * 1024;
/** Where most of what is sent has to wait: soon there from nothing, but who wants a little more does not take half of the limit. */
const GROWTH = 2;
const LEAST_GROWTH = 1 / 8;

export class Demand {
  private from: { readonly at: number; readonly sent: number; readonly waited: number } | undefined;
  private used = 0;
  private wanted = Infinity;
  private idleSince: number | undefined;

  constructor(
    private readonly gate: Pick<MeteredGate, 'copies' | 'sent' | 'waited'>,
    private readonly clock: Clock,
  ) {}

  /** Bytes a second; Infinity: whatever it gets, as nothing is known of it yet. */
  want(limit: number): number {
    const idle = this.rests();
    const now = { at: this.clock.now(), sent: this.gate.sent, waited: this.gate.waited };
    const { from = (this.from = now) } = this;
    if (now.at - from.at < STRETCH_MS) return idle ? LEAST : this.wanted;
    const sent = now.sent - from.sent;
    const used = (sent / (now.at - from.at)) * 1000;
    const short = now.waited - from.waited > sent / 2;
    this.wanted = short ? Math.max(GROWTH * used, LEAST_GROWTH * limit) : HEADROOM * Math.max(used, this.used, LEAST);
    this.used = used;
    this.from = now;
    return idle ? LEAST : this.wanted;
  }

  private rests(): boolean {
    const now = this.clock.now();
    if (this.gate.copies === 0) {
      this.idleSince ??= now;
      return true;
    }
    if (this.idleSince !== undefined && now - this.idleSince >= FORGOTTEN_MS) this.forget();
    this.idleSince = undefined;
    return false;
  }

  private forget(): void {
    this.from = undefined;
    this.used = 0;
    this.wanted = Infinity;
  }
}
