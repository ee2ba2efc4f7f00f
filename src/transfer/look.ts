/** Answers the truth table for one key: from the listings where they suffice, and else with HEADs. */
import { decideCopy, etagKind, type CopyDecision, type HeadFacts, type ListedFacts } from '../domain/copy-decision';
import { readRecord } from '../domain/object-record';
import type { LedgerEntry } from './ledger';
import type { ObjectHead, ObjectStore, RequestOptions } from './object-store';
import { sourceLayout } from './source-layout';

export type FinalDecision = Exclude<CopyDecision, { kind: 'look' }>;

export interface LookRequest {
  readonly source: ObjectStore;
  readonly target: ObjectStore;
  readonly sourceKey: string;
  readonly targetKey: string;
  readonly listed: ListedFacts;
  readonly forced: boolean;
  /** As the target's listing shows it; null: it is not there. Absent: nobody has looked. */
  readonly targetListed?: ListedFacts | null | undefined;
  readonly ledger?: LedgerEntry | undefined;
}

/** What stands in the target. */
export interface KnownTarget extends ListedFacts {
  /** Where it was asked for. */
  readonly head?: ObjectHead;
}

export interface LookResult {
  readonly decision: FinalDecision;
  readonly target?: KnownTarget;
}

/** Costs nothing where the listings suffice; else one HEAD of the target, and at most one of the source with its layout. */
export async function look(request: LookRequest, options: RequestOptions = {}): Promise<LookResult> {
  const { source, target, sourceKey, targetKey, listed, forced, targetListed, ledger } = request;
  if (targetListed === null) return { decision: { kind: 'copy', reason: 'missing' } };
  if (targetListed !== undefined) {
    const decision = decideCopy({
      forced,
      source: listed,
      target: targetListed,
      ...(ledger === undefined ? {} : { ledger }),
    });
    if (decision.kind !== 'look') return { decision, target: targetListed };
  }
  const head = await target.head({ key: targetKey }, options);
  if (head === undefined) return { decision: { kind: 'copy', reason: 'missing' } };
  const found = { size: head.size, etag: head.etag, head };
  const facts = { forced, source: listed, target: { ...found, head: headFacts(head) } };
  const first = decideCopy(facts);
  if (first.kind !== 'look') return { decision: first, target: found };
  const sourceHead = await source.head({ key: sourceKey }, options);
  if (sourceHead === undefined) return { decision: { kind: 'copy', reason: 'unproven' }, target: found };
  const [sourceParts, targetParts] = await layouts(request, head, options);
  const decision = decideCopy({
    ...facts,
    source: { ...listed, head: { ...headFacts(sourceHead), ...sourceParts } },
    target: { ...found, head: { ...headFacts(head), ...targetParts } },
  });
  return { decision: decision.kind === 'look' ? { kind: 'copy', reason: 'unproven' } : decision, target: found };
}

function headFacts(head: ObjectHead): HeadFacts {
  const record = readRecord(head.headers.metadata);
  return {
    checksums: head.checksums,
    customerKey: head.customerKey,
    ...(head.encryption === undefined ? {} : { encryption: head.encryption }),
    ...(record === undefined ? {} : { recordedSourceEtag: record.sourceEtag }),
  };
}

type LayoutFact = Pick<HeadFacts, 'layout'>;

/** Only two `-N` ETags of one N make the layouts worth their requests. */
async function layouts(
  { source, target, sourceKey, targetKey, listed }: LookRequest,
  found: ObjectHead,
  options: RequestOptions,
): Promise<[LayoutFact, LayoutFact]> {
  const parts = etagKind(listed.etag);
  if (typeof parts !== 'number' || parts !== etagKind(found.etag)) return [{}, {}];
  const of = async (store: ObjectStore, object: { key: string; etag: string; size: number }): Promise<LayoutFact> => {
    const layout = await sourceLayout(store, object, options);
    return layout === undefined ? {} : { layout };
  };
  return Promise.all([
    of(source, { key: sourceKey, ...listed }),
    of(target, { key: targetKey, etag: found.etag, size: found.size }),
  ]);
}
