/** Processes that share a limit in virtual time, and what all of them together have sent at each moment. */
import type { BandwidthBoard } from '../../src/transfer/bandwidth';
import { SharedBandwidth } from '../../src/transfer/shared-bandwidth';
import { FakeClock } from './fake-clock';
import { MemoryBoard } from './memory-board';

const SLICE = 256 * 1024;
const SAMPLE_MS = 100;

export interface CrowdMember {
  /** One object: reading, slices that pass the gate, an answer. */
  copy(bytes: number): Promise<void>;
  /** As SIGKILL does: nothing is sent, shown or withdrawn any more. */
  kill(): void;
}

export class Crowd {
  readonly clock = new FakeClock();
  readonly board = new MemoryBoard(this.clock);
  private sent = 0;
  private readonly samples: number[] = [0];

  /** Bytes a second. */
  constructor(
    limit: number,
    private readonly lineRate: number,
  ) {
    this.board.rate = limit;
  }

  /** `tells`: whether its claims say what it has sent. */
  join(name: string, { tells = true } = {}): CrowdMember {
    const { clock, board } = this;
    const life = { over: false };
    const own: BandwidthBoard = {
      limit: () => (life.over ? new Promise<never>(() => undefined) : board.limit()),
      claims: () => (life.over ? new Promise<never>(() => undefined) : board.claims()),
      show(transfer, { sent, ...claim }) {
        if (!life.over) board.show(transfer, tells && sent !== undefined ? { ...claim, sent } : claim);
      },
      withdraw: (transfer, process) => (life.over ? undefined : board.withdraw(transfer, process)),
    };
    const bandwidth = new SharedBandwidth({ board: own, process: name, clock });
    const copy = (bytes: number) => {
      const gate = bandwidth.gate({ transfer: 't', bandwidth: board.rate ?? 0 });
      return gate.hold(bytes, async () => {
        await clock.sleep(50);
        for (let left = bytes; left > 0; left -= SLICE) {
          const slice = Math.min(SLICE, left);
          await (gate.take(slice) ?? Promise.resolve());
          if (life.over) return;
          this.sent += slice;
          await clock.sleep((slice / this.lineRate) * 1000);
        }
        await clock.sleep(50);
      });
    };
    return { copy, kill: () => (life.over = true) };
  }

  async run(seconds: number): Promise<void> {
    for (let ms = 0; ms < seconds * 1000; ms += SAMPLE_MS) {
      await this.clock.advance(SAMPLE_MS);
      this.samples.push(this.sent);
    }
  }

  /** Bytes a second between two moments, in seconds. */
  rate(from: number, to: number): number {
    return (this.at(to) - this.at(from)) / (to - from);
  }

  /** The highest rate over any so many seconds within the stretch. */
  highest(over: number, from: number, to: number): number {
    let most = 0;
    for (let at = from; at + over <= to; at += SAMPLE_MS / 1000) most = Math.max(most, this.rate(at, at + over));
    return most;
  }

  private at(seconds: number): number {
    return this.samples[Math.round((seconds * 1000) / SAMPLE_MS)] ?? this.sent;
  }
}

/** The same numbers each time: from 0 to 1. */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
