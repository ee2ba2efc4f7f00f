/** How often each key was written, for a drill that proves that nothing is done twice. */

export interface WrittenKey {
  readonly bucket: string;
  readonly key: string;
}

export interface WriteCounts {
  /** Finished PutObjects and completed uploads. */
  readonly writes: number;
  readonly keys: number;
  /** Keys that were written more than once. */
  readonly repeatedKeys: number;
  /** Writes beyond the first one of each key. */
  readonly surplus: number;
  /** The first so many keys that were written again. */
  readonly repeated: readonly (WrittenKey & { readonly writes: number })[];
}

const SHOWN = 1_000;

export interface WriteCounter {
  count(written: WrittenKey): void;
  read(): WriteCounts;
}

export function createWriteCounter(): WriteCounter {
  const once = new Map<string, Set<string>>();
  const repeated = new Map<string, { readonly bucket: string; readonly key: string; writes: number }>();
  let keys = 0;
  let surplus = 0;
  return {
    count({ bucket, key }) {
      const ofBucket = once.get(bucket) ?? new Set();
      once.set(bucket, ofBucket);
      if (!ofBucket.has(key)) {
        ofBucket.add(key);
        keys += 1;
        return;
      }
      surplus += 1;
      // A bucket's name has no slash.
      const name = `${bucket}/${key}`;
      const again = repeated.get(name) ?? { bucket, key, writes: 1 };
      again.writes += 1;
      repeated.set(name, again);
    },
    read: () => ({
      writes: keys + surplus,
      keys,
      repeatedKeys: repeated.size,
      surplus,
      repeated: [...repeated.values()].slice(0, SHOWN).map((each) => ({ ...each })),
    }),
  };
}
