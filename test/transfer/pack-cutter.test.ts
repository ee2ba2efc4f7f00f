/** Cutting runs of small keys into packs: which keys a pack counts, and which the scan. */
import type { SkippedLine } from '../../src/domain/report-line';
import { MiB } from '../../src/domain/sizes';
import { PackCutter } from '../../src/transfer/pack-cutter';

/** `+`: to copy; `.`: finished; `-`: left out or large; `|`: held. Keys count from 0000. */
function cut(walk: string, size = 1, startAfter?: string) {
  const settled: string[] = [];
  const cutter = new PackCutter(
    { prefix: '', ...(startAfter === undefined ? {} : { startAfter }) },
    ({ key }) => settled.push(key),
    true,
    'main/000001',
  );
  for (const [i, step] of Array.from(walk).entries()) {
    const key = String(i).padStart(4, '0');
    if (step === '+') cutter.take(key, size);
    else if (step === '.') cutter.rest(key, line(key));
    else {
      if (step === '|') cutter.close();
      cutter.pass(key);
    }
  }
  const open = cutter.count;
  const packs = cutter.finish();
  expect(open).toBe(packs.length);
  return {
    packs: packs.map(({ range, objects }) => [range.startAfter ?? '', range.endAt, range.keys, objects]),
    settled,
    ids: packs.map(({ id }) => id),
    bytes: packs.map(({ bytes }) => bytes),
  };
}

const line = (key: string): SkippedLine => ({ outcome: 'skipped', reason: 'identical', key, size: 1, sourceEtag: 'e' });

type Pack = [startAfter: string, endAt: string, keys: number, objects: number];

test.each<[string, string, Pack[], string[]]>([
  ['nothing', '', [], []],
  ['no pack without a key to copy', '..-.', [], ['0000', '0001', '0003']],
  ['one pack of all', '+++', [['', '0002', 3, 3]], []],
  ['a pack that begins behind what was finished', '..++', [['0001', '0003', 2, 2]], ['0000', '0001']],
  ['a pack that ends before what is finished', '++..', [['', '0001', 2, 2]], ['0002', '0003']],
  ['finished keys inside a pack as the pack’s', '+..+', [['', '0003', 4, 2]], []],
  ['keys left out inside a pack, which it walks but does not count', '+-.-+-', [['', '0004', 5, 2]], []],
  [
    'no pack across a held key',
    '+.|.+',
    [
      ['', '0000', 1, 1],
      ['0003', '0004', 1, 1],
    ],
    ['0001', '0003'],
  ],
])('PackCutter cuts %s', (_name, walk, packs, settled) => {
  expect(cut(walk)).toMatchObject({ packs, settled });
});

test('PackCutter begins behind the begin of its range', () => {
  expect(cut('+', 1, 'a').packs).toEqual([['a', '0000', 1, 1]]);
});

test('a pack holds 1,000 keys to copy', () => {
  const { packs } = cut('+'.repeat(2_001));
  expect(packs).toEqual([
    ['', '0999', 1_000, 1_000],
    ['0999', '1999', 1_000, 1_000],
    ['1999', '2000', 1, 1],
  ]);
});

test('a pack holds 256 MiB', () => {
  const { packs, bytes } = cut('+++++', 100 * MiB);
  expect(packs).toEqual([
    ['', '0001', 2, 2],
    ['0001', '0003', 2, 2],
    ['0003', '0004', 1, 1],
  ]);
  expect(bytes).toEqual([200 * MiB, 200 * MiB, 100 * MiB]);
});

test('a pack of one object larger than 256 MiB is a pack all the same', () => {
  expect(cut('++', 300 * MiB).packs).toEqual([
    ['', '0000', 1, 1],
    ['0000', '0001', 1, 1],
  ]);
});

test('finished keys at the limit of a pack are the scan’s', () => {
  const { packs, settled } = cut(`${'+'.repeat(1_000)}..+`);
  expect(packs).toEqual([
    ['', '0999', 1_000, 1_000],
    ['1001', '1002', 1, 1],
  ]);
  expect(settled).toEqual(['1000', '1001']);
});

test('a thousand finished keys in a row end a pack, and are the scan’s', () => {
  const apart = cut(`+${'.'.repeat(1_000)}+`);
  expect(apart.packs).toEqual([
    ['', '0000', 1, 1],
    ['1000', '1001', 1, 1],
  ]);
  expect(apart.settled).toHaveLength(1_000);
  const together = cut(`+${'.'.repeat(999)}+`);
  expect(together.packs).toEqual([['', '1000', 1_001, 2]]);
  expect(together.settled).toEqual([]);
});

test('a pack’s id is of its range alone: a scan run again names the same packs', () => {
  expect(cut('++|+').ids).toEqual(cut('++|+').ids);
  expect(new Set(cut('++|+').ids).size).toBe(2);
});
