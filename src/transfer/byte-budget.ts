/**
 * The memory that all copies of a process share. Whoever wants a buffer waits for it; who holds least comes first: of the
 * owners, and of one owner's kinds of copies, so that a large object does not wait behind thousands of small ones, nor these
 * behind it. A part of the memory is kept free for owners who hold little: who has filled the rest with slow copies does not
 * make the next one wait for their ends.
 */

export interface Claim {
  /** For whom the copy is. @default one for all */
  readonly owner?: string;
  /** Copies of one kind are first come, first served. @default one for all */
  readonly kind?: string;
}

interface Wish {
  readonly bytes: number;
  readonly start: () => void;
}

/** Those of one owner, or of one of its kinds. */
class Holder {
  held = 0;
  readonly kinds = new Map<string, Holder>();
  readonly wishes = new Set<Wish>();
}

export class ByteBudget {
  private used = 0;
  /** Those who hold or wait. */
  private readonly owners = new Map<string, Holder>();

  /** `reserved`: no more than so much of the total goes to each owner once the rest is full. @default 0 */
  constructor(
    readonly total: number,
    private readonly reserved = 0,
  ) {
    if (!Number.isSafeInteger(total) || total < 1) {
      throw new RangeError(`Expected \`total\` to be a positive number of bytes, got \`${total}\``);
    }
  }

  /** Runs `use` once `bytes` are free. A wish that could never be granted else is granted when nothing else is held. */
  async hold<T>(
    bytes: number,
    use: () => Promise<T>,
    { owner: name = '', kind: kindName = '' }: Claim = {},
  ): Promise<T> {
    const share = Math.min(bytes, this.total);
    const owner = within(this.owners, name);
    const kind = within(owner.kinds, kindName);
    const count = (change: number) => {
      this.used += change;
      owner.held += change;
      kind.held += change;
    };
    await new Promise<void>((resolve) => {
      kind.wishes.add({
        bytes: share,
        start: () => {
          count(share);
          resolve();
        },
      });
      this.startNext();
    });
    try {
      return await use();
    } finally {
      count(-share);
      if (kind.held === 0 && kind.wishes.size === 0) owner.kinds.delete(kindName);
      if (owner.kinds.size === 0) this.owners.delete(name);
      this.startNext();
    }
  }

  private startNext(): void {
    for (let next = this.next(); next !== undefined; next = this.next()) next();
  }

  /** Takes who holds least, if its wish has room; else who may take of what is reserved: it overtakes nobody else. */
  private next(): (() => void) | undefined {
    const heads = [...this.owners.values()].flatMap(headOf).sort((a, b) => a.owner.held - b.owner.held);
    for (const [i, { owner, kind, wish }] of heads.entries()) {
      const after = this.used + wish.bytes;
      const hasRoom = i === 0 && (this.used === 0 || after <= this.total - this.reserved);
      if (!hasRoom && (after > this.total || owner.held + wish.bytes > this.reserved)) continue;
      kind.wishes.delete(wish);
      return wish.start;
    }
    return undefined;
  }
}

function within(holders: Map<string, Holder>, name: string): Holder {
  const known = holders.get(name);
  if (known !== undefined) return known;
  const holder = new Holder();
  holders.set(name, holder);
  return holder;
}

/** The first wish of the kind that holds least of those that wait; none where nobody does. */
function headOf(owner: Holder) {
  const waiting = [...owner.kinds.values()].filter(({ wishes }) => wishes.size > 0);
  const [kind] = waiting.sort((a, b) => a.held - b.held);
  const [wish] = kind?.wishes ?? [];
  return kind === undefined || wish === undefined ? [] : [{ owner, kind, wish }];
}
