/** Source and target walked together: each key with what stands in its place, in any order of pages, and without a HEAD. */
import type { ReportLine } from '../../src/domain/report-line';
import fc from 'fast-check';
import type { KeyRange } from '../../src/domain/work';
import { joinListings } from '../../src/transfer/join-listings';
import { scanRange } from '../../src/transfer/scan-range';
import { MemoryStore } from '../support/memory-store';
import { aStage, anEngine, aTransfer, type Stage } from './examples';
import { RUN } from './memory-lane';

const transfer = aTransfer({ source: { ...aTransfer().source, prefix: 'in/' } });

function stores(sourcePage: number, targetPage: number): Stage {
  return {
    source: new MemoryStore({ bucket: 'theirs', pageKeys: sourcePage }),
    target: new MemoryStore({ bucket: 'ours', pageKeys: targetPage }),
  };
}

async function joined(stage: Stage, range: KeyRange = { prefix: 'in/' }) {
  const met: [key: string, etag: string | null | undefined][] = [];
  for await (const { object, target } of joinListings({ transfer, ...stage }, range)) {
    met.push([object.key, target === null ? null : target?.etag]);
  }
  return met;
}

// Surrogates sort behind U+E000 to U+FFFF in UTF-8, and before them in JavaScript.
const names = fc.uniqueArray(
  fc.string({ unit: fc.constantFrom('a', '/', '-', '~', 'é', '\uffee', '\u{1f600}'), minLength: 1, maxLength: 4 }),
  { maxLength: 30 },
);

test('each key of the source is met once, with exactly what the target holds under its name', async () => {
  await fc.assert(
    fc.asyncProperty(
      names,
      names,
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 1, max: 7 }),
      async (ours, theirs, m, n) => {
        const stage = stores(m, n);
        for (const name of theirs) stage.source.seed(`in/${name}`, name);
        for (const name of ours) stage.target.seed(`acme/${name}`, name);
        // Beside the prefixes, on both sides.
        for (const store of [stage.source, stage.target]) for (const key of ['a', 'in', 'zz']) store.seed(key, 'x');
        const met = await joined(stage);
        const etagOf = (name: string) => stage.target.objects.get(`acme/${name}`)?.etag ?? null;
        expect(met).toHaveLength(theirs.length);
        expect(new Map(met)).toEqual(new Map(theirs.map((name) => [`in/${name}`, etagOf(name)])));
        expect(stage.target.requests.head).toBe(0);
      },
    ),
  );
});

test('a stretch is joined as a stretch: both sides begin behind its start and end at its end', async () => {
  const stage = stores(2, 3);
  for (const name of ['a', 'b', 'c', 'd', 'e']) stage.source.seed(`in/${name}`, name);
  for (const name of ['a', 'aa', 'c', 'dd', 'e']) stage.target.seed(`acme/${name}`, name);
  const etag = stage.target.objects.get('acme/c')!.etag;
  await expect(joined(stage, { prefix: 'in/', startAfter: 'in/a', endAt: 'in/d' })).resolves.toEqual([
    ['in/b', null],
    ['in/c', etag],
    ['in/d', null],
  ]);
});

test.each(['source', 'target'] as const)(
  'where the order of the %s is not known, nothing is said of the target',
  async (side) => {
    const stage = stores(2, 2);
    const store = new MemoryStore({ bucket: stage[side].bucket, order: 'directory' });
    const unordered = { ...stage, [side]: store };
    unordered.source.seed('in/a', 'x');
    unordered.target.seed('acme/a', 'x');
    await expect(joined(unordered)).resolves.toEqual([['in/a', undefined]]);
    expect(unordered.target.requests.list).toBe(0);
  },
);

test('a target that lacks what the source has behind its end is asked for no page more', async () => {
  const stage = stores(10, 2);
  for (let i = 0; i < 10; i++) stage.source.seed(`in/${i}`, 'x');
  for (let i = 0; i < 3; i++) stage.target.seed(`acme/${i}`, 'x');
  await joined(stage);
  expect(stage.target.requests.list).toBe(2);
});

test('a scan of what is unchanged, missing or of another size asks for no HEAD; one of differing ETags does', async () => {
  const stage = aStage();
  for (let i = 0; i < 500; i++) {
    const key = String(i).padStart(3, '0');
    stage.source.seed(key, `body ${key}`);
    if (i % 5 !== 0) stage.target.seed(`acme/${key}`, i % 7 === 0 ? 'shorter' : `body ${key}`);
  }
  const request = { transfer: aTransfer(), run: RUN, lane: '0', sequence: 1, range: { prefix: '' }, force: false };
  const scan = async () => {
    const lines: ReportLine[] = [];
    const onLines = async (settled: readonly ReportLine[]) => void lines.push(...(await Promise.resolve(settled)));
    const found = await scanRange({ ...request, holds: [], passed: [] }, anEngine(stage), { onLines });
    return { ...found, lines };
  };
  const { counters, lines } = await scan();
  expect(counters.skipped).toBeGreaterThan(0);
  expect(lines.every((line) => line.outcome === 'skipped' && line.reason === 'identical')).toBe(true);
  expect([stage.source.requests.head, stage.target.requests.head]).toEqual([0, 0]);
  stage.target.seed('acme/001', 'body 0o1');
  await scan();
  expect([stage.source.requests.head, stage.target.requests.head]).toEqual([1, 1]);
});
