/** One run, several lanes: a lane that lists for long shares what is left with those that are free. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { KeyRange, ScanRequest } from '../../src/domain/work';
import { withReports } from '../../src/cli/live-progress';
import { laneReportQuery, progressQuery } from '../../src/workflows/messages';
import { aPack, found, packed } from './support/examples';
import { Gate, pause, until } from './support/gate';
import { useStage } from './support/stage';

const stage = useStage();

/** Keys are numbers: a stretch goes on behind one of them up to another. */
const KEYS = 800_000;
const SCAN_KEYS = 20_000;
const keyOf = (number: number) => `in/${String(number).padStart(6, '0')}`;
const numberOf = (key: string) => Number(key.slice(3));
const beginOf = ({ startAfter }: KeyRange) => (startAfter === undefined ? 0 : numberOf(startAfter));
const endOf = ({ endAt }: KeyRange) => (endAt === undefined ? KEYS : numberOf(endAt));

/** Counts how often each thousand of keys is scanned. */
class Field {
  readonly scanned = new Map<number, number>();
  readonly lanes = new Set<string>();
  atOnce = 0;
  most = 0;

  async scan({ range, lane }: ScanRequest) {
    this.lanes.add(lane);
    this.atOnce += 1;
    this.most = Math.max(this.most, this.atOnce);
    await sleep(250);
    this.atOnce -= 1;
    const begin = beginOf(range);
    const end = Math.min(begin + SCAN_KEYS, endOf(range));
    for (let at = begin; at < end; at += 1000) this.scanned.set(at, (this.scanned.get(at) ?? 0) + 1);
    const listed = end - begin;
    const next = end === endOf(range) ? {} : { next: { ...range, startAfter: keyOf(end) } };
    return found({ counters: { listed, skipped: listed }, ...next });
  }

  expectEachOnce() {
    expect([...this.scanned.values()].filter((times) => times !== 1)).toEqual([]);
    expect(this.scanned.size).toBe(KEYS / 1000);
  }
}

/** Even parts, at whole thousands. */
function parts(range: KeyRange, pieces: number): KeyRange[] {
  const begin = beginOf(range);
  const step = Math.max(1000, Math.ceil((endOf(range) - begin) / pieces / 1000) * 1000);
  const cuts: number[] = [];
  for (let cut = begin + step; cut < endOf(range); cut += step) cuts.push(cut);
  const { startAfter: _start, endAt, ...rest } = range;
  return [begin, ...cuts].map((from, i) => {
    const to = cuts[i] === undefined ? endAt : keyOf(cuts[i]);
    return { ...rest, startAfter: keyOf(from), ...(to === undefined ? {} : { endAt: to }) };
  });
}

test('a long listing is shared among as many lanes as the limit says, and each key is scanned once', async () => {
  const field = new Field();
  const play = stage.play(
    { scanRange: (request) => field.scan(request), splitRange: ({ range, pieces }) => parts(range, pieces) },
    { limits: { lanes: 3, objectsPerLane: 4 } },
  );
  const handle = await play.run();
  await expect(handle.result()).resolves.toMatchObject({ listed: KEYS, skipped: KEYS, failed: 0 });
  field.expectEachOnce();
  expect(field.most).toBe(3);
  expect([...field.lanes]).toEqual(expect.arrayContaining(['main', 'main-2', 'main-3']));
  expect(play.calls('splitRange')[0]).toMatchObject({ pieces: 3 });
});

test('lanes of unlike weight end at about the same time, as a free one takes over from a busy one', async () => {
  const field = new Field();
  /** The first part is a single scan, whatever is left. */
  const unlike = (range: KeyRange) => {
    const [first = range, ...others] = parts(range, Math.ceil((endOf(range) - beginOf(range)) / SCAN_KEYS));
    const last = others[0] === undefined ? [] : [{ ...range, startAfter: first.endAt ?? '' }];
    return [first, ...last];
  };
  const play = stage.play(
    { scanRange: (request) => field.scan(request), splitRange: ({ range }) => unlike(range) },
    { limits: { lanes: 2, objectsPerLane: 4 } },
  );
  const handle = await play.run();
  await expect(handle.result()).resolves.toMatchObject({ listed: KEYS, skipped: KEYS });
  field.expectEachOnce();
  expect(field.most).toBe(2);
  expect(field.lanes.size).toBeGreaterThan(2);
});

test('a short listing has one lane, and is not probed', async () => {
  const play = stage.play({ scanRange: () => found({ counters: { listed: SCAN_KEYS - 1, skipped: SCAN_KEYS - 1 } }) });
  await (await play.run()).result();
  expect(play.calls('scanRange').map(({ lane }) => lane)).toEqual(['main']);
  expect(play.calls('splitRange')).toEqual([]);
});

test('what cannot be split is scanned by its one lane, which is not asked again', async () => {
  const field = new Field();
  let scans = 0;
  const play = stage.play({
    scanRange: (request) => {
      scans += 1;
      return field.scan(request);
    },
    splitRange: ({ range }) => {
      if (scans < 5) throw new Error('The listing fails');
      return [range];
    },
  });
  const handle = await play.run();
  await expect(handle.result()).resolves.toMatchObject({ listed: KEYS, skipped: KEYS });
  field.expectEachOnce();
  expect([...field.lanes]).toEqual(['main']);
  expect(new Set(play.calls('splitRange').map(({ range }) => range.startAfter)).size).toBe(1);
});

test('a rerun is shared too, its lanes bear its mark, and the next rerun waits for all of them', async () => {
  const field = new Field();
  const gate = new Gate();
  const play = stage.play(
    {
      scanRange: async (request) => {
        if (request.lane === 'main') await gate.opened;
        if (request.lane === 'main' || request.range.prefix !== 'in/') return found();
        return field.scan(request);
      },
      splitRange: ({ range, pieces }) => parts(range, pieces),
    },
    { limits: { lanes: 3, objectsPerLane: 4 } },
  );
  const handle = await play.run();
  await until('the main lane scans', () => play.calls('scanRange').length === 1);
  await handle.signal('rerun', { prefix: '', force: true });
  // Before it has begun, the second would be joined to it.
  await until('the rerun scans', () => play.calls('scanRange').some(({ lane }) => lane === 'rerun-1'));
  await handle.signal('rerun', { prefix: 'x/' });
  await until('the next rerun scans', () => play.calls('scanRange').some(({ lane }) => lane === 'rerun-2'), 100_000);
  gate.open();
  await expect(handle.result()).resolves.toMatchObject({ listed: KEYS });
  field.expectEachOnce();
  const scans = play.calls('scanRange').filter(({ lane }) => lane.startsWith('rerun-1'));
  expect(scans.some(({ lane }) => lane === 'rerun-1-2')).toBe(true);
  const { firstExecutionRunId: id } = handle;
  expect(new Set(scans.map(({ run, force }) => `${run.mark} ${force}`))).toEqual(new Set([`${id}.r1 true`]));
  expect(play.calls('scanRange').findIndex(({ lane }) => lane === 'rerun-2')).toBeGreaterThan(scans.length - 1);
});

test('holds reach every lane, also those that came later', async () => {
  const field = new Field();
  const play = stage.play(
    { scanRange: (request) => field.scan(request), splitRange: ({ range, pieces }) => parts(range, pieces) },
    { limits: { lanes: 3, objectsPerLane: 4 } },
  );
  const handle = await play.run();
  await until('three lanes scan', () => field.lanes.size === 3);
  await handle.signal('pause', {});
  await until('all have come to rest', async () => {
    const before = play.calls('scanRange').length;
    await sleep(1500);
    return play.calls('scanRange').length === before;
  });
  expect(field.scanned.size).toBeLessThan(KEYS / 1000);
  // The run may know less of them by now than they know themselves.
  const known = await handle.query(progressQuery);
  expect(known.lanes.map(({ lane }) => lane)).toEqual(['main', 'main-2', 'main-3']);
  const asked = known.lanes.map(({ lane }) => play.handle(`/r/${lane}`).query(laneReportQuery));
  const now = withReports(known, await Promise.all(asked));
  expect(now).toMatchObject({ counters: { listed: field.scanned.size * 1000 }, pending: 0, listingDone: false });
  await handle.signal('resume', {});
  await expect(handle.result()).resolves.toMatchObject({ listed: KEYS });
  field.expectEachOnce();
});

test('a lane’s window counts a pack by its bytes', async () => {
  const gate = new Gate();
  const play = stage.play(
    {
      scanRange: () => found({ packs: [aPack('p', { bytes: 65 * 1024 ** 2 }), aPack('q'), aPack('r')] }),
      copyPack: () => gate.opened.then(() => packed({ counters: { listed: 1, copied: 1 } })),
    },
    { limits: { lanes: 1, objectsPerLane: 3 } },
  );
  const handle = await play.run();
  await until('it is full', () => play.calls('copyPack').length === 2);
  await pause();
  expect(play.calls('copyPack')).toHaveLength(2);
  gate.open();
  await expect(handle.result()).resolves.toMatchObject({ copied: 3 });
});
