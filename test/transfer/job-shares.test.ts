/** Batch jobs under a limit: each has a quarter, fixed when it is submitted; three run at once, and the workers have the rest. */
import type { JobShare, JobShareRequest } from '../../src/transfer/bandwidth';
import { SharedBandwidth } from '../../src/transfer/shared-bandwidth';
import { FakeClock } from '../support/fake-clock';
import { MemoryBoard } from '../support/memory-board';

const LIMIT = 100_000_000;
const limit = { transfer: 't' };

function scene(rate: number | undefined) {
  const clock = new FakeClock();
  const board = new MemoryBoard(clock);
  board.rate = rate;
  const rates = new Map<string, number | undefined>();
  const process = (name: string) =>
    new SharedBandwidth({ board, process: name, clock, onShare: ({ share }) => rates.set(name, share) });
  const shares = new Map<string, JobShare>();
  const ask = (by: SharedBandwidth, jobName: string, more: Partial<JobShareRequest> = {}) => {
    const share = by.job(limit, { jobName, ...more });
    void share.then((granted) => shares.set(jobName, granted)).catch(() => undefined);
    return share;
  };
  return { clock, board, process, ask, shares, rates };
}

test('a quarter of the limit as it is now', async () => {
  const { clock, process, ask, shares } = scene(LIMIT);
  void ask(process('p'), 'a');
  await clock.advance(2_000);
  expect(shares.get('a')?.rate).toBe(LIMIT / 4);
});

test('none where there is no limit', async () => {
  const { clock, process, ask, shares } = scene(undefined);
  void ask(process('p'), 'a');
  await clock.advance(2_000);
  expect(shares.get('a')).toBeDefined();
  expect(shares.get('a')?.rate).toBeUndefined();
});

test('three of all processes run at once; the others follow', async () => {
  const { clock, process, ask, shares } = scene(LIMIT);
  const [p, q] = [process('p'), process('q')];
  for (const [index, name] of ['e', 'd', 'c', 'b', 'a'].entries()) void ask(index % 2 === 0 ? p : q, name);
  await clock.advance(20_000);
  expect([...shares.keys()].sort()).toEqual(['a', 'b', 'c']);
  shares.get('b')?.end();
  await clock.advance(3_000);
  expect([...shares.keys()].sort()).toEqual(['a', 'b', 'c', 'd']);
  shares.get('c')?.end();
  await clock.advance(3_000);
  expect(shares.size).toBe(5);
});

test('one that comes later takes the place of none that runs, whatever its name', async () => {
  const { clock, process, ask, shares } = scene(LIMIT);
  for (const name of ['x', 'y', 'z']) void ask(process(`p-${name}`), name);
  await clock.advance(2_000);
  void ask(process('q'), 'a');
  await clock.advance(10_000);
  expect([...shares.keys()].sort()).toEqual(['x', 'y', 'z']);
});

test('the workers leave a job its share while it moves bytes, and take it back', async () => {
  const { clock, process, ask, shares, rates } = scene(LIMIT);
  void process('w')
    .gate(limit)
    .hold(1, () => new Promise(() => undefined));
  const rate = () => rates.get('w');
  void ask(process('p'), 'a');
  await clock.advance(10_000);
  expect(rate()).toBe(LIMIT);
  shares.get('a')?.moves(true);
  await clock.advance(7_000);
  expect(rate()).toBe((LIMIT * 3) / 4);
  shares.get('a')?.end();
  await clock.advance(7_000);
  expect(rate()).toBe(LIMIT);
});

test('a job that runs already keeps what it was given, and waits for nobody', async () => {
  const { clock, process, ask, shares, board } = scene(LIMIT);
  const p = process('p');
  for (const name of ['a', 'b', 'c']) void ask(p, name);
  await clock.advance(2_000);
  void ask(process('q'), 'taken-up', { given: { rate: 7 } });
  await clock.advance(10);
  expect(shares.get('taken-up')?.rate).toBe(7);
  shares.get('taken-up')?.moves(true);
  await clock.advance(2_000);
  expect(board.now).toContainEqual({ process: 'taken-up', copies: 1, want: 7, job: true });
});

test('one that waits for room is told to stop', async () => {
  const { clock, process, ask, board } = scene(LIMIT);
  const p = process('p');
  for (const name of ['a', 'b', 'c']) void ask(p, name);
  await clock.advance(2_000);
  const stop = new AbortController();
  const fourth = ask(p, 'd', { stop: stop.signal });
  await clock.advance(2_000);
  stop.abort(new Error('paused'));
  await expect(fourth).rejects.toThrow('paused');
  expect(board.now.map((claim) => claim.process)).not.toContain('d');
});

test('the share is that of a limit which has changed meanwhile; jobs that run keep theirs', async () => {
  const { clock, process, ask, shares, board } = scene(LIMIT);
  const p = process('p');
  void ask(p, 'a');
  await clock.advance(2_000);
  board.rate = LIMIT / 2;
  await clock.advance(7_000);
  void ask(p, 'b');
  await clock.advance(2_000);
  expect([shares.get('a')?.rate, shares.get('b')?.rate]).toEqual([LIMIT / 4, LIMIT / 8]);
});

test('nobody waits for room where the others cannot be seen', async () => {
  const { clock, process, ask, shares, board } = scene(LIMIT);
  board.fails.claims = true;
  const p = process('p');
  for (const name of ['a', 'b', 'c', 'd', 'e']) void ask(p, name);
  await clock.advance(2_000);
  expect(shares.size).toBe(5);
});
