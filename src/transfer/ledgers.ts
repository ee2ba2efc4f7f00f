/** The ledgers of a process: one that many scans ask is opened once. */
import type { Transfer } from '../domain/transfer';
import { openLedger, type Ledger } from './ledger';
import type { ReportFiles } from './report-store';

/** Each keeps an index of its run's groups: one a scan, so some thousands at most. */
const MAX_OPEN = 8;

export class Ledgers {
  /** The least lately asked comes first. */
  private readonly opened = new Map<string, Promise<Ledger>>();

  constructor(private readonly openReports: (transfer: Transfer) => ReportFiles) {}

  open(transfer: Transfer, run: string): Promise<Ledger> {
    const ledger = this.opened.get(run) ?? openLedger(this.openReports(transfer), run);
    this.opened.delete(run);
    this.opened.set(run, ledger);
    // The next scan tries again.
    ledger.catch(() => this.opened.delete(run));
    for (const oldest of [...this.opened.keys()].slice(0, -MAX_OPEN)) this.opened.delete(oldest);
    return ledger;
  }
}
