/** Walks the target, and beside it the source, so that each key of the target is met with whether the source has it. */
import { compareKeys } from '../domain/key-order';
import { sourceKeyOf } from '../domain/transfer';
import { TransferError } from '../domain/transfer-error';
import type { JoinedStores } from './join-listings';
import type { ListedObject, ObjectStore } from './object-store';
import { walkKeys } from './walk-keys';

export interface JoinedTarget {
  /** Of the target. */
  readonly object: ListedObject;
  readonly sourceKey: string;
  readonly inSource: boolean;
}

/**
 * `startAfter`: a key of the target. Both listings must be in UTF-8 byte order, and are held to it: in another order a key
 * that stands in both could be missed in the source.
 */
export async function* joinTargets(
  { transfer, source, target }: JoinedStores,
  startAfter?: string,
): AsyncGenerator<JoinedTarget> {
  const targets = { prefix: transfer.target.prefix, ...(startAfter === undefined ? {} : { startAfter }) };
  const behind = startAfter === undefined ? {} : { startAfter: sourceKeyOf(transfer, startAfter) };
  const sources = inOrder(source, { prefix: transfer.source.prefix, ...behind });
  try {
    let next = await sources.next();
    for await (const object of inOrder(target, targets)) {
      const sourceKey = sourceKeyOf(transfer, object.key);
      while (next.done !== true && compareKeys(next.value.key, sourceKey) < 0) next = await sources.next();
      yield { object, sourceKey, inSource: next.done !== true && next.value.key === sourceKey };
    }
  } finally {
    await sources.return(undefined);
  }
}

async function* inOrder(
  store: ObjectStore,
  range: { readonly prefix: string; readonly startAfter?: string },
): AsyncGenerator<ListedObject> {
  let last = range.startAfter;
  for await (const object of walkKeys(store, range)) {
    if (last !== undefined && compareKeys(last, object.key) >= 0) throw outOfOrder(store, last, object.key);
    last = object.key;
    yield object;
  }
}

function outOfOrder({ bucket }: ObjectStore, before: string, after: string): TransferError {
  const shown = `${JSON.stringify(after)} after ${JSON.stringify(before)}`;
  return new TransferError(
    'InvalidConfiguration',
    `The bucket ${bucket} does not list in UTF-8 byte order (${shown}), so nothing may be deleted by its listing: take \`listing: ordered\` and \`deletes.propagate\` out`,
    { bucket },
  );
}
