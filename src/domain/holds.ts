/** The prefixes that an operator holds. They count from `source.prefix`; the empty prefix holds the whole transfer. */

export type Holds = readonly string[];

export function addHold(holds: Holds, prefix = ''): Holds {
  return holds.includes(prefix) ? holds : [...holds, prefix];
}

/** Without a prefix every hold is cleared. */
export function releaseHold(holds: Holds, prefix?: string): Holds {
  return prefix === undefined ? [] : holds.filter((held) => held !== prefix);
}

export function holdsEverything(holds: Holds): boolean {
  return holds.includes('');
}

/** The shortest hold that covers the key (which counts from `source.prefix` as well). */
export function holdOn(holds: Holds, relativeKey: string): string | undefined {
  let shortest: string | undefined;
  for (const held of holds) {
    if (relativeKey.startsWith(held) && (shortest === undefined || held.length < shortest.length)) shortest = held;
  }
  return shortest;
}

/** Of a whole key: holds count from the prefix of the source. */
export function keyIsHeld(
  holds: Holds,
  { source }: { readonly source: { readonly prefix: string } },
  key: string,
): boolean {
  return holdOn(holds, key.slice(source.prefix.length)) !== undefined;
}
