/** Completes the upload, verifies the object that stands there now, and says by which proof. May be run again at any point. */
import type { CopyReason } from '../domain/copy-decision';
import type { CopyTask } from '../domain/copy-task';
import { Crc32Combiner } from '../domain/crc32';
import { readRecord } from '../domain/object-record';
import { countParts, partsOf } from '../domain/part-plan';
import type { CopiedLine } from '../domain/report-line';
import type { Route } from '../domain/transfer';
import { isTransferError, TransferError } from '../domain/transfer-error';
import type { Engine } from './engine';
import type { ObjectHead, ObjectStore, StoredPart } from './object-store';
import { isOwnCopy } from './open-transfer';
import { base64OfCrc32, proofOf } from './proof';
import { retrying } from './retry';

export interface SealRequest {
  readonly task: CopyTask;
  readonly reason: CopyReason;
  readonly route: Route;
  /** Of the whole object, from the one who moved the bytes. */
  readonly crc32?: number;
}

export type SealResult =
  | { readonly kind: 'sealed'; readonly line: CopiedLine }
  /** Parts are missing: move them, and come back. */
  | { readonly kind: 'incomplete'; readonly parts: number; readonly missing: number };

const MAX_INVALID_PARTS = 5;

export async function sealTransfer(request: SealRequest, engine: Engine): Promise<SealResult> {
  const { task } = request;
  const target = engine.openStore(task.target);
  let crc32 = request.crc32;
  if (task.uploadId !== undefined) {
    const completed = await complete(target, task, task.uploadId, crc32);
    if (completed.kind === 'incomplete') return completed;
    crc32 = completed.crc32;
  }
  const head = await retrying(() => target.head({ key: task.targetKey }));
  if (head === undefined || head.size !== task.pinned.size || isOfAnother(head, task)) {
    throw new TransferError('ProofFailed', `${task.targetKey} does not stand in the target as it was sealed`, {
      key: task.targetKey,
    });
  }
  return { kind: 'sealed', line: await proven(request, engine, head, crc32) };
}

/** A record that is not this copy's. Without any, our own did not fit beside the client's metadata. */
function isOfAnother(head: ObjectHead, { run, pinned }: CopyTask): boolean {
  return readRecord(head.headers.metadata) !== undefined && !isOwnCopy(head, run, pinned);
}

type Completed = { readonly kind: 'completed'; readonly crc32?: number } | Extract<SealResult, { kind: 'incomplete' }>;

async function complete(target: ObjectStore, task: CopyTask, uploadId: string, hint?: number): Promise<Completed> {
  const upload = { key: task.targetKey, uploadId };
  for (let attempt = 1; ; attempt++) {
    try {
      const parts = await retrying(() => listAll(target, upload));
      const sizes = new Map(parts.map(({ number, size }) => [number, size]));
      const wanted = [...partsOf(task.plan)];
      const missing = wanted.filter(({ number, length }) => sizes.get(number) !== length);
      if (missing.length > 0)
        return { kind: 'incomplete', parts: countParts(task.plan.layout), missing: missing.length };
      const chosen = parts.slice(0, wanted.length);
      const crc32 = hint ?? combine(chosen);
      await target.completeUpload({
        ...upload,
        parts: chosen,
        size: task.plan.size,
        ...(crc32 === undefined ? {} : { crc32 }),
      });
      return { kind: 'completed', ...(crc32 === undefined ? {} : { crc32 }) };
    } catch (error) {
      if (isTransferError(error, 'NoSuchUpload', 'PreconditionFailed')) {
        const head = await retrying(() => target.head({ key: task.targetKey }));
        if (head !== undefined && isOwnCopy(head, task.run, task.pinned)) return { kind: 'completed' };
        throw error;
      }
      const again = isTransferError(error, 'InvalidPart') || (isTransferError(error) && error.retryable);
      if (!again || attempt >= MAX_INVALID_PARTS) throw error;
    }
  }
}

async function listAll(target: ObjectStore, upload: { key: string; uploadId: string }): Promise<StoredPart[]> {
  const parts: StoredPart[] = [];
  for await (const part of target.listParts(upload)) parts.push(part);
  return parts;
}

function combine(parts: readonly StoredPart[]): number | undefined {
  const combiner = new Crc32Combiner();
  let whole = 0;
  for (const { crc32, size } of parts) {
    if (crc32 === undefined) return undefined;
    whole = combiner.combine(whole, crc32, size);
  }
  return whole;
}

async function proven(
  { task, reason, route }: SealRequest,
  engine: Engine,
  head: ObjectHead,
  crc32: number | undefined,
): Promise<CopiedLine> {
  const { key, etag: sourceEtag, size } = task.pinned;
  const facts = { key, sourceEtag, targetEtag: head.etag, ...(crc32 === undefined ? {} : { crc32 }) };
  const needsChecksums = sourceEtag !== head.etag && crc32 !== undefined;
  const source = needsChecksums ? await retrying(() => engine.openStore(task.source).head({ key })) : undefined;
  const sourceChecksums = source?.etag === sourceEtag ? source.checksums : [];
  return {
    outcome: 'copied',
    reason,
    key,
    size,
    sourceEtag,
    targetKey: task.targetKey,
    targetEtag: head.etag,
    route,
    proof: proofOf({ ...facts, sourceChecksums }),
    ...(crc32 === undefined ? {} : { crc32: base64OfCrc32(crc32) }),
  };
}
