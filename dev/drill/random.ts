/** All chance of a drill comes from one seed: mulberry32, small and good enough to pick victims and moments. */
export interface Random {
  /** From 0 up to, and without, 1. */
  next(): number;
  /** A whole number from `low` up to `high`, both included. */
  between(low: number, high: number): number;
  pick<T>(values: readonly T[]): T;
  /** The same values in another order. */
  shuffled<T>(values: readonly T[]): T[];
}

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    between,
    pick<T>(values: readonly T[]): T {
      if (values.length === 0) throw new RangeError('Expected `values` to hold something to pick');
      return values[between(0, values.length - 1)] as T;
    },
    shuffled<T>(values: readonly T[]): T[] {
      const rest = [...values];
      const order: T[] = [];
      while (rest.length > 0) order.push(...rest.splice(between(0, rest.length - 1), 1));
      return order;
    },
  };
}
