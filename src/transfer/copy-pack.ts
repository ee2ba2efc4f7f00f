/** Copies the small objects of one key range: it lists the range again, decides each key again, and so resumes for free. */
import { addCounters, NO_COUNTERS, type Counters } from '../domain/counters';
import type { CopiedLine, ReportLine } from '../domain/report-line';
import { routeOf } from '../domain/transfer';
import { isTransferError } from '../domain/transfer-error';
import type { DeferredRange, KeyRange, ObjectSpec, PackRequest, PackResult } from '../domain/work';
import type { CopyTask } from '../domain/copy-task';
import { planParts } from '../domain/part-plan';
import { concurrently } from './concurrently';
import { concernsOneObject, decideKey, failedLine, type DecideContext, type KeyDecision } from './decide-key';
import type { Engine, MoveOptions } from './engine';
import { HoldSieve } from './hold-sieve';
import { keyFilter } from './key-filter';
import { hashOf } from './key-hash';
import { KeyTrail, rangeFrom, type KeyPosition } from './key-trail';
import type { ListedObject } from './object-store';
import { isOwnCopy } from './open-transfer';
import { base64OfCrc32, proofOf } from './proof';
import { putWhole } from './put-whole';
import { retrying } from './retry';
import { walkKeys } from './walk-keys';

const CHUNK_KEYS = 256;
const MAX_GROWN = 100;
const MAX_CHANGES = 3;

/** What is finished so far; heartbeated, so that the next attempt goes on from here. Plain JSON. */
export interface PackCheckpoint {
  readonly segment: number;
  readonly position: KeyPosition;
  readonly counters: Counters;
  readonly deferred: readonly DeferredRange[];
  readonly grown: readonly ObjectSpec[];
}

export interface CopyPackOptions extends MoveOptions {
  readonly from?: PackCheckpoint;
  /** Keeps the lines of one chunk; called, and awaited, before the checkpoint that relies on them. */
  readonly onLines: (lines: readonly ReportLine[], segment: number) => Promise<void>;
  readonly onCheckpoint: (checkpoint: PackCheckpoint) => void;
}

/** `position`: just behind the object. `deferred`: how many holds were noted before it. */
interface WalkedObject {
  readonly object: ListedObject;
  readonly position: KeyPosition;
  readonly deferred: number;
}

export async function copyPack(request: PackRequest, engine: Engine, options: CopyPackOptions): Promise<PackResult> {
  const { transfer, run, holds, passed, force } = request;
  const { from, stop } = options;
  const range = from === undefined ? request.range : rangeFrom(request.range, from.position);
  const source = engine.openStore(transfer.source);
  const { ordered } = source;
  const context = { transfer, force, source, target: engine.openStore(transfer.target) };
  const wanted = keyFilter(transfer, run.startedAt);
  const known = [...passed, ...(from?.deferred ?? []).map(({ hold }) => hold)];
  const sieve = new HoldSieve({ sourcePrefix: transfer.source.prefix, range, ordered }, holds, known);
  const trail = new KeyTrail(range, ordered);
  const grown: ObjectSpec[] = [...(from?.grown ?? [])];
  let counters = from?.counters ?? NO_COUNTERS;
  let segment = from?.segment ?? 0;
  let rest: KeyRange = range;
  /** Those before `rest`; what comes after it is walked, and noted, again. */
  let deferred = from?.deferred ?? [];

  /** True when every object of the chunk is finished. */
  const copyChunk = async (chunk: readonly WalkedObject[]) => {
    const lines: ReportLine[] = [];
    const begun = { keys: 0 };
    await concurrently(chunk, engine.packConcurrency, async ({ object }) => {
      if (stop?.aborted) return;
      begun.keys += 1;
      const line = await copySmall({ object, context, run: run.mark, engine, grown });
      if (line !== undefined) lines.push(line);
    });
    const last = chunk[begun.keys - 1];
    if (last === undefined) return chunk.length === 0;
    for (const line of lines) counters = addCounters(counters, countsOf(line));
    segment += 1;
    await options.onLines(lines, segment);
    const { position } = last;
    rest = rangeFrom(range, position);
    deferred = [...(from?.deferred ?? []), ...sieve.deferred.slice(0, last.deferred)];
    options.onCheckpoint({ segment, position, counters, deferred, grown: [...grown] });
    return begun.keys === chunk.length;
  };

  let chunk: WalkedObject[] = [];
  for await (const object of walkKeys(source, range)) {
    trail.pass(object.key);
    if (!sieve.holdsBack(object.key) && wanted(object)) {
      chunk.push({ object, position: trail.position(range.prefix), deferred: sieve.deferred.length });
    }
    if (chunk.length < CHUNK_KEYS) continue;
    await copyChunk(chunk);
    chunk = [];
    if (stop?.aborted || grown.length >= MAX_GROWN) return { next: rest, deferred, counters, grown };
  }
  const finished = await copyChunk(chunk);
  if (!finished) return { next: rest, deferred, counters, grown };
  return { deferred: [...(from?.deferred ?? []), ...sieve.deferred], counters, grown };
}

function countsOf({ outcome, size }: ReportLine): Partial<Counters> {
  return { listed: 1, bytesListed: size, [outcome]: 1, ...(outcome === 'copied' ? { bytesCopied: size } : {}) };
}

interface SmallCopy {
  readonly object: ListedObject;
  readonly context: DecideContext;
  readonly run: string;
  readonly engine: Engine;
  readonly grown: ObjectSpec[];
}

/** The key's line; undefined where the key is too large for a pack and belongs to a child of its own. */
async function copySmall(copy: SmallCopy): Promise<ReportLine | undefined> {
  let { object } = copy;
  const { context, run, grown } = copy;
  const { key } = object;
  for (let changes = 0; ; changes++) {
    const decision = await decideKey(object, context);
    const route = routeOf(context.transfer, object.size);
    if (route !== 'pack') {
      if (decision.kind === 'copy') grown.push({ id: hashOf(key), key, size: object.size, route });
      return undefined;
    }
    const { found } = decision;
    if (found !== undefined && isOwnCopy(found, run, object)) return ownCopyLine(object, decision, context);
    if (decision.kind === 'settled') return decision.line;
    try {
      return await put(copy, object, decision);
    } catch (error) {
      if (!isTransferError(error, 'SourceChanged', 'SourceGone')) {
        if (!(await concernsOneObject(error, context))) throw error;
        return failedLine(object, error);
      }
      const head = await retrying(() => context.source.head({ key }));
      if (head === undefined)
        return { outcome: 'skipped', reason: 'gone', key, size: object.size, sourceEtag: object.etag };
      if (changes >= MAX_CHANGES) return { ...failedLine(object, error), code: 'ChangingSource' };
      object = { ...object, size: head.size, etag: head.etag, lastModified: head.lastModified };
    }
  }
}

/** An attempt before this one has copied it, and died before its checkpoint. */
function ownCopyLine(
  { key, size, etag }: ListedObject,
  { found }: KeyDecision,
  { transfer, force }: DecideContext,
): CopiedLine {
  const targetKey = transfer.target.prefix + key.slice(transfer.source.prefix.length);
  const targetEtag = found?.etag ?? '';
  const proof = proofOf({ key, sourceEtag: etag, targetEtag, sourceChecksums: [] });
  const reason = force ? 'forced' : 'missing';
  return { outcome: 'copied', reason, key, size, sourceEtag: etag, targetKey, targetEtag, route: 'pack', proof };
}

async function put(
  { context, run, engine }: SmallCopy,
  object: ListedObject,
  { reason, targetKey }: Extract<KeyDecision, { kind: 'copy' }>,
): Promise<CopiedLine> {
  const { transfer } = context;
  const { key, size, etag } = object;
  const task: CopyTask = {
    source: transfer.source,
    target: transfer.target,
    pinned: { key, etag, size },
    targetKey,
    plan: planParts({ size }),
    run,
    copyMetadata: transfer.metadata.copy,
    copyTags: transfer.metadata.tags,
  };
  const { etag: targetEtag, crc32 } = await putWhole(task, engine);
  const proof = proofOf({ key, sourceEtag: etag, targetEtag, sourceChecksums: [], crc32 });
  const crc = base64OfCrc32(crc32);
  return {
    outcome: 'copied',
    reason,
    key,
    size,
    sourceEtag: etag,
    targetKey,
    targetEtag,
    route: 'pack',
    proof,
    crc32: crc,
  };
}
