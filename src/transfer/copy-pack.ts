/** Copies the small objects of one key range: it lists the range again, decides each key again, and so resumes for free. */
import type { ReportLine } from '../domain/report-line';
import type { PackRequest, PackResult } from '../domain/work';
import { concurrently } from './concurrently';
import { copySmall } from './copy-small';
import type { Engine, MoveOptions } from './engine';
import { HoldSieve } from './hold-sieve';
import { keyFilter } from './key-filter';
import { joinListings, type JoinedKey } from './join-listings';
import { KeyTrail, rangeFrom, startOf } from './key-trail';
import { PackLog, type PackCheckpoint, type WalkPlace } from './pack-log';

/** Keys handed back to the lane, grown and changing ones together; what is in flight then is finished, and may add to them. */
const MAX_HANDED_BACK = 100;

export interface CopyPackOptions extends MoveOptions {
  readonly from?: PackCheckpoint;
  /** An earlier attempt at this pack may have copied more than its last checkpoint tells. @default false */
  readonly retried?: boolean;
  /** From then on no other object begins; those in flight are finished, however long they take. */
  readonly enough?: AbortSignal;
  /** Keeps the lines of one segment; called, and awaited, before the checkpoint that relies on them. */
  readonly onLines: (lines: readonly ReportLine[], segment: number) => Promise<void>;
  readonly onCheckpoint: (checkpoint: PackCheckpoint) => void;
}

type WalkedObject = JoinedKey & WalkPlace;

export async function copyPack(request: PackRequest, engine: Engine, options: CopyPackOptions): Promise<PackResult> {
  const { transfer, run, group, holds, passed, force } = request;
  const { from, stop, enough, retried = false } = options;
  const range = from === undefined ? request.range : rangeFrom(request.range, from.position);
  const source = engine.openStore(transfer.source);
  const { ordered } = source;
  const context = { transfer, force, source, target: engine.openStore(transfer.target) };
  const wanted = keyFilter(transfer, run.startedAt);
  const known = [...passed, ...(from?.deferred ?? []).map(({ hold }) => hold)];
  const sieve = new HoldSieve({ sourcePrefix: transfer.source.prefix, range, ordered }, holds, known);
  const trail = new KeyTrail(range, ordered);
  const log = new PackLog({ ...options, start: startOf(range), deferred: () => sieve.deferred });
  const walked = { cutShort: false };

  async function* walk(): AsyncGenerator<WalkedObject> {
    for await (const joined of joinListings(context, range)) {
      const { object } = joined;
      trail.pass(object.key);
      if (sieve.holdsBack(object.key) || !wanted(object)) continue;
      const place = { position: trail.position(range.prefix), deferred: sieve.deferred.length };
      await log.room();
      if (stop?.aborted || enough?.aborted || log.handedBack >= MAX_HANDED_BACK) {
        walked.cutShort = true;
        return;
      }
      yield { ...joined, ...place };
    }
  }

  const copy = async ({ object, target, ...place }: WalkedObject) => {
    const end = log.begin(place);
    try {
      const { mark, startedAt } = run;
      const work = async () => {
        stop?.throwIfAborted();
        return copySmall({ object, target, context, run: mark, startedAt, group, engine, stop, retried });
      };
      end(await engine.smallAtOnce.hold(1, work, { owner: transfer.name }));
    } catch (error) {
      if (stop?.aborted) {
        // It waited for its turn to leave, and is walked again; what stands in the target by then is known by its record.
        log.leaveOpen();
      } else {
        log.abandon(error);
        throw error;
      }
    }
  };
  try {
    await concurrently(walk(), engine.packConcurrency, copy);
  } finally {
    await log.end();
  }
  await log.close();
  const { position, counters, grown, changing, deferred } = log.checkpoint;
  if (walked.cutShort || log.isOpen) return { next: rangeFrom(range, position), deferred, counters, grown, changing };
  return { deferred: [...(from?.deferred ?? []), ...sieve.deferred], counters, grown, changing };
}
