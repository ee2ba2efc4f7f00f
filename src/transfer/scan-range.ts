/** Walks one stretch of source and target together, decides each key, and cuts what is to copy into packs and single objects. */
import type { ScanRequest, ScanResult } from '../domain/work';
import { concurrently } from './concurrently';
import { decideKey, type KeyDecision } from './decide-key';
import type { Engine } from './engine';
import { HoldSieve } from './hold-sieve';
import { joinListings, type JoinedKey } from './join-listings';
import { KeyTrail, rangeFrom } from './key-trail';
import { keyFilter } from './key-filter';
import { groupOf } from './report-names';
import { ScanCut, type ScanLines } from './scan-cut';

const MAX_KEYS = 10_000;
const MAX_OBJECTS = 100;
const MAX_PACKS = 16;
const LOOKS_AT_ONCE = 32;
const CHUNK_KEYS = 256;

export type ScanOutcome = ScanResult & ScanLines;

/** Ends early, with `next`, once it has found enough to do or walked 10,000 keys. */
export async function scanRange(request: ScanRequest, engine: Engine, signal?: AbortSignal): Promise<ScanOutcome> {
  const { transfer, run, lane, sequence, range, holds, passed, force } = request;
  const source = engine.openStore(transfer.source);
  const { ordered } = source;
  const context = { transfer, force, source, target: engine.openStore(transfer.target) };
  const wanted = keyFilter(transfer, run.startedAt);
  const sieve = new HoldSieve({ sourcePrefix: transfer.source.prefix, range, ordered }, holds, passed);
  const cut = new ScanCut(transfer, range, ordered, groupOf(lane, sequence));
  const trail = new KeyTrail(range, ordered);
  let walked = 0;
  let chunk: JoinedKey[] = [];
  const decideChunk = async () => {
    const decided: KeyDecision[] = [];
    await concurrently(chunk.entries(), LOOKS_AT_ONCE, async ([i, { object, target }]) => {
      if (wanted(object)) decided[i] = await decideKey(object, context, target);
    });
    for (const [i, { object }] of chunk.entries()) cut.add(object, decided[i]);
    chunk = [];
  };
  for await (const joined of joinListings(context, range)) {
    const { object } = joined;
    signal?.throwIfAborted();
    walked += 1;
    trail.pass(object.key);
    const held = sieve.holdsBack(object.key);
    if (!held) chunk.push(joined);
    if (held || chunk.length >= CHUNK_KEYS) await decideChunk();
    if (held) cut.passOver(object.key);
    if (walked >= MAX_KEYS || cut.objectCount >= MAX_OBJECTS || cut.packCount >= MAX_PACKS) {
      await decideChunk();
      return { ...cut.finish(), deferred: sieve.deferred, next: rangeFrom(range, trail.position(range.prefix)) };
    }
  }
  await decideChunk();
  return { ...cut.finish(), deferred: sieve.deferred };
}
