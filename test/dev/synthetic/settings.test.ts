import { parseSettings } from '../../../dev/synthetic/settings';

const FIELD = { bucket: 'source', keys: 1_000_000, shape: 'dates' } as const;

test('a field is read with sizes as people write them, and nothing is added to it', () => {
  const fields = [
    { ...FIELD, size: '4KiB' },
    { ...FIELD, prefix: 'in/', seed: 7, size: { min: 0, max: '1MiB' }, etags: 'copied', changed: { every: 100 } },
  ];
  const { mirror: _mirror, ...options } = parseSettings({ fields, requestsPerSecond: 500, countsPerKey: true });
  expect(options).toEqual({
    fields: [
      { ...FIELD, size: 4_096 },
      { ...FIELD, prefix: 'in/', seed: 7, size: { min: 0, max: 1_048_576 }, etags: 'copied', changed: { every: 100 } },
    ],
    ...{ objects: [], buckets: [], requestsPerSecond: 500, countsPerKey: true },
  });
});

test.each([
  ['an unknown shape', { ...FIELD, size: 1, shape: 'round' }],
  ['an unknown option', { ...FIELD, size: 1, colour: 'red' }],
  ['a size that is none', { ...FIELD, size: 'big' }],
  ['no size', FIELD],
])('a field with %s is refused', (_name, field) => {
  expect(() => parseSettings({ fields: [field] })).toThrow();
});
