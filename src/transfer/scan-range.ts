/** Walks one stretch of source and target together, decides each key, and cuts what is to copy into packs and single objects. */
import type { ReportLine } from '../domain/report-line';
import type { ScanRequest, ScanResult } from '../domain/work';
import { concurrently } from './concurrently';
import { decideKey, decideListed, type KeyDecision } from './decide-key';
import type { Engine } from './engine';
import { HoldSieve } from './hold-sieve';
import { joinPages, type JoinedKey } from './join-listings';
import { KeyTrail, rangeFrom } from './key-trail';
import { keyFilter } from './key-filter';
import type { Ledger, LedgerCursor, LedgerEntry } from './ledger';
import { groupOf } from './report-names';
import { ScanCut, type ScanSpan } from './scan-cut';

/** Where nothing is to be done one scan does so many: a few events of history for each. */
const MAX_KEYS = 50_000;
const MAX_OBJECTS = 100;
const MAX_PACKS = 16;
const LOOKS_AT_ONCE = 32;
const CHUNK_KEYS = 256;

type WalkedKey = JoinedKey & { readonly pair?: LedgerEntry | undefined };

export type ScanOutcome = ScanResult & ScanSpan;

export interface ScanOptions {
  readonly signal?: AbortSignal;
  /** What the last run knew. */
  readonly ledger?: Ledger;
  /** Keeps the lines of the keys that the scan itself settles, in the order of the walk; awaited. */
  readonly onLines: (lines: readonly ReportLine[]) => Promise<void>;
}

/** Ends early, with `next`, once it has found enough to do or walked 50,000 keys. */
export async function scanRange(request: ScanRequest, engine: Engine, options: ScanOptions): Promise<ScanOutcome> {
  const { transfer, run, lane, sequence, range, holds, passed, force } = request;
  const { signal, onLines } = options;
  const source = engine.openStore(transfer.source);
  const { ordered } = source;
  const context = { transfer, force, source, target: engine.openStore(transfer.target) };
  const wanted = keyFilter(transfer, run.startedAt);
  const sieve = new HoldSieve({ sourcePrefix: transfer.source.prefix, range, ordered }, holds, passed);
  const cut = new ScanCut(transfer, range, ordered, groupOf(lane, sequence));
  const trail = new KeyTrail(range, ordered);
  const known = new KnownPairs(force ? undefined : options.ledger);
  let walked = 0;
  let chunk: WalkedKey[] = [];
  const decideChunk = async () => {
    const decided: (KeyDecision | undefined)[] = [];
    const open: [number, WalkedKey][] = [];
    for (const [i, walkedKey] of chunk.entries()) {
      const { object, target, pair } = walkedKey;
      if (!wanted(object)) continue;
      decided[i] = decideListed(object, context, target, pair);
      if (decided[i] === undefined) open.push([i, walkedKey]);
    }
    await concurrently(open, LOOKS_AT_ONCE, async ([i, { object, target, pair }]) => {
      decided[i] = await decideKey(object, context, target, pair);
    });
    for (const [i, { object }] of chunk.entries()) cut.add(object, decided[i]);
    chunk = [];
    await onLines(cut.takeLines());
  };
  const finish = async () => {
    await decideChunk();
    const found = cut.finish();
    await onLines(cut.takeLines());
    return { ...found, deferred: sieve.deferred };
  };
  try {
    for await (const page of joinPages(context, range)) {
      signal?.throwIfAborted();
      for (const joined of page) {
        const { object } = joined;
        walked += 1;
        trail.pass(object.key);
        const held = sieve.holdsBack(object.key);
        if (!held) chunk.push(known.isAskedOf(joined) ? { ...joined, pair: await known.of(joined) } : joined);
        if (held || chunk.length >= CHUNK_KEYS) await decideChunk();
        if (held) cut.passOver(object.key);
        if (walked >= MAX_KEYS || cut.objectCount >= MAX_OBJECTS || cut.packCount >= MAX_PACKS) {
          return { ...(await finish()), next: rangeFrom(range, trail.position(range.prefix)) };
        }
      }
    }
    return await finish();
  } finally {
    await known.close();
  }
}

/** Asks the ledger only of keys that the listings leave open. */
class KnownPairs {
  private cursor: LedgerCursor | undefined;

  constructor(private readonly ledger: Ledger | undefined) {}

  isAskedOf({ object, target }: JoinedKey): boolean {
    if (this.ledger === undefined || target === undefined || target === null) return false;
    return target.etag !== object.etag && target.size === object.size;
  }

  /** To be called of ascending keys. */
  async of({ object }: JoinedKey): Promise<LedgerEntry | undefined> {
    this.cursor ??= this.ledger?.from(object.key);
    return this.cursor?.lookup(object.key);
  }

  async close(): Promise<void> {
    await this.cursor?.close();
  }
}
