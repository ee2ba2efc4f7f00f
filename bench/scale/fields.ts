/** What the synthetic store plays for a row. */
import type { Settings } from '../../dev/synthetic/settings';
import { SOURCE, TARGET } from '../synthetic-process';
import { OUT } from './stage';

type Fields = NonNullable<Settings['fields']>;

/** The same objects on both sides, with the same ETags. */
export function unchangedFields(keys: number): Fields {
  const field = { keys, shape: 'dates', seed: 1, size: { min: 100, max: 100_000 } } as const;
  return [
    { bucket: SOURCE, ...field },
    { bucket: TARGET, prefix: OUT, ...field },
  ];
}

/** New objects, all of one size, whose copies the store verifies; `prefixes`: where copies are written. */
export function newObjects(keys: number, size: number, prefixes: readonly string[] = [OUT]): Settings {
  return {
    fields: [{ bucket: SOURCE, keys, shape: 'dates', seed: 1, size }],
    buckets: [TARGET],
    mirrors: prefixes.map((prefix) => ({ target: { bucket: TARGET, prefix }, source: { bucket: SOURCE, prefix: '' } })),
    countsPerKey: true,
  };
}
