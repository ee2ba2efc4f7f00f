/** What operators and bad moments do to a run: it ends right, says what is missing, and never hangs. */
import { cancellationSignal, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Progress } from '../../src/domain/run-result';
import { pauseSignal, progressQuery, resumeSignal } from '../../src/workflows/messages';
import { aLane, anObject, aPack, found, packed, refusal } from './support/examples';
import { Gate, moving, openedBeforeStop, pause, until } from './support/gate';
import { failureOf, statusOf } from './support/outcome';
import { useStage, type Play } from './support/stage';

const stage = useStage();

const progress = (play: Play): Promise<Progress> => play.handle().query(progressQuery);
const ended = (handle: { describe(): Promise<{ status: { name: string } }> }) => () =>
  handle.describe().then(({ status }) => status.name !== 'RUNNING');
const transient = () => ApplicationFailure.create({ type: 'Unavailable', message: 'try again' });
async function failWhenStopped(): Promise<never> {
  const beat = setInterval(() => heartbeat(), 50);
  await new Promise((resolve) => cancellationSignal().addEventListener('abort', resolve));
  clearInterval(beat);
  throw transient();
}

describe('a pause that meets an attempt which is not running, or fails while it stops', () => {
  test.each(['waits for its next attempt', 'fails for a moment while it stops'])('object: it %s', async (how) => {
    const waits = how.startsWith('waits');
    const play: Play = stage.play({
      scanRange: () => found({ objects: [anObject('a')] }),
      copyParts: () => {
        if (waits && play.calls('copyParts').length <= 3) throw transient();
        if (!waits && play.calls('copyParts').length === 1) return failWhenStopped();
        return { state: 'complete' };
      },
    });
    const handle = await play.run();
    await until('it tries', () => play.calls('copyParts').length === (waits ? 3 : 1));
    await pause(100);
    await handle.signal(pauseSignal);
    await pause(1000);
    await handle.signal(resumeSignal).catch(() => undefined);
    await expect(handle.result()).resolves.toMatchObject({ listed: 1, copied: 1, failed: 0 });
    expect(play.calls('abortTransfer')).toEqual([]);
  });

  test.each(['waits for its next attempt', 'fails for a moment while it stops'])('pack: it %s', async (how) => {
    const waits = how.startsWith('waits');
    const play: Play = stage.play({
      scanRange: () => found({ packs: [aPack('p')] }),
      copyPack: () => {
        if (waits && play.calls('copyPack').length <= 3) throw transient();
        if (!waits && play.calls('copyPack').length === 1) return failWhenStopped();
        return packed({ counters: { listed: 10, copied: 10 } });
      },
    });
    const handle = await play.run();
    await until('it tries', () => play.calls('copyPack').length === (waits ? 3 : 1));
    await pause(100);
    await handle.signal(pauseSignal);
    await pause(1000);
    await handle.signal(resumeSignal).catch(() => undefined);
    await expect(handle.result()).resolves.toMatchObject({ listed: 10, copied: 10 });
  });
});

describe('a failure that ends the run', () => {
  test('stops the other copies at work, and their uploads are aborted', async () => {
    const play: Play = stage.play({
      scanRange: () => found({ objects: [anObject('a'), anObject('b')] }),
      copyParts: async ({ targetKey }) => {
        if (targetKey === 'out/a') return moving(new Gate());
        await until('the other is at work', () => play.calls('copyParts').length === 2);
        throw refusal('NoSuchBucket', 'refused');
      },
    });
    const handle = await play.run();
    await until('it ends', ended(handle), 8000);
    expect(await failureOf(handle)).toEqual({ code: 'NoSuchBucket', message: 'refused' });
    expect(
      play
        .calls('abortTransfer')
        .map(({ targetKey }) => targetKey)
        .sort(),
    ).toEqual(['out/a', 'out/b']);
  });

  test('is not kept waiting by an object on hold', async () => {
    const play: Play = stage.play({
      scanRange: () => found({ objects: [anObject('a/1'), anObject('b/1')] }),
      copyParts: async ({ targetKey }) => {
        if (targetKey === 'out/a/1') return moving(new Gate());
        await pause(1500);
        throw refusal('NoSuchBucket', 'refused');
      },
    });
    const handle = await play.run();
    await until('both are at work', () => play.calls('copyParts').length === 2);
    await handle.signal(pauseSignal, { prefix: 'a/' });
    await until('it ends', ended(handle), 8000);
  });

  test('is not forgotten by a lane that begins anew', async () => {
    let scans = 0;
    const gate = new Gate();
    const play = stage.play({
      scanRange: () => {
        scans += 1;
        const next = { next: { prefix: 'in/', startAfter: `in/${scans}` } };
        return scans === 1 ? found({ objects: [anObject('a')], ...next }) : found(scans < 400 ? next : {});
      },
      copyParts: async () => {
        await moving(gate);
        throw refusal('NoSuchBucket', 'refused');
      },
    });
    const handle = await play.start('transferRange', `${play.id}/r/main`, aLane(play.transfer));
    await until('it has scanned all', () => scans === 400, 110_000);
    expect((await play.handle('/r/main', handle.firstExecutionRunId).describe()).status.name).toBe('CONTINUED_AS_NEW');
    gate.open();
    expect(await failureOf(handle)).toMatchObject({ code: 'NoSuchBucket' });
  });
});

describe('a child that is cancelled by hand, as the Temporal UI offers', () => {
  test('an object is counted as failed and recorded', async () => {
    const play = stage.play({
      scanRange: () => found({ objects: [anObject('a')] }),
      copyParts: () => moving(new Gate()),
    });
    const handle = await play.run();
    await until('it is at work', () => play.calls('copyParts').length === 1);
    await play.handle('/o/a').cancel();
    await expect(handle.result()).resolves.toMatchObject({ listed: 1, copied: 0, failed: 1 });
    expect(play.calls('recordFailure')).toHaveLength(1);
  });

  test.each(['/p/p', '/r/main'])('a run without all of %s does not say that it is complete', async (child) => {
    const play = stage.play({
      scanRange: () => found({ packs: [aPack('p')] }),
      copyPack: async () => {
        await openedBeforeStop(new Gate());
        return packed({ next: { prefix: 'in/' } });
      },
    });
    const handle = await play.run();
    await until('it is at work', () => play.calls('copyPack').length === 1);
    await play.handle(child).cancel();
    await statusOf(handle);
    expect(play.calls('finishRun').map(({ summary }) => summary.outcome)).not.toEqual(['completed']);
  });
});

test('progress shows what is listed while a large object is copied', async () => {
  const gate = new Gate();
  const play = stage.play({ scanRange: () => found({ objects: [anObject('a')] }), copyParts: () => moving(gate) });
  const handle = await play.run();
  await until('it is at work', () => play.calls('copyParts').length === 1);
  await pause(8000);
  const seen = await progress(play);
  gate.open();
  await handle.result();
  expect(seen).toMatchObject({ counters: { listed: 1 }, pending: 1, listingDone: true });
});

describe('the summary of a run that ends early counts what was copied', () => {
  test.each(['cancelled', 'failed'] as const)('%s', async (outcome) => {
    const gate = new Gate();
    const play: Play = stage.play({
      scanRange: () => found({ objects: [anObject('a'), anObject('b')] }),
      copyParts: async ({ targetKey }) => {
        if (targetKey === 'out/a') return { state: 'complete' };
        const moved = await moving(gate);
        if (outcome === 'failed') throw refusal('NoSuchBucket');
        return moved;
      },
    });
    const handle = await play.run();
    await until('both are at work', () => play.calls('copyParts').length === 2);
    expect(await statusOf(play.handle('/o/a'))).toBe('COMPLETED');
    await pause();
    if (outcome === 'cancelled') await handle.cancel();
    else gate.open();
    await statusOf(handle);
    expect(play.calls('finishRun')).toMatchObject([{ summary: { outcome, listed: 2, copied: 1 } }]);
  });
});

describe('an upload that cannot be aborted', () => {
  const abortTransfer = (): never => {
    throw refusal('AccessDenied', 'uploads may not be aborted');
  };

  test('does not hide why the object failed, nor keep it out of the report', async () => {
    const play = stage.play({
      scanRange: () => found({ objects: [anObject('a')] }),
      sealTransfer: () => {
        throw refusal('ProofFailed', 'no proof');
      },
      abortTransfer,
    });
    await expect((await play.run()).result()).resolves.toMatchObject({ listed: 1, failed: 1 });
    expect(play.calls('recordFailure')).toMatchObject([{ line: { code: 'ProofFailed' } }]);
  });

  test('of a terminated child does not fail the whole run', async () => {
    const play = stage.play({
      scanRange: () => found({ objects: [anObject('a')] }),
      copyParts: () => moving(new Gate()),
      abortTransfer,
    });
    const handle = await play.run();
    await until('it is at work', () => play.calls('copyParts').length === 1);
    await play.handle('/o/a').terminate();
    await expect(handle.result()).resolves.toMatchObject({ listed: 1, failed: 1 });
  });
});

test.each([['a/'], [5], [['a/']], [{ prefx: 'a/' }], [{ Prefix: 'a/' }]])(
  'a pause with %j is refused, and does not hold everything',
  async (message) => {
    const gate = new Gate();
    const play = stage.play({ scanRange: () => gate.opened.then(() => found()) });
    const handle = await play.run();
    await handle.signal('pause', message);
    await handle.signal(pauseSignal, { prefix: 'x/' });
    await until('both are heard', async () => (await progress(play)).holds.includes('x/'));
    const { holds } = await progress(play);
    gate.open();
    expect(holds).toEqual(['x/']);
  },
);

test('a rerun whose force is no truth value is refused', async () => {
  const play = stage.play();
  const handle = await play.run();
  await handle.signal('rerun', { prefix: 'a/', force: 'false' });
  await handle.result();
  expect(play.calls('scanRange').filter(({ force }) => force)).toEqual([]);
});

test('an internal signal without an argument does not stop a run', async () => {
  const gate = new Gate();
  const play = stage.play({ scanRange: () => gate.opened.then(() => found()) });
  const handle = await play.run();
  await until('it scans', () => play.calls('scanRange').length === 1);
  await handle.signal('laneProgress');
  gate.open();
  await until('it ends', ended(handle), 5000);
});
