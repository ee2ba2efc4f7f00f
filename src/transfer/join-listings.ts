/** Walks one stretch of the source, and beside it the target, so that each key is met with what stands in its place. */
import { compareKeys } from '../domain/key-order';
import { targetKeyOf, type Transfer } from '../domain/transfer';
import type { KeyRange } from '../domain/work';
import type { ListedObject, ObjectStore } from './object-store';
import { walkPages } from './walk-keys';

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

/** In the order of the source, a page at a time. A merge needs both listings in UTF-8 byte order; else each key is to be looked up by HEAD. */
export async function* joinPages(
  { transfer, source, target }: JoinedStores,
  range: KeyRange,
): AsyncGenerator<readonly JoinedKey[]> {
  if (!source.ordered || !target.ordered) {
    for await (const page of walkPages(source, range)) yield page.map((object) => ({ object }));
    return;
  }
  const ahead = new Ahead(walkPages(target, targetRange(transfer, range)));
  try {
    for await (const page of walkPages(source, range)) {
      const joined: JoinedKey[] = [];
      for (const object of page) {
        const key = targetKeyOf(transfer, object.key);
        while (!ahead.passTo(key) && !ahead.isOver) await ahead.turn();
        joined.push({ object, target: ahead.here?.key === key ? ahead.here : null });
      }
      yield joined;
    }
  } finally {
    await ahead.close();
  }
}

/** Key by key. */
export async function* joinListings(stores: JoinedStores, range: KeyRange): AsyncGenerator<JoinedKey> {
  for await (const page of joinPages(stores, range)) yield* page;
}

/** A walk that another is compared with: it waits only where a page ends. */
class Ahead {
  isOver = false;
  private page: readonly ListedObject[] = [];
  private at = 0;

  constructor(private readonly pages: AsyncGenerator<readonly ListedObject[]>) {}

  get here(): ListedObject | undefined {
    return this.page[this.at];
  }

  /** Passes what comes before the key. False: the page has ended before it. */
  passTo(key: string): boolean {
    while (this.here !== undefined && compareKeys(this.here.key, key) < 0) this.at += 1;
    return this.here !== undefined;
  }

  async turn(): Promise<void> {
    const next = await this.pages.next();
    this.page = next.done === true ? [] : next.value;
    this.at = 0;
    this.isOver = next.done === true;
  }

  async close(): Promise<void> {
    await this.pages.return(undefined);
  }
}

function targetRange(transfer: Transfer, { prefix, startAfter, endAt }: KeyRange): KeyRange {
  return {
    prefix: targetKeyOf(transfer, prefix),
    ...(startAfter === undefined ? {} : { startAfter: targetKeyOf(transfer, startAfter) }),
    ...(endAt === undefined ? {} : { endAt: targetKeyOf(transfer, endAt) }),
  };
}
