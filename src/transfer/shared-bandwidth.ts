/** Limits of bandwidth that hold over all processes together: for each transfer that this one copies for, a gate and a share. */
import type { TransferLimit } from '../domain/bandwidth';
import type { Bandwidth, BandwidthBoard, JobShare, JobShareRequest } from './bandwidth';
import { CLOCK, type Clock } from './clock';
import type { SendGate } from './send-gate';
import { TransferShare, type ShareNews } from './transfer-share';

export interface SharedBandwidthOptions {
  readonly board: BandwidthBoard;
  /** Names this process among the others: a word, another one at each start. */
  readonly process: string;
  /** @default the system's */
  readonly clock?: Clock;
  /** Told when the share of this process has changed. */
  readonly onShare?: (news: ShareNews) => void;
}

export class SharedBandwidth implements Bandwidth {
  private readonly shares = new Map<string, TransferShare>();

  constructor(private readonly options: SharedBandwidthOptions) {}

  gate(limit: TransferLimit): SendGate {
    return this.shareOf(limit).gate;
  }

  job(limit: TransferLimit, request: JobShareRequest): Promise<JobShare> {
    return this.shareOf(limit).jobs.job(request);
  }

  /** Leaves its shares to the others. */
  close(): void {
    for (const share of this.shares.values()) share.close();
  }

  private shareOf({ transfer, bandwidth }: TransferLimit): TransferShare {
    let share = this.shares.get(transfer);
    if (share === undefined) {
      share = new TransferShare({ ...this.options, transfer, clock: this.options.clock ?? CLOCK });
      this.shares.set(transfer, share);
    }
    share.configure(bandwidth);
    return share;
  }
}
