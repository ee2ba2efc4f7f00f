/** Uploads the parts that the store does not hold yet. Whoever runs it, wherever, however often: a finished part is never sent again. */
import type { CrcChecksum } from '../domain/checksum';
import { ownerOf, type CopyTask, type PartsProgress } from '../domain/copy-task';
import { countParts, partsOf, type Part } from '../domain/part-plan';
import { TransferError } from '../domain/transfer-error';
import { combineParts } from './checksummer';
import { concurrently } from './concurrently';
import type { Engine, MoveOptions } from './engine';
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

/** A part that streams through may take many minutes: asked to stop, it is given so long to end. */
const STREAM_GRACE_MS = 15_000;

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
  const owner = ownerOf(task);
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
  const leave = new AbortController();
  const leaving = stop === undefined ? undefined : afterGrace(stop, leave);
  await concurrently(untilStopped(missing, stop), engine.partConcurrency, async (part) => {
    const send = async () => {
      if (stop?.aborted) return undefined;
      return sendPart({ task, upload, source, target, part, engine, stop, leave: leave.signal });
    };
    const sum = await engine.budget.hold(memoryOf(part), send, owner);
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
    .finally(() => leaving?.());
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

/** Aborts `leave` a while after `stop`; returns what calls it off. */
function afterGrace(stop: AbortSignal, leave: AbortController): () => void {
  let timer: NodeJS.Timeout | undefined;
  const begin = () => {
    timer = setTimeout(() => leave.abort(), STREAM_GRACE_MS);
  };
  if (stop.aborted) begin();
  else stop.addEventListener('abort', begin, { once: true });
  return () => {
    stop.removeEventListener('abort', begin);
    clearTimeout(timer);
  };
}

function combine(task: CopyTask, sums: ReadonlyMap<number, string | undefined>): CrcChecksum | undefined {
  const parts = [...partsOf(task.plan)].map(({ number, length }) => ({ length, checksum: sums.get(number) }));
  return combineParts(task.checksum.algorithm, parts);
}
