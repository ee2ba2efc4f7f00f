/** Learns the part boundaries of a multipart object by HEAD with a part number, which needs no right beyond reading. */
import type { PartLayout } from '../domain/copy-decision';
import { etagKind } from '../domain/copy-decision';
import { isTransferError } from '../domain/transfer-error';
import { concurrently } from './concurrently';
import type { ObjectStore, RequestOptions } from './object-store';

/** Parts of unequal sizes cost a HEAD each: beyond this many it is not worth it. */
const MAX_HEADS = 1000;
const MAX_RUNS = 64;

/** Undefined: not a multipart object, one with an empty part, or the store does not tell. Rejects with what passes, and with refusals. */
export async function sourceLayout(
  store: ObjectStore,
  object: { key: string; etag: string; size: number },
  options: RequestOptions = {},
): Promise<PartLayout | undefined> {
  const { key, etag, size } = object;
  const count = etagKind(etag);
  if (typeof count !== 'number') return undefined;
  const first = await store.head({ key, partNumber: 1 }, options).catch((error: unknown) => {
    // Many stores know no part numbers, each in words of its own: then the copy gets a layout of its own.
    if (isTransferError(error, 'BadRequest', 'SourceChanged')) return undefined;
    throw error;
  });
  if (first?.partsCount !== count || first.etag !== etag) return undefined;
  if (count === 1) return first.size === size ? [[size, 1]] : undefined;
  const last = size - first.size * (count - 1);
  if (last > 0 && last <= first.size) {
    return last === first.size
      ? [[first.size, count]]
      : [
          [first.size, count - 1],
          [last, 1],
        ];
  }
  // A last part of no bytes cannot be read as a range.
  if (last === 0) return undefined;
  return count > MAX_HEADS ? undefined : unequalLayout(store, { key, etag, count }, options);
}

async function unequalLayout(
  store: ObjectStore,
  { key, etag, count }: { key: string; etag: string; count: number },
  options: RequestOptions,
): Promise<PartLayout | undefined> {
  const sizes = new Array<number>(count).fill(-1);
  await concurrently(sizes.keys(), 16, async (index) => {
    const head = await store.head({ key, partNumber: index + 1 }, options);
    if (head?.etag === etag) sizes[index] = head.size;
  });
  // A part of another version leaves a hole.
  return sizes.includes(-1) ? undefined : runLengths(sizes);
}

function runLengths(sizes: readonly number[]): PartLayout | undefined {
  const runs: [number, number][] = [];
  for (const size of sizes) {
    const last = runs.at(-1);
    if (last?.[0] === size) last[1] += 1;
    else runs.push([size, 1]);
  }
  return runs.length > MAX_RUNS ? undefined : runs;
}
