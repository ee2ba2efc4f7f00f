/** Copies one object in one piece: a pinned read into memory and a checked PutObject. For objects up to 64 MiB. */
import type { CopyTask } from '../domain/copy-task';
import type { Engine } from './engine';
import { partDeadlineMs } from './copy-parts';
import { readRange } from './read-range';
import { retrying } from './retry';
import { targetHeaders, targetTags } from './target-headers';

export interface PutWholeResult {
  readonly etag: string;
  readonly crc32: number;
}

export async function putWhole(task: CopyTask, engine: Engine, stop?: AbortSignal): Promise<PutWholeResult> {
  const { size, ...pinned } = task.pinned;
  const source = engine.openStore(task.source);
  const target = engine.openStore(task.target);
  return engine.budget.hold(Math.max(1, size), () =>
    retrying(
      async () => {
        const abortSignal = AbortSignal.timeout(partDeadlineMs(size));
        const request = { ...pinned, offset: 0, length: size, objectSize: size };
        const { bytes, crc32, headers } = await readRange(source, request, { abortSignal });
        const tags = await targetTags(task, source, { abortSignal });
        const { etag } = await target.put(
          {
            key: task.targetKey,
            body: bytes,
            crc32,
            headers: targetHeaders(task, headers),
            ...(tags === undefined ? {} : { tags }),
          },
          { abortSignal },
        );
        return { etag, crc32 };
      },
      stop ? { stop } : {},
    ),
  );
}
