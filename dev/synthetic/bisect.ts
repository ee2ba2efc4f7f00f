/** Finds a place in what is in order, without looking at more of it than the logarithm of its length. */

/** How many come before: `isBefore` holds for the first so many of `length`, and for none behind them. */
export function countBefore(length: number, isBefore: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
