/** Looks at the source once more, pins it, plans its parts and creates the upload, so that its id is known before the first byte. */
import { crcOf } from '../domain/checksum';
import type { CopyReason } from '../domain/copy-decision';
import { taskOf, type CopyTask, type PinnedSource } from '../domain/copy-task';
import { utf8Length } from '../domain/object-record';
import { MAX_OBJECT_BYTES, MAX_PARTS, planParts } from '../domain/part-plan';
import type { CopiedLine, SkippedLine } from '../domain/report-line';
import { MAX_KEY_BYTES, targetKeyOf, type Route, type Transfer } from '../domain/transfer';
import { TransferError } from '../domain/transfer-error';
import { tidyUploadsSince } from './abort-uploads';
import type { Engine } from './engine';
import { look } from './look';
import type { ObjectHead, ObjectStore } from './object-store';
import { isOwnCopy } from './own-copy';
import { proofOf } from './proof';
import { retrying } from './retry';
import { sourceLayout } from './source-layout';
import { targetHeaders, targetTags } from './target-headers';

export interface OpenRequest {
  readonly transfer: Transfer;
  readonly run: string;
  readonly key: string;
  /** As it was listed. */
  readonly size: number;
  readonly route: Route;
  readonly force: boolean;
  /** The object's workflow began then (ms): uploads of this key since then which nobody chose are ends of lost attempts. */
  readonly since: number;
  /** An earlier attempt may have created an upload whose id was lost. */
  readonly retried: boolean;
  /** Of the object: see `ObjectSpec`. */
  readonly newAs?: string | undefined;
}

export type OpenResult =
  | { readonly kind: 'open'; readonly task: CopyTask; readonly reason: CopyReason }
  /** Nothing to copy (any more): the line says why. */
  | { readonly kind: 'done'; readonly line: SkippedLine | CopiedLine };

export async function openTransfer(request: OpenRequest, engine: Engine): Promise<OpenResult> {
  const { transfer, run, key, route, force } = request;
  const source = engine.openStore(transfer.source);
  const target = engine.openStore(transfer.target);
  const targetKey = checkedTargetKey(transfer, key, target);
  const asListed = openAsListed(request, targetKey);
  if (asListed !== undefined) return asListed;
  // Before anything else: an attempt that was lost may have left an upload, and this one may find nothing to do.
  if (request.retried) await tidyUploadsSince(target, targetKey, request.since);
  const head = await retrying(() => source.head({ key }));
  if (head === undefined) {
    return { kind: 'done', line: { outcome: 'skipped', reason: 'gone', key, size: request.size, sourceEtag: '' } };
  }
  const { decision, target: found } = await retrying(() =>
    look({ source, target, sourceKey: key, targetKey, listed: head, forced: force }),
  );
  if (found?.head !== undefined && isOwnCopy(found.head, run, head)) {
    return { kind: 'done', line: copiedEarlier(request, targetKey, head, found.head) };
  }
  if (decision.kind === 'skip') {
    const { reason } = decision;
    return {
      kind: 'done',
      line: { outcome: 'skipped', reason, key, size: head.size, sourceEtag: head.etag, targetEtag: found?.etag ?? '' },
    };
  }
  if (found !== undefined && transfer.overwrite === 'never') {
    const line = { outcome: 'skipped', reason: 'neverOverwrite', key, size: head.size, sourceEtag: head.etag } as const;
    return { kind: 'done', line: { ...line, targetEtag: found.etag } };
  }
  assertReadable(key, head);
  assertNotTooLarge(key, head.size);
  const layout = await retrying(() => sourceLayout(source, { key, etag: head.etag, size: head.size }));
  const plan = planParts({ size: head.size, ...(layout === undefined ? {} : { layout }) }, route === 'batch');
  const task: CopyTask = {
    ...taskOf(transfer, { run, targetKey, pinned: pin(key, head), plan }),
    checksum: crcOf(head.checksums) ?? { algorithm: 'CRC32' },
    ...(found === undefined ? {} : { replaces: found.etag }),
  };
  if (plan.kind === 'put') return { kind: 'open', task, reason: decision.reason };
  const tags = await retrying(() => targetTags(task, source));
  // One that a lost answer leaves behind is ended when the object is sealed.
  const { uploadId } = await retrying(() =>
    target.createUpload({
      key: targetKey,
      headers: targetHeaders(task, head.headers),
      ...(tags === undefined ? {} : { tags }),
      algorithm: task.checksum.algorithm,
    }),
  );
  return { kind: 'open', task: { ...task, uploadId }, reason: decision.reason };
}

/**
 * For a first attempt at an object that was not there: the read, pinned to the ETag, and the write, on condition that there is
 * still nothing, find out by themselves whether that holds. Where not, the next attempt looks.
 */
function openAsListed(request: OpenRequest, targetKey: string): OpenResult | undefined {
  const { transfer, run, key, size, force, retried, newAs: etag } = request;
  const plan = planParts({ size });
  if (etag === undefined || force || retried || plan.kind !== 'put') return undefined;
  const task = taskOf(transfer, { run, targetKey, pinned: { key, etag, size }, plan });
  return { kind: 'open', task, reason: 'missing' };
}

/** Rejects with `KeyTooLong`, or with `KeyRefused` where the target's store would keep it under another key. */
export function checkedTargetKey(
  transfer: Transfer,
  key: string,
  { keepsDots }: Pick<ObjectStore, 'keepsDots'>,
): string {
  const targetKey = targetKeyOf(transfer, key);
  if (!keepsDots && /(^|\/)\.\.?(\/|$)/.test(targetKey)) {
    throw new TransferError(
      'KeyRefused',
      `${targetKey} has a segment \`.\` or \`..\`, which stores other than AWS fold into another key: it is not copied. Have its owner rename it, or exclude it`,
      { key },
    );
  }
  const bytes = utf8Length(targetKey);
  if (bytes <= MAX_KEY_BYTES) return targetKey;
  throw new TransferError(
    'KeyTooLong',
    `With the target prefix the key measures ${bytes} bytes; S3 takes ${MAX_KEY_BYTES}. Shorten target.prefix, or exclude the key`,
    { key },
  );
}

export function assertNotTooLarge(key: string, size: number): void {
  if (size <= MAX_OBJECT_BYTES) return;
  throw new TransferError(
    'TooLarge',
    `${key} measures ${size} bytes; S3 takes ${MAX_OBJECT_BYTES} at most, in ${MAX_PARTS} parts`,
    { key },
  );
}

/** GLACIER and DEEP_ARCHIVE must be restored before they are read; GLACIER_IR reads normally. */
const ARCHIVED: ReadonlySet<string | undefined> = new Set(['GLACIER', 'DEEP_ARCHIVE']);

/** As a listing shows it, which does not tell whether it has been restored. */
export function isArchived({ storageClass }: { readonly storageClass?: string | undefined }): boolean {
  return ARCHIVED.has(storageClass);
}

export function assertReadable(
  key: string,
  { storageClass, archiveStatus, restore }: Pick<ObjectHead, 'storageClass' | 'archiveStatus' | 'restore'>,
): void {
  const tier = archiveStatus ?? storageClass;
  if (tier === undefined || (archiveStatus === undefined && !isArchived({ storageClass }))) return;
  if (restore?.includes('ongoing-request="false"')) return;
  throw new TransferError(
    'Archived',
    `${key} is archived (${tier}): its owner must restore it before it can be copied`,
    { key },
  );
}

function pin(key: string, head: ObjectHead): PinnedSource {
  return {
    key,
    etag: head.etag,
    size: head.size,
    ...(head.versionId === undefined ? {} : { versionId: head.versionId }),
  };
}

function copiedEarlier(request: OpenRequest, targetKey: string, source: ObjectHead, found: ObjectHead): CopiedLine {
  const { key, route } = request;
  const { etag: sourceEtag, checksums } = source;
  return {
    outcome: 'copied',
    reason: request.force ? 'forced' : 'missing',
    key,
    size: source.size,
    sourceEtag,
    targetKey,
    targetEtag: found.etag,
    route,
    proof: proofOf({
      key,
      sourceEtag,
      targetEtag: found.etag,
      sourceChecksums: checksums,
      targetChecksums: found.checksums,
    }),
  };
}
