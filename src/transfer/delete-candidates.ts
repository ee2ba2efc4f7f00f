/** Finds what is to be deleted: objects of the target that Ferry wrote, that no filter leaves out, and that the source lacks. */
import type { KeepReason, KeptCounts } from '../domain/deletes';
import { addKept } from '../domain/deletes';
import { TransferError } from '../domain/transfer-error';
import { REPORT_ROOT, type Transfer } from '../domain/transfer';
import { concurrently } from './concurrently';
import type { Engine } from './engine';
import type { JoinedStores } from './join-listings';
import { joinTargets, type JoinedTarget } from './join-targets';
import { judgeDelete, type DeleteVerdict } from './judge-delete';
import { keyFilter, type KeyFilter } from './key-filter';

/** One object of the target that is to be deleted. */
export interface Candidate {
  /** Of the target. */
  readonly key: string;
  readonly etag: string;
  readonly size: number;
  /** Of what it was copied from. */
  readonly sourceEtag: string;
}

export interface CandidateChunk {
  /** In the order of their keys. */
  readonly candidates: readonly Candidate[];
  readonly kept: KeptCounts;
  /** The last key of the target that was walked: all up to it is in this chunk or an earlier one. */
  readonly last: string;
  /** Keys of the target. */
  readonly walked: number;
}

export interface CandidateOptions {
  /** A key of the target. */
  readonly startAfter?: string;
  readonly signal?: AbortSignal;
  /** At the latest a chunk ends after so many keys of the target, be there nothing in it. @default 10_000 */
  readonly chunkKeys?: number;
}

/** Looked at together. */
const CHUNK_OBJECTS = 256;
const LOOKS_AT_ONCE = 32;

export function openStores(transfer: Transfer, engine: Pick<Engine, 'openStore'>): JoinedStores {
  return { transfer, source: engine.openStore(transfer.source), target: engine.openStore(transfer.target) };
}

/** Rejects with one sentence where a store's order is not known: nothing may be concluded from what a listing lacks. */
export function assertOrdered({ transfer, source, target }: JoinedStores): void {
  const unknown = Object.entries({ source, target }).flatMap(([side, { ordered }]) => (ordered ? [] : [side]));
  const [side] = unknown;
  if (side === undefined) return;
  throw new TransferError(
    'InvalidConfiguration',
    `${transfer.name}: \`deletes.propagate\` needs both listings in UTF-8 byte order, which is not known of the ${unknown.join(' and the ')}. Set \`listing: ordered\` under \`${unknown.join('` and `')}\` if the store's documentation promises that order, or take \`deletes.propagate\` out`,
  );
}

export async function* deleteCandidates(
  stores: JoinedStores,
  { startAfter, signal, chunkKeys = 10_000 }: CandidateOptions = {},
): AsyncGenerator<CandidateChunk> {
  assertOrdered(stores);
  const wanted = deleteFilter(stores.transfer);
  let missing: JoinedTarget[] = [];
  let walked = 0;
  let last: string | undefined;
  for await (const joined of joinTargets(stores, startAfter)) {
    signal?.throwIfAborted();
    last = joined.object.key;
    walked += 1;
    if (!joined.inSource && wanted(joined)) missing.push(joined);
    if (missing.length < CHUNK_OBJECTS && walked < chunkKeys) continue;
    yield { ...(await judged(missing, stores)), last, walked };
    [missing, walked] = [[], 0];
  }
  if (last !== undefined && walked > 0) yield { ...(await judged(missing, stores)), last, walked };
}

async function judged(
  missing: readonly JoinedTarget[],
  stores: JoinedStores,
): Promise<Pick<CandidateChunk, 'candidates' | 'kept'>> {
  const verdicts: DeleteVerdict[] = [];
  await concurrently(missing.entries(), LOOKS_AT_ONCE, async ([i, { object }]) => {
    verdicts[i] = await judgeDelete(object, stores);
  });
  const reasons = verdicts.flatMap((verdict) => (verdict.kind === 'keep' ? [verdict.reason] : []));
  const candidates = missing.flatMap(({ object: { key, etag, size } }, i): Candidate[] => {
    const verdict = verdicts[i];
    return verdict?.kind === 'delete' ? [{ key, etag, size, sourceEtag: verdict.sourceEtag }] : [];
  });
  return { candidates, kept: countsOf(reasons) };
}

export function countsOf(reasons: readonly KeepReason[]): KeptCounts {
  return reasons.reduce<KeptCounts>((sum, reason) => addKept(sum, { [reason]: 1 }), {});
}

/**
 * What the filters leave out is none of the transfer's business. Of an object that is gone they can see the key, and its size
 * by the copy's. Its age is not known any more; but it was written before its copy: a copy older than `modifiedSince` says enough.
 */
export function deleteFilter(transfer: Transfer): (joined: Pick<JoinedTarget, 'object' | 'sourceKey'>) => boolean {
  const ageless: Transfer = { ...transfer, filters: { ...transfer.filters, minAgeMs: 0 } };
  const wanted: KeyFilter = keyFilter(ageless, 0);
  return ({ object, sourceKey }) => !object.key.startsWith(REPORT_ROOT) && wanted({ ...object, key: sourceKey });
}
