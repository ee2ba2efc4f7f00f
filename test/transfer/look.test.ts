/** The truth table over two stores: what it answers, and what the answer costs. */
import type { ListedFacts } from '../../src/domain/copy-decision';
import { look } from '../../src/transfer/look';
import { MemoryStore } from '../support/memory-store';
import { crcOfBytes } from '../support/crc';
import { aStage, recordOf, someBytes, type Stage } from './examples';

const KMS = { etag: 'c'.repeat(32), encryption: 'aws:kms' };
const body = someBytes(40);
const halves = [body.subarray(0, 20), body.subarray(20)];
const unequal = [body.subarray(0, 25), body.subarray(25)];

function lookAt({ source, target }: Stage, forced = false, listed?: ListedFacts) {
  const object = source.objects.get('k');
  const facts = listed ?? { size: object?.body.length ?? 0, etag: object?.etag ?? '' };
  return look({ source, target, sourceKey: 'k', targetKey: 't', listed: facts, forced });
}

type Case = [
  name: string,
  kind: 'copy' | 'skip',
  reason: string,
  heads: [number, number],
  seed: (stage: Stage) => unknown,
];

test.each<Case>([
  ['a target that is absent', 'copy', 'missing', [0, 1], ({ source }) => source.seed('k', body)],
  [
    'another size',
    'copy',
    'sizeDiffers',
    [0, 1],
    ({ source, target }) => [source.seed('k', body), target.seed('t', 'x')],
  ],
  [
    'equal ETags',
    'skip',
    'identical',
    [0, 1],
    ({ source, target }) => [source.seed('k', body), target.seed('t', body)],
  ],
  [
    'a record of this source',
    'skip',
    'recorded',
    [0, 1],
    ({ source, target }) => target.seed('t', body, { ...KMS, ...recordOf(source.seed('k', body)) }),
  ],
  [
    'a record of another source',
    'copy',
    'changed',
    [0, 1],
    ({ source, target }) => [
      source.seed('k', body),
      target.seed('t', body, { ...KMS, ...recordOf({ etag: 'older' }) }),
    ],
  ],
  [
    'one checksum on both',
    'skip',
    'checksum',
    [1, 1],
    ({ source, target }) => [
      source.seed('k', body, { checksums: [crcOfBytes(body)] }),
      target.seed('t', body, { ...KMS, checksums: [crcOfBytes(body)] }),
    ],
  ],
  [
    'two checksums',
    'copy',
    'checksumDiffers',
    [1, 1],
    ({ source, target }) => [
      source.seed('k', body, { checksums: [crcOfBytes(body)] }),
      target.seed('t', someBytes(40, 2), { ...KMS, checksums: [crcOfBytes(someBytes(40, 2))] }),
    ],
  ],
  [
    'two md5s',
    'copy',
    'etagDiffers',
    [1, 1],
    ({ source, target }) => [source.seed('k', body), target.seed('t', someBytes(40, 2))],
  ],
  [
    'two ETags of one layout',
    'copy',
    'etagDiffers',
    [2, 2],
    ({ source, target }) => [source.seedParts('k', halves), target.seedParts('t', [halves[1]!, halves[0]!])],
  ],
  [
    'two ETags of two layouts',
    'copy',
    'unproven',
    [2, 2],
    ({ source, target }) => [source.seedParts('k', halves), target.seedParts('t', unequal)],
  ],
  [
    'an md5 against parts',
    'copy',
    'unproven',
    [1, 1],
    ({ source, target }) => [source.seed('k', body), target.seedParts('t', halves)],
  ],
  ['KMS', 'copy', 'unproven', [1, 1], ({ source, target }) => [source.seed('k', body), target.seed('t', body, KMS)]],
])('look finds %s: %s %s', async (_name, kind, reason, heads, seed) => {
  const stage = aStage();
  seed(stage);
  const { decision } = await lookAt(stage);
  expect(decision).toEqual({ kind, reason });
  expect([stage.source.requests.head, stage.target.requests.head]).toEqual(heads);
});

test('a forced look finds what stands there, too', async () => {
  const stage = aStage();
  stage.source.seed('k', body);
  const there = stage.target.seed('t', body);
  const { decision, target } = await lookAt(stage, true);
  expect(decision).toEqual({ kind: 'copy', reason: 'forced' });
  expect(target?.etag).toBe(there.etag);
});

test('a source that is gone since it was listed is left to the copy to notice', async () => {
  const stage = aStage();
  stage.target.seed('t', body);
  const { decision } = await lookAt(stage, false, { size: 40, etag: 'd'.repeat(32) });
  expect(decision).toEqual({ kind: 'copy', reason: 'unproven' });
});

test('a source that does not tell its layout is unproven', async () => {
  const stage = { source: new MemoryStore({ bucket: 'theirs', knowsPartNumbers: false }), target: new MemoryStore() };
  stage.source.seedParts('k', halves);
  stage.target.seedParts('t', [halves[1]!, halves[0]!]);
  expect((await lookAt(stage)).decision).toEqual({ kind: 'copy', reason: 'unproven' });
});
