/** Uploads the parts that the store does not hold yet. Whoever runs it, wherever, however often: a finished part is never sent again. */
import type { CrcChecksum } from '../domain/checksum';
import { ownerOf, type CopyTask, type PartsProgress } from '../domain/copy-task';
import { countParts, partsOf, type Part } from '../domain/part-plan';
import { TransferError } from '../domain/transfer-error';
import { gateOf } from './bandwidth';
import { combineParts } from './checksummer';
import { concurrently } from './concurrently';
import type { Engine, MoveOptions } from './engine';
import { graceAfter } from './grace';
import type { UploadRef } from './object-store';
import { memoryOf, sendPart } from './part-sink';
import { storedParts } from './stored-parts';

export interface CopyPartsOptions extends MoveOptions {
  /** Called at the start with what was found, and after each part. */
  readonly onProgress?: (progress: PartsProgress) => void;
}

export interface CopyPartsResult {
  readonly state: 'complete' | 'stopped';
  readonly stored: PartsProgress;
  readonly sent: PartsProgress;
  /** Of the whole object, where that of each part is known: sent by this call, or shown by the store. */
  readonly checksum?: CrcChecksum;
}

/** Rejects with `NoSuchUpload`, `SourceChanged`, `SourceGone`, `CredentialsRefused`, …; parts sent until then stay. */
export async function copyParts(
  task: CopyTask,
  engine: Engine,
  options: CopyPartsOptions = {},
): Promise<CopyPartsResult> {
  const { stop, onProgress = () => undefined } = options;
  const upload = uploadOf(task);
  const source = engine.openStore(task.source);
  const target = engine.openStore(task.target);
  const sums = new Map<number, string | undefined>();
  const claim = { owner: ownerOf(task), kind: 'parts' };
  const stored = { parts: 0, bytes: 0 };
  const sent = { parts: 0, bytes: 0 };
  const held = await storedParts(target, upload, task.plan);
  const missing: Part[] = [];
  for (const part of partsOf(task.plan)) {
    const there = held.get(part.number);
    if (there === undefined) {
      missing.push(part);
      continue;
    }
    sums.set(part.number, there.checksum?.value);
    stored.parts += 1;
    stored.bytes += part.length;
  }
  onProgress({ ...stored });
  const gate = gateOf(task.limit, engine.bandwidth);
  const grace = graceAfter(stop);
  await concurrently(untilStopped(missing, stop), engine.partConcurrency, async (part) => {
    const memory = memoryOf(part);
    const send = async () => {
      if (stop?.aborted) return undefined;
      return sendPart({ task, upload, source, target, part, engine, stop, leave: grace.over });
    };
    const sum = await gate.hold(memory, () => engine.budget.hold(memory, send, claim), stop);
    if (sum === undefined) return;
    sums.set(part.number, sum);
    for (const counter of [stored, sent]) {
      counter.parts += 1;
      counter.bytes += part.length;
    }
    onProgress({ ...stored });
  })
    .catch((error: unknown) => {
      if (!stop?.aborted) throw error;
    })
    .finally(grace.callOff);
  const state = stored.parts === countParts(task.plan.layout) ? 'complete' : 'stopped';
  const checksum = state === 'complete' ? combine(task, sums) : undefined;
  return { state, stored, sent, ...(checksum === undefined ? {} : { checksum }) };
}

function uploadOf(task: CopyTask): UploadRef {
  if (task.uploadId === undefined)
    throw new TransferError('BadRequest', `The task for ${task.targetKey} names no upload`);
  return { key: task.targetKey, uploadId: task.uploadId };
}

function* untilStopped(parts: readonly Part[], stop: AbortSignal | undefined): Generator<Part> {
  for (const part of parts) {
    if (stop?.aborted) return;
    yield part;
  }
}

function combine(task: CopyTask, sums: ReadonlyMap<number, string | undefined>): CrcChecksum | undefined {
  const parts = [...partsOf(task.plan)].map(({ number, length }) => ({ length, checksum: sums.get(number) }));
  return combineParts(task.checksum.algorithm, parts);
}
