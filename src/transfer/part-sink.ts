/** Where the bytes of a part go: one UploadPart with a checksum, from memory or as a stream. */
import type { CopyTask } from '../domain/copy-task';
import type { Part } from '../domain/part-plan';
import { MiB } from '../domain/sizes';
import { gateOf } from './bandwidth';
import type { Engine } from './engine';
import type { ObjectStore, UploadRef } from './object-store';
import { readPieces, readStretch, STREAM_BYTES } from './part-source';
import { retrying } from './retry';
import { sendBuffer } from './send-buffer';
import type { SendGate } from './send-gate';
import { watched, type StallWatch } from './stall-watch';

/** A part up to here is held in memory whole, so that its checksum goes before it and a second try needs no second read. */
export const MAX_BUFFERED_BYTES = 64 * MiB;
const SLICE_BYTES = 256 * 1024;

/** What the budget must grant for it. */
export function memoryOf(part: Pick<Part, 'length'>): number {
  return part.length > MAX_BUFFERED_BYTES ? STREAM_BYTES : part.length;
}

export interface PartJob {
  readonly task: CopyTask;
  readonly upload: UploadRef;
  readonly source: ObjectStore;
  readonly target: ObjectStore;
  readonly part: Part;
  readonly engine: Pick<Engine, 'checksummer' | 'bandwidth' | 'buffers'>;
  /** Finish what is in flight, and try nothing again. */
  readonly stop?: AbortSignal | undefined;
  /** Break off what is too long to be awaited. */
  readonly leave?: AbortSignal | undefined;
}

/** The checksum of the part, which the store has verified on receipt. */
export function sendPart(job: PartJob): Promise<string> {
  return job.part.length > MAX_BUFFERED_BYTES ? sendStream(job) : sendWhole(job);
}

async function sendWhole({ task, upload, source, target, part, engine, stop, leave }: PartJob): Promise<string> {
  const { algorithm } = task.checksum;
  const { bytes, sum } = await readStretch(source, task.pinned, part, {
    sum: () => engine.checksummer(algorithm),
    stop,
    buffers: engine.buffers,
  });
  const value = await sum.digest();
  const way = { gate: gateOf(task.limit, engine.bandwidth), leave };
  const send = (attempt: number) =>
    watched({ bytes: part.length, what: nameOf(upload, part), attempt }, (watch) =>
      target.uploadPart(
        {
          ...upload,
          number: part.number,
          body: { length: part.length, pieces: slicesOf(bytes, watch, way), checksum: { algorithm, value } },
        },
        watch.request,
      ),
    );
  await sendBuffer(bytes, engine.buffers, send, { stop });
  return value;
}

async function sendStream({ task, upload, source, target, part, engine, stop, leave }: PartJob): Promise<string> {
  const { algorithm } = task.checksum;
  const way = { gate: gateOf(task.limit, engine.bandwidth) };
  return retrying(
    (attempt) =>
      watched({ bytes: part.length, what: nameOf(upload, part), attempt, stop: leave }, async (watch) => {
        const whole = engine.checksummer(algorithm);
        // The pieces are summed here, in their order; each by itself needs no sum, as the store verifies the whole.
        const pieces = readPieces(source, task.pinned, part, { sum: () => UNSUMMED, stop: watch.request.abortSignal });
        // A request whose body breaks off rejects in its client's own words.
        const failed: { error?: unknown } = {};
        async function* body() {
          for (;;) {
            const next = await watch.exempt(pieces.next()).catch((error: unknown) => {
              failed.error = error;
              throw error;
            });
            if (next.done === true) return;
            whole.update(next.value);
            yield* slicesOf(next.value, watch, way);
          }
        }
        try {
          await target.uploadPart(
            { ...upload, number: part.number, body: { length: part.length, pieces: body(), checksum: { algorithm } } },
            watch.request,
          );
        } catch (error) {
          throw failed.error ?? error;
        } finally {
          await pieces.return(undefined);
        }
        return whole.digest();
      }),
    { stop },
  );
}

const UNSUMMED = { algorithm: 'CRC32', update: () => undefined, digest: () => Promise.resolve('') } as const;

function nameOf({ key }: UploadRef, { number }: Part): string {
  return `The upload of part ${number} of ${key}`;
}

interface WayOut {
  readonly gate: SendGate;
  /** Ends the waiting for one's turn, as the request itself does. */
  readonly leave?: AbortSignal | undefined;
}

/** Small enough that the watch sees each of them leave. Waiting for its turn under a limit is no stall. */
export async function* slicesOf(
  bytes: Buffer,
  { moved, exempt, request: { abortSignal } }: StallWatch,
  { gate, leave }: WayOut,
): AsyncGenerator<Buffer> {
  const signal = leave === undefined ? abortSignal : AbortSignal.any([abortSignal, leave]);
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
    const slice = bytes.subarray(at, at + SLICE_BYTES);
    const turn = gate.take(slice.length, signal);
    if (turn !== undefined) await exempt(turn);
    yield slice;
    moved(slice.length);
  }
}
