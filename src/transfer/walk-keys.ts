/** Walks one stretch of a bucket in the store's own order, a page at a time. */
import { compareKeys } from '../domain/key-order';
import type { KeyRange } from '../domain/work';
import type { ListedObject, ObjectStore, RequestOptions } from './object-store';
import { retrying } from './retry';

/** How far a walk goes on where the key that should end it, or begin it, has been deleted. */
const SLACK_KEYS = 1000;

/** Whole pages, as far as they are of the range: a step of an async walk for each key would cost more than the rest of a scan. */
export async function* walkPages(
  store: ObjectStore,
  range: KeyRange,
  options: RequestOptions = {},
): AsyncGenerator<readonly ListedObject[]> {
  const { endAt, keys } = range;
  const most = keys === undefined || store.ordered ? Infinity : keys + SLACK_KEYS;
  const isPast = ({ key }: ListedObject) => endAt !== undefined && store.ordered && compareKeys(key, endAt) > 0;
  const isEnd = (object: ListedObject | undefined) => object !== undefined && object.key === endAt;
  let seen = 0;
  for await (const page of skipping(listAll(store, range, options), range.skipTo)) {
    const wanted: ListedObject[] = [];
    for (const object of page) {
      if (isPast(object) || seen >= most || isEnd(wanted.at(-1))) break;
      wanted.push(object);
      seen += 1;
    }
    if (wanted.length > 0) yield wanted;
    if (wanted.length < page.length || seen >= most || isEnd(wanted.at(-1))) return;
  }
}

export async function* walkKeys(
  store: ObjectStore,
  range: KeyRange,
  options: RequestOptions = {},
): AsyncGenerator<ListedObject> {
  for await (const page of walkPages(store, range, options)) yield* page;
}

/** What comes after `skipTo`; where that is not met soon, because it was deleted, everything: a key too many, and never one too few. */
async function* skipping(
  pages: AsyncIterable<readonly ListedObject[]>,
  skipTo: string | undefined,
): AsyncGenerator<readonly ListedObject[]> {
  let before: ListedObject[] | undefined = skipTo === undefined ? undefined : [];
  for await (const page of pages) {
    const at = before === undefined ? -1 : page.findIndex(({ key }) => key === skipTo);
    if (before === undefined) {
      yield page;
    } else if (at !== -1) {
      before = undefined;
      yield page.slice(at + 1);
    } else {
      before.push(...page);
      if (before.length <= SLACK_KEYS) continue;
      yield before;
      before = undefined;
    }
  }
  if (before !== undefined) yield before;
}

async function* listAll(
  store: ObjectStore,
  { prefix, startAfter }: KeyRange,
  options: RequestOptions,
): AsyncGenerator<readonly ListedObject[]> {
  let page = await retrying(() => store.list({ prefix, ...(startAfter === undefined ? {} : { startAfter }) }, options));
  for (;;) {
    yield page.objects;
    const { continuationToken } = page;
    if (continuationToken === undefined) return;
    page = await retrying(() => store.list({ prefix, continuationToken }, options));
  }
}
