/** Processes see each other on a real Temporal server, and leave no trace in any history. */
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { freePort } from '../../dev/ports';
import { startTemporal, type TemporalServer } from '../../dev/servers/temporal';
import { PollerBoard } from '../../src/workers/poller-board';
import { temporaryFolder } from '../dev/folders';
import { until } from '../support/until';

const folder = temporaryFolder();
let temporal: TemporalServer;
const boards: PollerBoard[] = [];

beforeAll(async () => {
  temporal = await startTemporal({ folder: join(folder, 'temporal'), headless: true, log: () => undefined });
}, 180_000);
afterAll(async () => {
  await Promise.all(boards.map((board) => board.close()));
  await temporal.stop();
});

/** As another process has it. */
function open(): PollerBoard {
  const board = new PollerBoard({ connection: { address: temporal.address }, namespace: temporal.namespace });
  boards.push(board);
  return board;
}

const within = { timeoutMs: 10_000, everyMs: 25 };
const sees = (what: string, who: PollerBoard, transfer: string, expected: unknown) =>
  until(
    what,
    async () => {
      const claims = [...(await who.claims(transfer))].sort((a, b) => (a.process < b.process ? -1 : 1));
      return isDeepStrictEqual(claims, expected);
    },
    within,
  );

test('what one shows, all see: its last word alone, and each transfer apart', async () => {
  const [one, two] = [open(), open()];
  expect(await one.claims('acme')).toEqual([]);
  const p1 = { process: 'p1', copies: 10, want: Infinity };
  const p2 = { process: 'p2', copies: 5, want: 6 };
  one.show('acme', p1);
  two.show('acme', p2);
  two.show('other', { ...p2, copies: 1, job: true });
  await sees('both', one, 'acme', [p1, p2]);
  one.show('acme', { ...p1, copies: 30, want: 40 });
  await sees('the new word', two, 'acme', [{ ...p1, copies: 30, want: 40 }, p2]);
  one.show('acme', p1);
  await sees('the old one again', two, 'acme', [p1, p2]);
  one.withdraw('acme', 'p1');
  await sees('who is left', two, 'acme', [p2]);
  await sees('the other transfer', one, 'other', [{ ...p2, copies: 1, job: true }]);
}, 60_000);

test('fifty at once are all seen', async () => {
  const one = open();
  for (let i = 10; i < 60; i++) one.show('many', { process: `p${i}`, copies: i, want: i });
  await until('all of them', async () => (await one.claims('many')).length === 50, within);
}, 60_000);

test('a run that is not there has no answer, and where nobody can be reached there is none either', async () => {
  const one = open();
  await expect(one.limit('nobody')).rejects.toThrow();
  const lost = new PollerBoard({ connection: { address: `127.0.0.1:${await freePort()}` }, namespace: 'default' });
  boards.push(lost);
  lost.show('acme', { process: 'p', copies: 1, want: 1 });
  await expect(lost.claims('acme')).rejects.toThrow();
}, 60_000);
