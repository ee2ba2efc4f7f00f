/** Several processes share one limit: all together keep it and use it, whatever each has to send, and whoever comes or goes. */
import { SharedBandwidth } from '../../src/transfer/shared-bandwidth';
import { FakeClock } from '../support/fake-clock';
import { MemoryBoard } from '../support/memory-board';

const MiB = 1024 ** 2;
const SLICE = 256 * 1024;
const LIMIT = 8 * MiB;
const NONE = 0;

function scene(limit = LIMIT) {
  const clock = new FakeClock();
  const board = new MemoryBoard(clock);
  board.rate = limit === NONE ? undefined : limit;
  const processes: Process[] = [];
  const start = (told = board.rate) => {
    const process = new Process(clock, board, `p${processes.length}`, told);
    processes.push(process);
    return process;
  };
  const total = () => processes.reduce((sum, { sent }) => sum + sent, 0);
  /** Of all together: bytes a second over each of so many seconds. */
  const seconds = async (count: number) => {
    const rates: number[] = [];
    for (let i = 0; i < count; i++) {
      const before = total();
      await clock.advance(1000);
      rates.push(total() - before);
    }
    return rates;
  };
  return { clock, board, start, seconds };
}

class Process {
  sent = 0;
  readonly bandwidth: SharedBandwidth;
  private stopped = false;

  constructor(
    private readonly clock: FakeClock,
    board: MemoryBoard,
    process: string,
    public told: number | undefined,
  ) {
    this.bandwidth = new SharedBandwidth({ board, process, clock });
  }

  get gate() {
    return this.bandwidth.gate({ transfer: 't', ...(this.told === undefined ? {} : { bandwidth: this.told }) });
  }

  /** So many senders of 4 MiB each, one after the other, on a line of their own that brings so many bytes a second. */
  send(senders: number, lineRate = Infinity): this {
    for (let i = 0; i < senders; i++) void this.sender(lineRate);
    return this;
  }

  stop(): void {
    this.stopped = true;
  }

  async rateOver(seconds: number): Promise<number> {
    const before = this.sent;
    await this.clock.advance(seconds * 1000);
    return (this.sent - before) / seconds;
  }

  private async sender(lineRate: number): Promise<void> {
    while (!this.stopped) {
      await this.gate.hold(4 * MiB, async () => {
        for (let at = 0; at < 4 * MiB && !this.stopped; at += SLICE) {
          await (this.gate.take(SLICE) ?? Promise.resolve());
          this.sent += SLICE;
          await this.clock.sleep(Math.max(1, (SLICE / lineRate) * 1000));
        }
      });
    }
  }
}

const average = (rates: readonly number[]) => rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
const near = (rate: number, expected: number, by = 0.05) => expect(Math.abs(rate / expected - 1)).toBeLessThan(by);

describe('all together keep the limit and use it:', () => {
  test.each([1, 2, 4, 10])('%i processes that begin at once', async (count) => {
    const { start, seconds } = scene();
    for (let i = 0; i < count; i++) start().send(8);
    const first = await seconds(10);
    // Each may be a slice ahead.
    expect(Math.max(...first)).toBeLessThan(1.1 * LIMIT + count * SLICE);
    near(average(await seconds(60)), LIMIT);
  });

  test('one that joins has its part within a few seconds, and takes nothing that the other has not given', async () => {
    const { start, seconds } = scene();
    start().send(8);
    await seconds(30);
    const second = start().send(8);
    const rates = await seconds(12);
    expect(Math.max(...rates)).toBeLessThan(1.1 * LIMIT);
    near(await second.rateOver(30), LIMIT / 2);
  });

  test('one that ends leaves its part to the others; so does one that dies, a little later', async () => {
    const { start, seconds, board } = scene();
    const [first, second] = [start().send(8), start().send(8)];
    await seconds(30);
    second.stop();
    await seconds(20);
    expect(board.now.map(({ process }) => process)).toEqual(['p0']);
    near(await first.rateOver(20), LIMIT);
  });

  test('one with little to send, or on a slow line, costs the others no more than it uses', async () => {
    const { start, seconds } = scene();
    const [rich, poor] = [start().send(8), start().send(1, MiB / 2)];
    await seconds(40);
    const rates = await seconds(60);
    near(average(rates), LIMIT);
    expect(poor.sent / 100).toBeGreaterThan(0.9 * (MiB / 2));
    expect(rich.sent).toBeGreaterThan(poor.sent * 8);
  });

  test('one whose work grows gets its part', async () => {
    const { start, seconds } = scene();
    start().send(8);
    const other = start().send(1, MiB / 4);
    await seconds(60);
    other.send(8);
    await seconds(25);
    near(await other.rateOver(30), LIMIT / 2);
  });

  test.each([0.05, 0.15, 0.3, 0.45, 0.6])(
    'one that wants %d of the limit, and one that wants all of it',
    async (part) => {
      const { start, seconds } = scene();
      start().send(8);
      const modest = start().send(8, (part * LIMIT) / 8);
      await seconds(40);
      const { sent } = modest;
      near(average(await seconds(60)), LIMIT, 0.08);
      expect((modest.sent - sent) / 60).toBeGreaterThan(0.75 * Math.min(part, 0.5) * LIMIT);
    },
  );

  test('some with much and some with little', async () => {
    const { start, seconds } = scene();
    start().send(8);
    start().send(8);
    start().send(1, MiB / 2);
    start().send(1, MiB / 8);
    await seconds(40);
    near(average(await seconds(60)), LIMIT);
  });
});

describe('the limit', () => {
  test('that is changed holds within a few seconds', async () => {
    const { start, seconds, board } = scene();
    for (let i = 0; i < 3; i++) start().send(8);
    await seconds(20);
    board.rate = LIMIT / 4;
    await seconds(7);
    near(average(await seconds(40)), LIMIT / 4);
    board.rate = LIMIT * 2;
    await seconds(14);
    near(average(await seconds(40)), LIMIT * 2);
  });

  test('of a new run counts at once, also right after another one', async () => {
    const { start, seconds, board } = scene(NONE);
    const one = start().send(2, LIMIT);
    await seconds(1);
    board.rate = LIMIT;
    one.told = LIMIT;
    near(average(await seconds(20)), LIMIT, 0.1);
  });

  test('that is lifted, and set again', async () => {
    const { start, seconds, board } = scene();
    for (let i = 0; i < 2; i++) start().send(2, 4 * LIMIT);
    await seconds(20);
    board.rate = undefined;
    await seconds(6);
    expect(average(await seconds(10))).toBeGreaterThan(8 * LIMIT);
    expect(board.now).toEqual([]);
    board.rate = LIMIT;
    await seconds(7);
    near(average(await seconds(30)), LIMIT);
  });

  test('absent: nobody shows or looks, but the run is asked every few seconds', async () => {
    const { start, seconds, board } = scene(NONE);
    start().send(1, LIMIT);
    await seconds(60);
    expect(board.asked.claims).toBe(0);
    expect(board.asked.limit).toBeGreaterThan(10);
    expect(board.asked.limit).toBeLessThan(16);
  });

  test('is not asked for while nothing is sent', async () => {
    const { start, seconds, board } = scene();
    const one = start().send(1);
    await seconds(10);
    one.stop();
    await seconds(20);
    const { limit } = board.asked;
    await seconds(600);
    expect(board.asked.limit).toBe(limit);
  });
});

describe('while nobody answers', () => {
  test('the last share holds', async () => {
    const { start, seconds, board } = scene();
    for (let i = 0; i < 2; i++) start().send(8);
    await seconds(20);
    board.fails = { limit: true, claims: true };
    near(average(await seconds(120)), LIMIT);
  });

  test('of the others, a new limit is shared as the last one was', async () => {
    const { start, seconds, board } = scene();
    for (let i = 0; i < 2; i++) start().send(8);
    await seconds(20);
    board.fails.claims = true;
    board.rate = LIMIT / 2;
    await seconds(7);
    near(average(await seconds(60)), LIMIT / 2);
  });

  test('or shows a process to the others, a quarter is its share, however few it sees itself', async () => {
    const { start, seconds, board } = scene();
    board.show = () => undefined;
    start().send(8);
    await seconds(10);
    near(average(await seconds(40)), LIMIT / 4);
  });

  test('from the beginning, a quarter of what the task says holds', async () => {
    const { start, seconds, board } = scene();
    board.fails = { limit: true, claims: true };
    start(LIMIT).send(8);
    await seconds(10);
    near(average(await seconds(40)), LIMIT / 4);
  });

  test('from the beginning, and the task says nothing: there is no limit', async () => {
    const { start, seconds, board } = scene(NONE);
    board.fails = { limit: true, claims: true };
    start().send(1, 4 * LIMIT);
    expect(average(await seconds(10))).toBeGreaterThan(3 * LIMIT);
  });
});

test('a process that closes leaves at once', async () => {
  const { start, seconds, board } = scene();
  const one = start().send(1);
  await seconds(5);
  one.bandwidth.close();
  expect(board.now).toEqual([]);
});
