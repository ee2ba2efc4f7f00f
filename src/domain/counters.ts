/** What a run counts. Plain JSON; added up from scans, packs and objects to lanes, and from lanes to the run. */

export interface Counters {
  readonly listed: number;
  readonly copied: number;
  readonly skipped: number;
  readonly deleted: number;
  readonly failed: number;
  readonly bytesListed: number;
  readonly bytesCopied: number;
}

export const NO_COUNTERS: Counters = {
  listed: 0,
  copied: 0,
  skipped: 0,
  deleted: 0,
  failed: 0,
  bytesListed: 0,
  bytesCopied: 0,
};

export function addCounters(a: Counters, b: Partial<Counters>): Counters {
  return {
    listed: a.listed + (b.listed ?? 0),
    copied: a.copied + (b.copied ?? 0),
    skipped: a.skipped + (b.skipped ?? 0),
    deleted: a.deleted + (b.deleted ?? 0),
    failed: a.failed + (b.failed ?? 0),
    bytesListed: a.bytesListed + (b.bytesListed ?? 0),
    bytesCopied: a.bytesCopied + (b.bytesCopied ?? 0),
  };
}
