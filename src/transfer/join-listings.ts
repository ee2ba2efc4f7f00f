/** Walks one stretch of the source, and beside it the target, so that each key is met with what stands in its place. */
import { compareKeys } from '../domain/key-order';
import { targetKeyOf, type Transfer } from '../domain/transfer';
import type { KeyRange } from '../domain/work';
import type { ListedObject, ObjectStore } from './object-store';
import { walkKeys } from './walk-keys';

export interface JoinedKey {
  readonly object: ListedObject;
  /** Null: it is not there. Undefined: a store's order is not known, and so the two cannot be walked together. */
  readonly target?: ListedObject | null | undefined;
}

export interface JoinedStores {
  readonly transfer: Transfer;
  readonly source: ObjectStore;
  readonly target: ObjectStore;
}

/** In the order of the source. A merge needs both listings in UTF-8 byte order; else each key is to be looked up by HEAD. */
export async function* joinListings(
  { transfer, source, target }: JoinedStores,
  range: KeyRange,
): AsyncGenerator<JoinedKey> {
  if (!source.ordered || !target.ordered) {
    for await (const object of walkKeys(source, range)) yield { object };
    return;
  }
  const targets = walkKeys(target, targetRange(transfer, range))[Symbol.asyncIterator]();
  try {
    let next = await targets.next();
    for await (const object of walkKeys(source, range)) {
      const key = targetKeyOf(transfer, object.key);
      while (next.done !== true && compareKeys(next.value.key, key) < 0) next = await targets.next();
      yield { object, target: next.done !== true && next.value.key === key ? next.value : null };
    }
  } finally {
    await targets.return(undefined);
  }
}

function targetRange(transfer: Transfer, { prefix, startAfter, endAt }: KeyRange): KeyRange {
  return {
    prefix: targetKeyOf(transfer, prefix),
    ...(startAfter === undefined ? {} : { startAfter: targetKeyOf(transfer, startAfter) }),
    ...(endAt === undefined ? {} : { endAt: targetKeyOf(transfer, endAt) }),
  };
}
