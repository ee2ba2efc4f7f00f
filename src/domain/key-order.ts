/** The order in which S3 lists keys: by the bytes of their UTF-8. JavaScript's `<` orders by UTF-16 units, which differs above U+D7FF. */
export function compareKeys(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return orderOfUnit(x) - orderOfUnit(y);
  }
  return a.length - b.length;
}

/** The very next key after `key`: no other stands between them. */
export function keyAfter(key: string): string {
  return `${key}\u0000`;
}

/** From `first` to `last`, both included. Absent: nothing is known of that end. */
export interface KeySpan {
  readonly first?: string;
  readonly last?: string;
}

/** Surrogates stand for U+10000 and above, so they come after U+E000 to U+FFFF. */
function orderOfUnit(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
