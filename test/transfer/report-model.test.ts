/** Reports of any shape, read in pieces, against a plain map of their lines. */
import fc from 'fast-check';
import { compareKeys } from '../../src/domain/key-order';
import type { ReportLine, SkippedLine } from '../../src/domain/report-line';
import { openLedger } from '../../src/transfer/ledger';
import { writeIndex } from '../../src/transfer/report-groups';
import { finalLines, readFailures } from '../../src/transfer/report-reader';
import { all, MemoryFiles } from '../support/memory-files';
import { copied, failed, modelOf, RUN_ID, skipped, spanOf, writeGroup, type Group } from './report-scene';

const NAMES = ['a', 'a-b', 'a/b', 'b', 'ü', '\u{e000}', '\u{fffd}', '\u{1f600}'];
const anyKey = fc.tuple(fc.constantFrom(...NAMES), fc.nat(9)).map(([name, i]) => `${name}${i}`);

const anyReason = fc.constantFrom<SkippedLine['reason']>(
  'identical',
  'ledger',
  'recorded',
  'checksum',
  'neverOverwrite',
  'gone',
);
const anyEtag = fc.constantFrom('e1', 'e2', 'e3');
const anyLine: fc.Arbitrary<ReportLine> = fc.tuple(anyKey, fc.nat(2), anyEtag, anyEtag, anyReason).map((facts) => {
  const [key, kind, sourceEtag, targetEtag, reason] = facts;
  if (kind === 0) return copied(key, { sourceEtag, targetEtag });
  if (kind === 1) return failed(key, sourceEtag + targetEtag);
  const { targetEtag: _none, ...gone } = skipped(key, { sourceEtag, reason });
  return reason === 'gone' ? gone : { ...gone, targetEtag };
});
const anyLines = fc.array(anyLine, { maxLength: 12 });

interface Shape {
  readonly scan: readonly ReportLine[];
  readonly packs: readonly (readonly ReportLine[])[];
  readonly objects: readonly ReportLine[];
  /** More of the walk than has a line. */
  readonly walked: readonly string[];
  readonly ordered: boolean;
}

const anyShape: fc.Arbitrary<Shape> = fc.record({
  scan: anyLines,
  // Repeated attempts write the same keys again.
  packs: fc.array(anyLines, { maxLength: 3 }),
  objects: fc.array(anyLine, { maxLength: 3 }),
  walked: fc.array(anyKey, { maxLength: 2 }),
  ordered: fc.boolean(),
});

/** In the order in which their lines count; those of one lane may overlap, as what was deferred does. */
const LANES = ['main', 'rerun-1', 'rerun-2', 'rerun-10'];
const anyReport: fc.Arbitrary<Group[]> = fc
  .array(fc.array(anyShape, { maxLength: 2 }), { minLength: 1, maxLength: LANES.length })
  .map((lanes) =>
    lanes.flatMap((shapes, lane) => shapes.map((shape, i) => groupIn(`${LANES[lane]}/00000${i * 4 + 2}`, shape))),
  );

function groupIn(name: string, { ordered, walked, ...segments }: Shape): Group {
  const { scan, packs, objects } = segments;
  const keys = [...scan, ...packs.flat(), ...objects].map(({ key }) => key);
  return { name, span: ordered ? spanOf(...keys, ...walked) : {}, ...segments };
}

const anySettings = fc.record({
  report: anyReport,
  index: fc.boolean(),
  linesInMemory: fc.constantFrom(1, 7, 1_000),
  from: fc.option(anyKey, { nil: undefined }),
});

async function filesOf(report: readonly Group[], index: boolean): Promise<MemoryFiles> {
  const files = new MemoryFiles();
  for (const group of report) await writeGroup(files, group);
  if (index) await writeIndex(files, RUN_ID);
  return files;
}

const settings = { numRuns: 150 };

test('finalLines is the plain model, sorted by key', async () => {
  await fc.assert(
    fc.asyncProperty(anySettings, async ({ report, index, linesInMemory, from }) => {
      const files = await filesOf(report, index);
      const model = modelOf(report);
      const options = from === undefined ? { linesInMemory } : { linesInMemory, from };
      const expected = model.filter(({ key }) => from === undefined || compareKeys(key, from) >= 0);
      expect(await all(finalLines(files, RUN_ID, options))).toEqual(expected);
      const failures = model.filter(({ outcome }) => outcome === 'failed');
      expect(await readFailures(files, RUN_ID, 2)).toEqual(failures.slice(0, 2));
    }),
    settings,
  );
});

const EQUAL: readonly string[] = ['identical', 'ledger', 'recorded', 'checksum'];

function entryOf(line: ReportLine | undefined) {
  if (line === undefined || line.outcome === 'failed') return undefined;
  if (line.outcome === 'skipped' && !EQUAL.includes(line.reason)) return undefined;
  return { sourceEtag: line.sourceEtag, targetEtag: line.targetEtag };
}

test('a ledger’s lookups of ascending keys are those of the plain model', async () => {
  const anyQuestions = fc.array(anyKey, { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(anySettings, anyQuestions, async ({ report, index, linesInMemory, from }, questions) => {
      const files = await filesOf(report, index);
      const model = new Map(modelOf(report).map((line) => [line.key, line]));
      const ledger = await openLedger(files, RUN_ID, { linesInMemory });
      const asked = questions.filter((key) => from === undefined || compareKeys(key, from) >= 0).sort(compareKeys);
      const cursor = ledger.from(from ?? '');
      for (const key of asked) expect([key, await cursor.lookup(key)]).toEqual([key, entryOf(model.get(key))]);
      await cursor.close();
    }),
    settings,
  );
});
