/** Held keys are kept out of a walk, and each hold's stretch is noted once. */
import type { DeferredRange, KeyRange } from '../../src/domain/work';
import { HoldSieve } from '../../src/transfer/hold-sieve';

const KEYS = ['s/a/1', 's/a/2', 's/b/1', 's/b/2', 's/c/1'];

function sieved(keys: readonly string[], range: KeyRange, holds: readonly string[], passed: readonly string[] = []) {
  const sieve = new HoldSieve({ sourcePrefix: 's/', range, ordered: true }, holds, passed);
  return { kept: keys.filter((key) => !sieve.holdsBack(key)), deferred: sieve.deferred };
}

type Row = [
  name: string,
  range: KeyRange,
  holds: string[],
  passed: string[],
  kept: string[],
  deferred: DeferredRange[],
];
const range = { prefix: 's/' };

test.each<Row>([
  ['nothing without holds', range, [], [], KEYS, []],
  ['nothing for a hold elsewhere', range, ['z/'], [], KEYS, []],
  [
    'the keys of a prefix, noted from the prefix on',
    range,
    ['b/'],
    [],
    ['s/a/1', 's/a/2', 's/c/1'],
    [{ hold: 'b/', range: { prefix: 's/b/' } }],
  ],
  [
    'two prefixes, each noted once',
    range,
    ['a/', 'b/'],
    [],
    ['s/c/1'],
    [
      { hold: 'a/', range: { prefix: 's/a/' } },
      { hold: 'b/', range: { prefix: 's/b/' } },
    ],
  ],
  [
    'a prefix under another as that other',
    range,
    ['a/1', 'a/'],
    [],
    ['s/b/1', 's/b/2', 's/c/1'],
    [{ hold: 'a/', range: { prefix: 's/a/' } }],
  ],
  ['everything', range, [''], [], [], [{ hold: '', range: { prefix: 's/' } }]],
  ['what is deferred already, without noting it again', range, ['b/'], ['b/'], ['s/a/1', 's/a/2', 's/c/1'], []],
  ['what is deferred already, though released meanwhile', range, [], ['b/'], ['s/a/1', 's/a/2', 's/c/1'], []],
  [
    'the rest of a prefix in whose middle the walk begins',
    { prefix: 's/', startAfter: 's/a/0', endAt: 's/b/2', keys: 4 },
    ['a/'],
    [],
    ['s/b/1', 's/b/2', 's/c/1'],
    [{ hold: 'a/', range: { prefix: 's/a/', startAfter: 's/a/0', endAt: 's/b/2', keys: 4 } }],
  ],
  [
    'a prefix that the walk has not reached, from its begin',
    { prefix: 's/', startAfter: 's/0', endAt: 's/c/1' },
    ['b/'],
    [],
    ['s/a/1', 's/a/2', 's/c/1'],
    [{ hold: 'b/', range: { prefix: 's/b/', endAt: 's/c/1' } }],
  ],
])('HoldSieve holds back %s', (_name, walk, holds, passed, kept, deferred) => {
  expect(sieved(KEYS, walk, holds, passed)).toEqual({ kept, deferred });
});

test('HoldSieve does not leave the stretch of a walk for a hold that is wider', () => {
  const { kept, deferred } = sieved(['s/b/1', 's/b/2'], { prefix: 's/b/' }, ['']);
  expect(kept).toEqual([]);
  expect(deferred).toEqual([{ hold: '', range: { prefix: 's/b/' } }]);
});

test('a hold that covers only some keys of a name is noted from there', () => {
  const { kept, deferred } = sieved(KEYS, range, ['b/2']);
  expect(kept).toEqual(['s/a/1', 's/a/2', 's/b/1', 's/c/1']);
  expect(deferred).toEqual([{ hold: 'b/2', range: { prefix: 's/b/2' } }]);
});
