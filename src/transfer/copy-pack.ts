/** Copies the small objects of one key range: it lists the range again, decides each key again, and so resumes for free. */
import { crcOf } from '../domain/checksum';
import { addCounters, NO_COUNTERS, type Counters } from '../domain/counters';
import type { CopiedLine, ReportLine } from '../domain/report-line';
import { routeOf, targetKeyOf, type Transfer } from '../domain/transfer';
import { isTransferError } from '../domain/transfer-error';
import type { DeferredRange, KeyRange, ObjectSpec, PackRequest, PackResult } from '../domain/work';
import { limitOf, type CopyTask } from '../domain/copy-task';
import { planParts } from '../domain/part-plan';
import { concurrently } from './concurrently';
import { concernsOneObject, decideKey, failedLine, type DecideContext, type KeyDecision } from './decide-key';
import type { Engine, MoveOptions } from './engine';
import { HoldSieve } from './hold-sieve';
import { keyFilter } from './key-filter';
import { joinListings, type JoinedKey } from './join-listings';
import { hashOf } from './key-hash';
import { KeyTrail, rangeFrom, type KeyPosition } from './key-trail';
import type { ListedObject, ObjectHead } from './object-store';
import { isOwnCopy } from './own-copy';
import { proofOf } from './proof';
import { putWhole } from './put-whole';
import { retrying } from './retry';

const CHUNK_KEYS = 256;
/** Keys handed back to the lane, grown and changing ones together; a chunk is finished before they are counted. */
const MAX_HANDED_BACK = 100;
const MAX_CHANGES = 3;

/** What is finished so far; heartbeated, so that the next attempt goes on from here. Plain JSON. */
export interface PackCheckpoint {
  readonly segment: number;
  readonly position: KeyPosition;
  readonly counters: Counters;
  readonly deferred: readonly DeferredRange[];
  readonly grown: readonly ObjectSpec[];
  readonly changing: readonly ObjectSpec[];
}

export interface CopyPackOptions extends MoveOptions {
  readonly from?: PackCheckpoint;
  /** An earlier attempt at this pack may have copied more than its last checkpoint tells. @default false */
  readonly retried?: boolean;
  /** Keeps the lines of one chunk; called, and awaited, before the checkpoint that relies on them. */
  readonly onLines: (lines: readonly ReportLine[], segment: number) => Promise<void>;
  readonly onCheckpoint: (checkpoint: PackCheckpoint) => void;
}

/** `position`: just behind the object. `deferred`: how many holds were noted before it. */
interface WalkedObject extends JoinedKey {
  readonly position: KeyPosition;
  readonly deferred: number;
}

export async function copyPack(request: PackRequest, engine: Engine, options: CopyPackOptions): Promise<PackResult> {
  const { transfer, run, group, holds, passed, force } = request;
  const { from, stop, retried = false } = options;
  const range = from === undefined ? request.range : rangeFrom(request.range, from.position);
  const source = engine.openStore(transfer.source);
  const { ordered } = source;
  const context = { transfer, force, source, target: engine.openStore(transfer.target) };
  const wanted = keyFilter(transfer, run.startedAt);
  const known = [...passed, ...(from?.deferred ?? []).map(({ hold }) => hold)];
  const sieve = new HoldSieve({ sourcePrefix: transfer.source.prefix, range, ordered }, holds, known);
  const trail = new KeyTrail(range, ordered);
  const grown: ObjectSpec[] = [...(from?.grown ?? [])];
  const changing: ObjectSpec[] = [...(from?.changing ?? [])];
  let counters = from?.counters ?? NO_COUNTERS;
  let segment = from?.segment ?? 0;
  let rest: KeyRange = range;
  /** Those before `rest`; what comes after it is walked, and noted, again. */
  let deferred = from?.deferred ?? [];

  /** True when every object of the chunk is finished. */
  const copyChunk = async (chunk: readonly WalkedObject[]) => {
    const lines: ReportLine[] = [];
    const begun = { keys: 0, brokenOff: false };
    const handedBack = [grown, changing].map((objects) => ({ objects, before: objects.length }));
    await concurrently(chunk, engine.packConcurrency, async ({ object, target }) => {
      if (stop?.aborted) return;
      begun.keys += 1;
      const { startedAt } = run;
      const line = await copySmall({
        ...{ object, target, context, run: run.mark, startedAt, group },
        ...{ engine, stop, retried, grown, changing },
      }).catch((error: unknown) => {
        if (!stop?.aborted) throw error;
        begun.brokenOff = true;
      });
      if (line !== undefined) lines.push(line);
    });
    if (begun.brokenOff) {
      // It is walked again; what stands in the target by now is known by its record.
      for (const { objects, before } of handedBack) objects.length = before;
      return false;
    }
    const last = chunk[begun.keys - 1];
    if (last === undefined) return chunk.length === 0;
    for (const line of lines) counters = addCounters(counters, countsOf(line));
    segment += 1;
    await options.onLines(lines, segment);
    const { position } = last;
    rest = rangeFrom(range, position);
    deferred = [...(from?.deferred ?? []), ...sieve.deferred.slice(0, last.deferred)];
    options.onCheckpoint({ segment, position, counters, deferred, grown: [...grown], changing: [...changing] });
    return begun.keys === chunk.length;
  };

  let chunk: WalkedObject[] = [];
  for await (const joined of joinListings(context, range)) {
    const { object } = joined;
    trail.pass(object.key);
    if (!sieve.holdsBack(object.key) && wanted(object)) {
      chunk.push({ ...joined, position: trail.position(range.prefix), deferred: sieve.deferred.length });
    }
    if (chunk.length < CHUNK_KEYS) continue;
    await copyChunk(chunk);
    chunk = [];
    if (stop?.aborted || grown.length + changing.length >= MAX_HANDED_BACK) {
      return { next: rest, deferred, counters, grown, changing };
    }
  }
  const finished = await copyChunk(chunk);
  if (!finished) return { next: rest, deferred, counters, grown, changing };
  return { deferred: [...(from?.deferred ?? []), ...sieve.deferred], counters, grown, changing };
}

function countsOf({ outcome, size }: ReportLine): Partial<Counters> {
  return { listed: 1, bytesListed: size, [outcome]: 1, ...(outcome === 'copied' ? { bytesCopied: size } : {}) };
}

interface SmallCopy extends JoinedKey {
  readonly context: DecideContext;
  readonly run: string;
  /** Of the run: ms. */
  readonly startedAt: number;
  readonly group: string;
  readonly engine: Engine;
  readonly stop: AbortSignal | undefined;
  /** An earlier attempt may have copied it. */
  readonly retried: boolean;
  readonly grown: ObjectSpec[];
  readonly changing: ObjectSpec[];
}

/** The key's line; undefined where the key belongs to a child of its own: it is too large for a pack, or does not stand still. */
async function copySmall(copy: SmallCopy): Promise<ReportLine | undefined> {
  let { object, target } = copy;
  const { context, group, grown, changing } = copy;
  const { key } = object;
  for (let changes = 0; ; changes++) {
    const decision = await decideKey(object, context, target);
    const route = routeOf(context.transfer, object.size);
    if (route !== 'pack') {
      if (isForChild(decision, object, copy)) grown.push({ id: hashOf(key), group, key, size: object.size, route });
      return undefined;
    }
    const own = await ownCopy(copy, object, decision);
    if (own !== undefined) return ownCopyLine(object, own, context);
    if (decision.kind === 'settled') return decision.line;
    try {
      return await put(copy, object, decision);
    } catch (error) {
      if (copy.stop?.aborted) throw error;
      if (!isTransferError(error, 'SourceChanged', 'SourceGone', 'TargetChanged')) {
        if (!(await concernsOneObject(error, context))) throw error;
        return failedLine(object, error);
      }
      const head = await retrying(() => context.source.head({ key }));
      if (head === undefined)
        return { outcome: 'skipped', reason: 'gone', key, size: object.size, sourceEtag: object.etag };
      if (changes >= MAX_CHANGES) {
        const { size } = head;
        changing.push({ id: hashOf(key), group, key, size, route: ownRouteOf(context.transfer, size) });
        return undefined;
      }
      object = { ...object, size: head.size, etag: head.etag, lastModified: head.lastModified };
      // The listing is older than what was met.
      target = undefined;
    }
  }
}

/** What the scan has not settled: it is to be copied, or came after the scan and fails. */
function isForChild(decision: KeyDecision, { lastModified }: ListedObject, { startedAt }: SmallCopy): boolean {
  if (decision.kind === 'copy') return true;
  return decision.line.outcome === 'failed' && lastModified >= startedAt;
}

/** Of an object that travels alone, however small. */
function ownRouteOf(transfer: Transfer, size: number): ObjectSpec['route'] {
  return routeOf(transfer, size) === 'batch' ? 'batch' : 'worker';
}

/** What an attempt before this one has copied, when it died before its checkpoint: a listing does not tell whose it is. */
async function ownCopy(
  { context, run, retried }: SmallCopy,
  object: ListedObject,
  { found }: KeyDecision,
): Promise<ObjectHead | undefined> {
  if (found === undefined || found.size !== object.size) return undefined;
  let { head } = found;
  if (head === undefined && retried) {
    const key = targetKeyOf(context.transfer, object.key);
    head = await retrying(() => context.target.head({ key }));
  }
  return head !== undefined && isOwnCopy(head, run, object) ? head : undefined;
}

function ownCopyLine(
  { key, size, etag }: ListedObject,
  { etag: targetEtag, checksums: targetChecksums }: ObjectHead,
  { transfer, force }: DecideContext,
): CopiedLine {
  const targetKey = targetKeyOf(transfer, key);
  // A PutObject carries its checksum always: what the store shows of our own copy is what it has verified.
  const checksum = crcOf(targetChecksums);
  const proof = proofOf({ key, sourceEtag: etag, targetEtag, sourceChecksums: [], targetChecksums, checksum });
  const reason = force ? 'forced' : 'missing';
  return { outcome: 'copied', reason, key, size, sourceEtag: etag, targetKey, targetEtag, route: 'pack', proof };
}

async function put(
  { context, run, engine, stop }: SmallCopy,
  object: ListedObject,
  { reason, targetKey, found }: Extract<KeyDecision, { kind: 'copy' }>,
): Promise<CopiedLine> {
  const { transfer } = context;
  const { key, size, etag } = object;
  const task: CopyTask = {
    limit: limitOf(transfer),
    source: transfer.source,
    target: transfer.target,
    pinned: { key, etag, size },
    targetKey,
    plan: planParts({ size }),
    checksum: { algorithm: 'CRC32' },
    ...(found === undefined ? {} : { replaces: found.etag }),
    run,
    copyMetadata: transfer.metadata.copy,
    copyTags: transfer.metadata.tags,
  };
  const { etag: targetEtag, checksum, sourceChecksums } = await putWhole(task, engine, stop);
  const proof = proofOf({ key, sourceEtag: etag, targetEtag, sourceChecksums, targetChecksums: [], checksum });
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
    checksum,
  };
}
