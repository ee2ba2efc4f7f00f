/** One run: its preflight, what it counts, and the reruns that are merged into it. */
import { rerunSignal } from '../../src/workflows/messages';
import { anObject, aPack, found, packed, refusal, skippedLine, willing } from './support/examples';
import { Gate, pause, until } from './support/gate';
import { failureOf } from './support/outcome';
import { useStage, type Play } from './support/stage';

const stage = useStage();

/** What was scanned, in order: the prefix below `in/`, and whether it was forced. */
const scans = (play: Play) =>
  play.calls('scanRange').map(({ range, force, lane }) => `${lane}: ${range.prefix.slice(3)}${force ? ' forced' : ''}`);

describe('preflight', () => {
  test('a refusal ends the run with its type and message, and no lane starts', async () => {
    const play = stage.play({
      preflight: () => {
        throw refusal('InvalidConfiguration', 'transfers[0].source.bucket: expected a bucket, found nothing');
      },
    });
    const handle = await play.run();
    expect(await failureOf(handle)).toEqual({
      code: 'InvalidConfiguration',
      message: 'transfers[0].source.bucket: expected a bucket, found nothing',
    });
    expect(play.log.map(({ activity }) => activity)).toEqual(['preflight']);
    await expect(play.handle('/r/main').describe()).rejects.toThrow('not found');
  });

  test('is given the input as it came, and its own answer is what runs', async () => {
    const play: Play = stage.play({
      preflight: () => ({ transfer: play.transfer, scope: { prefix: 'b/', force: true } }),
    });
    await (await play.run({ run: { prefix: 'b/' }, unknown: 1 })).result();
    expect(play.calls('preflight')).toEqual([{ name: play.transfer.name, run: { prefix: 'b/' }, unknown: 1 }]);
    expect(scans(play)).toEqual(['main: b/ forced']);
    const [finished] = play.calls('finishRun');
    expect(finished?.summary.scope).toEqual({ prefix: 'b/', force: true });
  });
});

test('the result adds up what lanes, packs and objects have counted, and is what the summary says', async () => {
  const [copied, skipped, failing] = [
    anObject('copied', { size: 300e6 }),
    anObject('skipped', { size: 400e6 }),
    anObject('failing', { size: 500e6 }),
  ];
  const play: Play = stage.play({
    scanRange: ({ lane }) =>
      lane === 'main'
        ? found({
            objects: [copied, skipped, failing],
            packs: [aPack('p'), aPack('q')],
            counters: { listed: 5, skipped: 4, failed: 1 },
          })
        : found({ counters: { listed: 1000, skipped: 1000 } }),
    openTransfer: (input) => {
      if (input.object.id === failing.id) throw refusal('AccessDenied');
      if (input.object.id === skipped.id) return { kind: 'done', line: skippedLine(input.object) };
      return willing(input.transfer).openTransfer(input);
    },
    copyPack: () => packed({ counters: { listed: 10, copied: 7, skipped: 2, failed: 1, bytesCopied: 70 } }),
  });
  const handle = await play.run();
  await handle.signal(rerunSignal, { prefix: 'again/', force: true });
  const result: unknown = await handle.result();
  expect(result).toEqual({
    transfer: play.transfer.name,
    workflowId: play.id,
    runId: handle.firstExecutionRunId,
    listed: 1028,
    copied: 15,
    skipped: 1009,
    deleted: 0,
    failed: 4,
    bytesCopied: 300e6 + 140,
    startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
    finishedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
  });
  expect(play.calls('finishRun')).toEqual([
    { transfer: play.transfer, summary: { ...(result as object), outcome: 'completed', scope: {} } },
  ]);
});

test('the records of a forced rerun carry a mark of their own below the same run', async () => {
  const play = stage.play();
  const handle = await play.run();
  await handle.signal(rerunSignal, { prefix: 'a/', force: true });
  await handle.result();
  const { firstExecutionRunId: id } = handle;
  const runs = new Map(play.calls('scanRange').map(({ lane, run }) => [lane, run]));
  expect(runs.get('main')).toMatchObject({ id, mark: id });
  expect(runs.get('rerun-1')).toEqual({ ...runs.get('main'), mark: `${id}.r1` });
});

test('every scan, a rerun’s too, knows the run whose report is the ledger', async () => {
  const gate = new Gate();
  const play = stage.play({
    preflight: () => ({ transfer: play.transfer, scope: {}, ledger: 'run-0' }),
    scanRange: async () => {
      await gate.opened;
      return found();
    },
  });
  const handle = await play.run();
  await until('the main lane scans', () => scans(play).length === 1);
  await handle.signal(rerunSignal, { prefix: 'x/' });
  gate.open();
  await handle.result();
  expect(play.calls('scanRange').map(({ run }) => run.ledger)).toEqual(['run-0', 'run-0']);
});

describe('reruns', () => {
  /** A run whose scans of these lanes wait for their gates. */
  function playWithGates(...lanes: string[]) {
    const gates = new Map(lanes.map((lane) => [lane, new Gate()]));
    const play = stage.play({
      scanRange: async ({ lane }) => {
        await gates.get(lane)?.opened;
        return found({ counters: { listed: 1, skipped: 1 } });
      },
    });
    return { play, open: (lane: string) => gates.get(lane)?.open() };
  }

  test('one is scanned beside the run, and what waits for it already is not asked for twice', async () => {
    const { play, open } = playWithGates('main', 'rerun-1');
    const handle = await play.run();
    await until('the main lane scans', () => scans(play).length === 1);
    await handle.signal(rerunSignal, { prefix: 'x/' });
    await until('the rerun scans beside it', () => scans(play).length === 2);
    await handle.signal(rerunSignal, { prefix: 'a/' });
    await handle.signal(rerunSignal, { prefix: 'a/' });
    await handle.signal(rerunSignal, { prefix: 'a/b/' });
    await handle.signal(rerunSignal, { prefix: 'a/b/', force: true });
    await handle.signal(rerunSignal, { prefix: 'x/' });
    await pause();
    expect(scans(play)).toHaveLength(2);
    open('rerun-1');
    await until('the others are scanned one after the other', () => scans(play).length === 5);
    open('main');
    await expect(handle.result()).resolves.toMatchObject({ listed: 5, skipped: 5 });
    expect(scans(play)).toEqual(['main: ', 'rerun-1: x/', 'rerun-2: a/', 'rerun-3: a/b/ forced', 'rerun-4: x/']);
  });

  test('one that comes while the summary is being written is this run’s still', async () => {
    const gate = new Gate();
    const play = stage.play({
      scanRange: () => found({ counters: { listed: 1, skipped: 1 } }),
      finishRun: () => gate.opened,
    });
    const handle = await play.run();
    await until('the summary is being written', () => play.calls('finishRun').length === 1);
    await handle.signal(rerunSignal, { prefix: 'late/' });
    gate.open();
    await expect(handle.result()).resolves.toMatchObject({ listed: 2, skipped: 2 });
    expect(scans(play)).toEqual(['main: ', 'rerun-1: late/']);
    expect(play.calls('finishRun').map(({ summary }) => summary.listed)).toEqual([1, 2]);
  });

  test.each([
    ['its own scope is scanned once', { prefix: 'a/' }, { prefix: 'a/' }, ['main: a/']],
    ['a part of its scope is scanned once', {}, { prefix: 'a/' }, ['main: ']],
    ['a forced scope that covers it is scanned once', { force: true }, { prefix: 'a/' }, ['main:  forced']],
    ['more than its scope is scanned too', { prefix: 'a/b/' }, { prefix: 'a/' }, ['main: a/b/', 'rerun-1: a/']],
    ['more force is scanned too', {}, { prefix: 'a/', force: true }, ['main: ', 'rerun-1: a/ forced']],
  ])('of one that starts the run, %s', async (_what, run, message, expected) => {
    const play = stage.play();
    const { name } = play.transfer;
    const handle = await stage.client.workflow.signalWithStart('transferBucket', {
      taskQueue: 'ferry',
      workflowId: play.id,
      args: [{ name, run }],
      signal: rerunSignal,
      signalArgs: [message],
    });
    await handle.result();
    // Lanes go side by side.
    expect(scans(play).sort()).toEqual(expected);
  });
});
