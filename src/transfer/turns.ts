/** Those who wait, one of each owner after another: who has a thousand waiting delays who has ten by ten, and not by a thousand. */
export class Turns<T> {
  /** In the order of their turns; of an owner, first come, first served. None is empty. */
  private readonly owners = new Map<string, Set<T>>();

  get isEmpty(): boolean {
    return this.owners.size === 0;
  }

  add(owner: string, item: T): void {
    const items = this.owners.get(owner);
    if (items === undefined) this.owners.set(owner, new Set([item]));
    else items.add(item);
  }

  /** Whose turn is next. */
  peek(): T | undefined {
    for (const [, items] of this.owners) for (const item of items) return item;
    return undefined;
  }

  /** The same, who waits no longer; then it is another owner's turn. */
  take(): T | undefined {
    for (const [owner, items] of this.owners) {
      for (const item of items) {
        items.delete(item);
        this.owners.delete(owner);
        if (items.size > 0) this.owners.set(owner, items);
        return item;
      }
    }
    return undefined;
  }

  remove(owner: string, item: T): void {
    const items = this.owners.get(owner);
    if (items?.delete(item) === true && items.size === 0) this.owners.delete(owner);
  }
}
