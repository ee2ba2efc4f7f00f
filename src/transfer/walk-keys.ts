/** Walks one stretch of a bucket in the store's own order, a page at a time. */
import { compareKeys } from '../domain/key-order';
import type { KeyRange } from '../domain/work';
import type { ListedObject, ObjectStore, RequestOptions } from './object-store';
import { retrying } from './retry';

const SLACK_KEYS = 1000;

export async function* walkKeys(
  store: ObjectStore,
  range: KeyRange,
  options: RequestOptions = {},
): AsyncGenerator<ListedObject> {
  const { prefix, startAfter, endAt, keys } = range;
  const most = keys === undefined || store.ordered ? Infinity : keys + SLACK_KEYS;
  let continuationToken: string | undefined;
  let seen = 0;
  do {
    const position =
      continuationToken === undefined ? (startAfter === undefined ? {} : { startAfter }) : { continuationToken };
    const page = await retrying(() => store.list({ prefix, ...position }, options));
    for (const object of page.objects) {
      if (endAt !== undefined && store.ordered && compareKeys(object.key, endAt) > 0) return;
      yield object;
      seen += 1;
      if (object.key === endAt || seen >= most) return;
    }
    ({ continuationToken } = page);
  } while (continuationToken !== undefined);
}
