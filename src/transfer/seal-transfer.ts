/** Completes the upload, verifies the object that stands there now, and says by which proof. May be run again at any point. */
import type { CopyReason } from '../domain/copy-decision';
import { setTimeout as sleep } from 'node:timers/promises';
import { crcOf, type CrcChecksum } from '../domain/checksum';
import type { CopyTask } from '../domain/copy-task';
import { readRecord } from '../domain/object-record';
import type { CopiedLine } from '../domain/report-line';
import type { Route } from '../domain/transfer';
import { TransferError } from '../domain/transfer-error';
import { tidyUploadsSince } from './abort-uploads';
import { completeUpload } from './complete-upload';
import type { Engine } from './engine';
import type { ObjectHead, ObjectStore } from './object-store';
import { isOwnCopy } from './own-copy';
import { proofOf } from './proof';
import type { PutWholeResult } from './put-whole';
import { retrying } from './retry';

export interface SealRequest {
  readonly task: CopyTask;
  readonly reason: CopyReason;
  readonly route: Route;
  /** Of the whole object, from the one who moved the bytes. */
  readonly checksum?: CrcChecksum;
  /** The PutObject was answered just now, on its condition and with its checksum verified: there is nothing to look at. */
  readonly put?: PutWholeResult;
  /** The object's workflow began then (ms): uploads of this key since then which it did not choose are ends of lost attempts. */
  readonly since: number;
}

export type SealResult =
  | {
      readonly kind: 'sealed';
      readonly line: CopiedLine;
      /** The copy is of the version that it was pinned to; the key has another one by now. */
      readonly replaced?: true;
    }
  /** Parts are missing: move them, and come back. */
  | { readonly kind: 'incomplete'; readonly parts: number; readonly missing: number };

/** Rejects with `TargetChanged` where something else stands there now, `NoSuchUpload` where the upload was ended by someone, `ProofFailed`. */
export async function sealTransfer(request: SealRequest, engine: Engine): Promise<SealResult> {
  const { task } = request;
  const source = engine.openStore(task.source);
  const target = engine.openStore(task.target);
  const { put } = request;
  let checksum = request.checksum ?? put?.checksum;
  if (task.uploadId !== undefined) {
    const completed = await completeUpload(target, task, task.uploadId, checksum);
    if (completed.kind === 'incomplete') return completed;
    ({ checksum } = completed);
    // What a lost attempt to open has left.
    await tidyUploadsSince(target, task.targetKey, request.since);
  }
  const stored = put === undefined ? await standing(target, task) : { etag: put.etag, checksums: [] };
  // A PutObject carries its checksum always: what the store shows of our own copy is what it has verified.
  const verified = checksum ?? (task.uploadId === undefined ? crcOf(stored.checksums) : undefined);
  const line = lineOf(request, stored, verified);
  return { kind: 'sealed', line, ...((await isReplaced(source, task)) ? { replaced: true } : {}) };
}

type Stored = Pick<ObjectHead, 'etag' | 'checksums'>;

/** Our copy, as it stands there now. */
async function standing(target: ObjectStore, task: CopyTask): Promise<Stored> {
  const head = await lookAt(target, task.targetKey);
  if (head !== undefined && head.size === task.pinned.size && !isOfAnother(head, task)) return head;
  throw new TransferError('TargetChanged', `${task.targetKey} was written by someone else just after it was sealed`, {
    bucket: target.bucket,
    key: task.targetKey,
  });
}

const LOOKS = 5;

/** A store may take a moment to show what it has said to be there: versitygw does, where two complete one upload at once. */
async function lookAt(target: ObjectStore, key: string): Promise<ObjectHead | undefined> {
  for (let look = 1; ; look++) {
    const head = await retrying(() => target.head({ key }));
    if (head !== undefined || look === LOOKS) return head;
    await sleep(Math.random() * 200 * 2 ** look);
  }
}

/** A record that is not this copy's. Without any, our own did not fit beside the client's metadata. */
function isOfAnother(head: ObjectHead, { run, pinned }: CopyTask): boolean {
  return readRecord(head.headers.metadata) !== undefined && !isOwnCopy(head, run, pinned);
}

/** Without a version to pin to, every read has failed that met another object: only a pinned copy can have been overtaken. */
async function isReplaced(source: ObjectStore, { pinned }: CopyTask): Promise<boolean> {
  if (pinned.versionId === undefined) return false;
  const now = await retrying(() => source.head({ key: pinned.key }));
  return now !== undefined && now.etag !== pinned.etag;
}

function lineOf(
  { task, reason, route, put }: SealRequest,
  stored: Stored,
  checksum: CrcChecksum | undefined,
): CopiedLine {
  const { key, etag: sourceEtag, size } = task.pinned;
  const { algorithm, value } = task.checksum;
  const proof = proofOf({
    key,
    sourceEtag,
    targetEtag: stored.etag,
    sourceChecksums: put?.sourceChecksums ?? (value === undefined ? [] : [{ algorithm, value }]),
    targetChecksums: stored.checksums,
    checksum,
  });
  return {
    outcome: 'copied',
    reason,
    key,
    size,
    sourceEtag,
    targetKey: task.targetKey,
    targetEtag: stored.etag,
    route,
    proof,
    ...(checksum === undefined ? {} : { checksum }),
  };
}
