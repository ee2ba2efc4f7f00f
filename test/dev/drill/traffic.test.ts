import type { Kill } from '../../../dev/drill/kill-record';
import { judgeTraffic, type Write } from '../../../dev/drill/traffic';

const KEY = 'r/a.bin';
const PART = 100;

/** A part that the first worker sent whole and answered. */
function part(partNumber: number, more: Partial<Write> = {}): Write {
  return {
    sender: 'worker-1.1',
    key: KEY,
    uploadId: 'u',
    partNumber,
    length: PART,
    arrived: PART,
    status: 200,
    finished: true,
    startedAt: 1_000,
    endedAt: 2_000,
    ...more,
  };
}

/** The same part, cut off by the death of that process at 1500. */
function cutPart(partNumber: number, more: Partial<Write> = {}): Write {
  const { status: _none, ...rest } = part(partNumber);
  return { ...rest, arrived: 40, finished: false, endedAt: 1_510, ...more };
}

const KILL: Kill = { victim: 'worker', moment: 'random', what: 'worker-1', sender: 'worker-1.1', at: 1_500 };
const LATER = { sender: 'worker-2.2', startedAt: 9_000, endedAt: 9_500 };
const sizes = new Map([[KEY, 2 * PART]]);

const judge = (writes: readonly Write[], kills: readonly Kill[] = [KILL]) => judgeTraffic(writes, kills, sizes);

test('a copy without kills holds, and has no surplus', () => {
  const { problems, checks, figures } = judge([part(1), part(2)], []);
  expect(problems).toEqual([]);
  expect(checks).toBeGreaterThan(0);
  expect(figures).toMatchObject({ bytesMoved: 200, bytesArrived: 200, surplusBytes: 0, boundBytes: 0 });
});

test('a part that a kill interrupted may be sent again, and its whole length is the bound', () => {
  const { problems, figures } = judge([part(1), cutPart(2), part(2, LATER)]);
  expect(problems).toEqual([]);
  expect(figures).toMatchObject({ surplusBytes: 40, boundBytes: 100, interruptedWrites: 1, repeatedWrites: 1 });
});

test('a part may be kept by the store although its process was gone before the answer', () => {
  expect(judge([part(1), cutPart(2, { arrived: PART })]).problems).toEqual([]);
});

test('a write that the store refused or broke off is repeated by the client, and counted apart', () => {
  const refused = [part(1, { status: 503 }), cutPart(2, { brokenOff: true })];
  const { problems, figures } = judge([...refused, part(1, LATER), part(2, LATER)], []);
  expect(problems).toEqual([]);
  expect(figures).toMatchObject({ refusedWrites: 2, refusedBytes: 200, boundBytes: 0, surplusBytes: 140 });
});

test.each<[what: string, writes: Write[], problem: RegExp]>([
  [
    'a finished part that is sent again',
    [part(1), part(2), part(2, LATER)],
    /sent again, although the store had taken/,
  ],
  [
    'a part that the store had taken and whose answer the kill cut off',
    [part(1), part(2, { finished: false }), part(2, LATER)],
    /sent again, although the store had taken/,
  ],
  [
    'a part that is repeated although the kill was of another process',
    [part(1), cutPart(2, { sender: 'worker-1.4' }), part(2, LATER)],
    /no kill had interrupted/,
  ],
  [
    'a part that is repeated although its connection broke before the kill',
    [part(1), cutPart(2, { endedAt: 1_400 }), part(2, LATER)],
    /no kill had interrupted/,
  ],
  ['a part that never came whole', [part(1), cutPart(2)], /no attempt can have been stored/],
  ['an object that was begun anew', [part(1), part(2, { uploadId: 'v' })], /2 uploads/],
  ['a write of what nobody delivered', [part(1), part(2), part(1, { key: 'r/b.bin' })], /nobody has delivered it/],
  ['bytes beyond the bound', [part(1, { arrived: 150 }), part(2)], /50 bytes were sent beyond/],
  ['bytes that are missing', [part(1)], /100 bytes less were written/],
])('%s is reported', (_what, writes, problem) => {
  const { problems } = judge(writes);
  expect(problems.some((sentence) => problem.test(sentence))).toBe(true);
});

test('what a killed process has sent may be seen later than its end', () => {
  expect(judge([part(1), cutPart(2, { startedAt: 4_000, endedAt: 4_100 }), part(2, LATER)]).problems).toEqual([]);
});
