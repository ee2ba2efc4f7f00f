/** Copies one small object of a pack, in one piece; it is decided anew, for the scan has seen it some time ago. */
import { crcOf } from '../domain/checksum';
import { taskOf } from '../domain/copy-task';
import { planParts } from '../domain/part-plan';
import type { CopiedLine, SkippedLine } from '../domain/report-line';
import { routeOf, targetKeyOf, type Transfer } from '../domain/transfer';
import { isTransferError } from '../domain/transfer-error';
import type { ObjectSpec } from '../domain/work';
import { concernsOneObject, decideKey, failedLine, type DecideContext, type KeyDecision } from './decide-key';
import type { Engine } from './engine';
import type { JoinedKey } from './join-listings';
import { hashOf } from './key-hash';
import type { ListedObject, ObjectHead } from './object-store';
import { isOwnCopy } from './own-copy';
import type { SmallEnd } from './pack-log';
import { proofOf } from './proof';
import { putWhole } from './put-whole';
import { retrying } from './retry';

const MAX_CHANGES = 3;

export interface SmallCopy extends JoinedKey {
  readonly context: DecideContext;
  readonly run: string;
  /** Of the run: ms. */
  readonly startedAt: number;
  readonly group: string;
  readonly engine: Engine;
  readonly stop: AbortSignal | undefined;
  /** An earlier attempt may have copied it. */
  readonly retried: boolean;
}

/** The key's line; or it belongs to a child of its own, being too large for a pack, or does not stand still. */
export async function copySmall(copy: SmallCopy): Promise<SmallEnd> {
  let { object, target } = copy;
  const { context, group } = copy;
  const { key } = object;
  for (let changes = 0; ; changes++) {
    const decision = await decideKey(object, context, target);
    const route = routeOf(context.transfer, object.size);
    if (route !== 'pack') {
      if (!isForChild(decision, object, copy)) return { kind: 'nothing' };
      return { kind: 'grown', object: { id: hashOf(key), group, key, size: object.size, route } };
    }
    const own = await ownCopy(copy, object, decision);
    if (own !== undefined) return { kind: 'line', line: ownCopyLine(object, own, context) };
    if (decision.kind === 'settled') return { kind: 'line', line: decision.line };
    try {
      return { kind: 'line', line: await put(copy, object, decision) };
    } catch (error) {
      if (copy.stop?.aborted) throw error;
      if (!isTransferError(error, 'SourceChanged', 'SourceGone', 'TargetChanged')) {
        if (!(await concernsOneObject(error, context))) throw error;
        return { kind: 'line', line: failedLine(object, error) };
      }
      const head = await retrying(() => context.source.head({ key }));
      if (head === undefined) return { kind: 'line', line: goneLine(object) };
      if (changes >= MAX_CHANGES) {
        const { size } = head;
        return {
          kind: 'changing',
          object: { id: hashOf(key), group, key, size, route: ownRouteOf(context.transfer, size) },
        };
      }
      object = { ...object, size: head.size, etag: head.etag, lastModified: head.lastModified };
      // The listing is older than what was met.
      target = undefined;
    }
  }
}

function goneLine({ key, size, etag: sourceEtag }: ListedObject): SkippedLine {
  return { outcome: 'skipped', reason: 'gone', key, size, sourceEtag };
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
  const task = {
    ...taskOf(transfer, { run, targetKey, pinned: { key, etag, size }, plan: planParts({ size }) }),
    ...(found === undefined ? {} : { replaces: found.etag }),
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
