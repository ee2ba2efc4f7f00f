/** Copies one object in one piece: a pinned read into memory and a checked, conditional PutObject. For objects up to 64 MiB. */
import { crcOf, type CrcChecksum, type FullChecksum } from '../domain/checksum';
import { ownerOf, type CopyTask } from '../domain/copy-task';
import { MiB } from '../domain/sizes';
import { isTransferError, TransferError } from '../domain/transfer-error';
import { gateOf } from './bandwidth';
import type { Engine } from './engine';
import { graceAfter } from './grace';
import type { ObjectHead, ObjectStore } from './object-store';
import { isOwnCopy } from './own-copy';
import { slicesOf } from './part-sink';
import { readRange, type ReadResult } from './read-range';
import { retrying } from './retry';
import { sendBuffer } from './send-buffer';
import { watched } from './stall-watch';
import { targetHeaders, targetTags } from './target-headers';
import { conditionOf } from './write-condition';

/** What the smallest object counts as: its requests take memory too, and above some hundreds at once nothing goes faster. */
const LEAST_BYTES = MiB;

export interface PutWholeResult {
  readonly etag: string;
  /** Of the bytes; the target's store has verified it. */
  readonly checksum: CrcChecksum;
  /** What the source's store keeps for the object. */
  readonly sourceChecksums: readonly FullChecksum[];
}

/** Rejects with `SourceChanged`, `SourceGone`, and `TargetChanged` where someone else has written the target key meanwhile. */
export async function putWhole(task: CopyTask, engine: Engine, stop?: AbortSignal): Promise<PutWholeResult> {
  const source = engine.openStore(task.source);
  const target = engine.openStore(task.target);
  const gate = gateOf(task.limit, engine.bandwidth);
  const grace = graceAfter(stop);
  const way = { gate, leave: grace.over };
  const memory = Math.max(1, task.pinned.size);
  const copy = async () => {
    const { bytes, checksum, answer } = await readWhole(source, task, engine, stop);
    const tags = await retrying(() => targetTags(task, source), { stop });
    const put = (attempt: number) =>
      watched({ bytes: bytes.length, what: `The upload of ${task.targetKey}`, attempt }, (watch) =>
        target.put(
          {
            key: task.targetKey,
            body: { length: bytes.length, pieces: slicesOf(bytes, watch, way), checksum },
            headers: targetHeaders(task, answer.headers),
            ...(tags === undefined ? {} : { tags }),
            ...conditionOf(task),
          },
          watch.request,
        ),
      );
    const written = sendBuffer(bytes, engine.buffers, put, { stop });
    const { etag } = await written.catch((error: unknown) => settle(error, target, task));
    return { etag, checksum, sourceChecksums: answer.checksums };
  };
  const claim = { owner: ownerOf(task), kind: memory <= LEAST_BYTES ? 'small' : 'whole' };
  return gate
    .hold(memory, () => engine.budget.hold(Math.max(LEAST_BYTES, memory), copy, claim), stop)
    .finally(grace.callOff);
}

type Whole = ReadResult & { readonly checksum: CrcChecksum };

/** In the algorithm that the source's store keeps for the object; else in that of the task. */
async function readWhole(source: ObjectStore, task: CopyTask, engine: Engine, stop?: AbortSignal): Promise<Whole> {
  const { size, ...pinned } = task.pinned;
  const request = { ...pinned, offset: 0, length: size, whole: true };
  let damaged: string | undefined;
  return retrying(
    (attempt) =>
      watched({ bytes: size, what: `The read of ${pinned.key}`, attempt }, async (watch) => {
        const read = await readRange(source, request, {
          objectSize: size,
          watch,
          buffers: engine.buffers,
          sum: ({ checksums }) => engine.checksummer((crcOf(checksums) ?? task.checksum).algorithm),
        });
        const { algorithm } = read.sum;
        const value = await read.sum.digest();
        const kept = crcOf(read.answer.checksums);
        if (kept !== undefined && kept.value !== value) {
          // Damaged on its way the bytes would come to another sum each time.
          const code = value === damaged ? 'ProofFailed' : 'TornRead';
          damaged = value;
          throw new TransferError(
            code,
            `The bytes read of ${pinned.key} do not have the ${algorithm} that its store keeps for it`,
            { bucket: source.bucket, key: pinned.key },
          );
        }
        return { ...read, checksum: { algorithm, value } };
      }),
    { stop },
  );
}

/** The condition does not hold: by our own write, whose answer was lost, or by someone else's. */
async function settle(error: unknown, target: ObjectStore, task: CopyTask): Promise<Pick<ObjectHead, 'etag'>> {
  if (!isTransferError(error, 'PreconditionFailed')) throw error;
  const head = await retrying(() => target.head({ key: task.targetKey }));
  if (head !== undefined && isOwnCopy(head, task.run, task.pinned)) return head;
  throw new TransferError('TargetChanged', `${task.targetKey} was written by someone else while it was copied`, {
    bucket: target.bucket,
    key: task.targetKey,
  });
}
