/** Walks one stretch of a bucket in the store's own order, a page at a time. */
import { compareKeys } from '../domain/key-order';
import type { KeyRange } from '../domain/work';
import type { ListedObject, ObjectStore, RequestOptions } from './object-store';
import { retrying } from './retry';

/** How far a walk goes on where the key that should end it, or begin it, has been deleted. */
const SLACK_KEYS = 1000;

export async function* walkKeys(
  store: ObjectStore,
  range: KeyRange,
  options: RequestOptions = {},
): AsyncGenerator<ListedObject> {
  const { endAt, keys } = range;
  const most = keys === undefined || store.ordered ? Infinity : keys + SLACK_KEYS;
  let seen = 0;
  for await (const object of skipping(listAll(store, range, options), range.skipTo)) {
    if (endAt !== undefined && store.ordered && compareKeys(object.key, endAt) > 0) return;
    yield object;
    seen += 1;
    if (object.key === endAt || seen >= most) return;
  }
}

/** What comes after `skipTo`; where that is not met soon, because it was deleted, everything: a key too many, and never one too few. */
async function* skipping(
  objects: AsyncIterable<ListedObject>,
  skipTo: string | undefined,
): AsyncGenerator<ListedObject> {
  let before: ListedObject[] | undefined = skipTo === undefined ? undefined : [];
  for await (const object of objects) {
    if (before === undefined) {
      yield object;
    } else if (object.key === skipTo) {
      before = undefined;
    } else if (before.push(object) > SLACK_KEYS) {
      yield* before;
      before = undefined;
    }
  }
  if (before !== undefined) yield* before;
}

async function* listAll(
  store: ObjectStore,
  { prefix, startAfter }: KeyRange,
  options: RequestOptions,
): AsyncGenerator<ListedObject> {
  let page = await retrying(() => store.list({ prefix, ...(startAfter === undefined ? {} : { startAfter }) }, options));
  for (;;) {
    yield* page.objects;
    const { continuationToken } = page;
    if (continuationToken === undefined) return;
    page = await retrying(() => store.list({ prefix, continuationToken }, options));
  }
}
