/** Uploads the parts that the store does not hold yet. Whoever runs it, wherever, however often: a finished part is never sent again. */
import { Crc32Combiner } from '../domain/crc32';
import type { CopyTask, PartsProgress } from '../domain/copy-task';
import { countParts, partsOf, type Part } from '../domain/part-plan';
import { TransferError } from '../domain/transfer-error';
import { concurrently } from './concurrently';
import type { Engine, MoveOptions } from './engine';
import type { ObjectStore, StoredPart } from './object-store';
import { readRange } from './read-range';
import { retrying } from './retry';

export interface CopyPartsOptions extends MoveOptions {
  /** Called at the start with what was found, and after each part. */
  readonly onProgress?: (progress: PartsProgress) => void;
}

export interface CopyPartsResult {
  readonly state: 'complete' | 'stopped';
  readonly stored: PartsProgress;
  readonly sent: PartsProgress;
  /** Of the whole object, where the CRC of each part is known: sent by this call, or shown by the store. */
  readonly crc32?: number;
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
  const crcs = new Map<number, number | undefined>();
  const stored = { parts: 0, bytes: 0 };
  const sent = { parts: 0, bytes: 0 };
  const held = await listStored(target, upload);
  const missing: Part[] = [];
  for (const part of partsOf(task.plan)) {
    const there = held.get(part.number);
    if (there === undefined || there.size !== part.length) {
      missing.push(part);
      continue;
    }
    crcs.set(part.number, there.crc32);
    stored.parts += 1;
    stored.bytes += part.length;
  }
  onProgress({ ...stored });
  await concurrently(untilStopped(missing, stop), engine.partConcurrency, async (part) => {
    const crc32 = await engine.budget.hold(part.length, async () => {
      if (stop?.aborted) return undefined;
      return retrying(() => sendPart({ task, upload, source, target, part }), stop ? { stop } : {});
    });
    if (crc32 === undefined) return;
    crcs.set(part.number, crc32);
    for (const counter of [stored, sent]) {
      counter.parts += 1;
      counter.bytes += part.length;
    }
    onProgress({ ...stored });
  }).catch((error: unknown) => {
    if (!stop?.aborted) throw error;
  });
  const state = stored.parts === countParts(task.plan.layout) ? 'complete' : 'stopped';
  const whole = state === 'complete' ? combine(task, crcs) : undefined;
  return { state, stored, sent, ...(whole === undefined ? {} : { crc32: whole }) };
}

interface Upload {
  readonly key: string;
  readonly uploadId: string;
}

function uploadOf(task: CopyTask): Upload {
  if (task.uploadId === undefined)
    throw new TransferError('BadRequest', `The task for ${task.targetKey} names no upload`);
  return { key: task.targetKey, uploadId: task.uploadId };
}

async function listStored(target: ObjectStore, upload: Upload): Promise<Map<number, StoredPart>> {
  return retrying(async () => {
    const parts = new Map<number, StoredPart>();
    for await (const part of target.listParts(upload)) parts.set(part.number, part);
    return parts;
  });
}

function* untilStopped(parts: readonly Part[], stop: AbortSignal | undefined): Generator<Part> {
  for (const part of parts) {
    if (stop?.aborted) return;
    yield part;
  }
}

interface PartJob {
  readonly task: CopyTask;
  readonly upload: Upload;
  readonly source: ObjectStore;
  readonly target: ObjectStore;
  readonly part: Part;
}

/** The CRC-32 of the part, which the store has checked on receipt. */
async function sendPart({ task, upload, source, target, part }: PartJob): Promise<number> {
  const { key, etag, versionId, size } = task.pinned;
  const abortSignal = AbortSignal.timeout(partDeadlineMs(part.length));
  const { bytes, crc32 } = await readRange(
    source,
    {
      key,
      etag,
      ...(versionId === undefined ? {} : { versionId }),
      offset: part.offset,
      length: part.length,
      objectSize: size,
    },
    { abortSignal },
  );
  await target.uploadPart({ ...upload, number: part.number, body: bytes, crc32 }, { abortSignal });
  return crc32;
}

/** A part that moves slower than 256 KiB a second has stalled; it is tried again on another connection. */
export function partDeadlineMs(length: number): number {
  return 60_000 + Math.ceil(length / (256 * 1024)) * 1000;
}

function combine(task: CopyTask, crcs: ReadonlyMap<number, number | undefined>): number | undefined {
  const combiner = new Crc32Combiner();
  let whole = 0;
  for (const part of partsOf(task.plan)) {
    const crc = crcs.get(part.number);
    if (crc === undefined) return undefined;
    whole = combiner.combine(whole, crc, part.length);
  }
  return whole;
}
