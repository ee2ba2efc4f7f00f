/** One object: what it does when its source changes, its job fails or parts are missing, and that no upload stays open. */
import type { TransferObjectInput } from '../../src/workflows/transfer-object';
import type { SealResult } from '../../src/transfer/seal-transfer';
import {
  aJob,
  LARGE,
  anObject,
  objectInput,
  refusal,
  RUN,
  skippedLine,
  willing,
  type Activities,
} from './support/examples';
import { failureOf } from './support/outcome';
import { useStage, type Play } from './support/stage';

const stage = useStage();

function start(play: Play, changes: Partial<TransferObjectInput> = {}) {
  return play.start('transferObject', `${play.id}/o/k`, objectInput(play.transfer, changes));
}

/** Seals once `missing` is used up; before that so many parts are missing. */
function sealing(...missing: number[]): Pick<Activities, 'sealTransfer'> {
  return {
    sealTransfer({ seal: { task, reason, route } }): SealResult {
      const next = missing.shift();
      if (next !== undefined) return { kind: 'incomplete', parts: 10, missing: next };
      const { key, size } = task.pinned;
      const facts = { key, size, sourceEtag: 'e', targetKey: task.targetKey, targetEtag: 'e', route };
      return { kind: 'sealed', line: { outcome: 'copied', proof: 'etag', reason, ...facts } };
    },
  };
}

test('an object below the Batch limit is opened, copied by a worker and sealed with the checksum of its bytes', async () => {
  const play = stage.play({
    copyParts: () => ({ state: 'complete', checksum: { algorithm: 'CRC32', value: 'AAAABw==' } }),
  });
  await expect((await start(play)).result()).resolves.toEqual({ outcome: 'copied', bytes: LARGE });
  expect(play.log.map(({ activity }) => activity)).toEqual(['openTransfer', 'copyParts', 'sealTransfer']);
  expect(play.calls('openTransfer')).toMatchObject([{ object: { key: 'in/k' }, force: false, retried: false }]);
  expect(play.calls('copyParts')).toMatchObject([{ uploadId: 'upload-1', targetKey: 'out/k' }]);
  expect(play.calls('sealTransfer')).toMatchObject([
    { seal: { route: 'worker', checksum: { value: 'AAAABw==' }, reason: 'missing' } },
  ]);
});

test('an object of the Batch route is moved by a job alone', async () => {
  const play = stage.play();
  const handle = await start(play, { object: anObject('k', { route: 'batch', size: 2e9 }) });
  await expect(handle.result()).resolves.toEqual({ outcome: 'copied', bytes: 2e9 });
  expect(play.log.map(({ activity }) => activity)).toEqual(['openTransfer', 'runBatchJob', 'sealTransfer']);
  expect(play.calls('runBatchJob')).toMatchObject([{ tasks: [{ uploadId: 'upload-1' }], transfer: play.transfer }]);
});

test.each([
  ['skipped', 0],
  ['copied', LARGE],
] as const)('an object that is found %s when it is opened is not copied again', async (outcome, bytes) => {
  const skipped = skippedLine(anObject('k'));
  const copied = {
    ...skipped,
    outcome,
    reason: 'missing',
    proof: 'etag',
    targetKey: 'out/k',
    targetEtag: 'e',
  } as const;
  const line = outcome === 'skipped' ? skipped : { ...copied, outcome, route: 'worker' as const };
  const play = stage.play({ openTransfer: () => ({ kind: 'done', line }) });
  await expect((await start(play)).result()).resolves.toEqual({ outcome, bytes });
  expect(play.log.map(({ activity }) => activity)).toEqual(['openTransfer']);
});

test.each(['SourceChanged', 'SourceGone', 'TargetChanged', 'NoSuchUpload'] as const)(
  'an object that meets %s is begun anew, its upload aborted',
  async (code) => {
    let attempts = 0;
    const play = stage.play({
      copyParts: () => {
        attempts += 1;
        if (attempts <= 3) throw refusal(code);
        return { state: 'complete' };
      },
    });
    await expect((await start(play)).result()).resolves.toEqual({ outcome: 'copied', bytes: LARGE });
    expect(play.calls('openTransfer').map(({ retried }) => retried)).toEqual([false, true, true, true]);
    expect(play.calls('abortTransfer').map(({ uploadId }) => uploadId)).toEqual(['upload-1', 'upload-2', 'upload-3']);
    expect(play.calls('recordFailure')).toEqual([]);
  },
);

test('an object that changes a fourth time is given up as changing: not reported, and no upload left', async () => {
  const play = stage.play({
    sealTransfer: () => {
      throw refusal('SourceChanged', 'in/k was replaced');
    },
  });
  await expect((await start(play)).result()).resolves.toEqual({ outcome: 'changing', bytes: 0 });
  expect(play.calls('openTransfer')).toHaveLength(4);
  expect(play.calls('abortTransfer').map(({ uploadId }) => uploadId)).toEqual([
    'upload-1',
    'upload-2',
    'upload-3',
    'upload-4',
  ]);
  expect(play.calls('recordFailure')).toEqual([]);
});

test.each([
  ['SourceChanged', 'ChangingSource'],
  ['SourceGone', 'SourceGone'],
  ['TargetChanged', 'TargetChanged'],
  ['NoSuchUpload', 'NoSuchUpload'],
] as const)('at its last chance the fourth %s fails it as %s, recorded, and no upload left', async (code, told) => {
  const play = stage.play({
    sealTransfer: () => {
      throw refusal(code, 'somebody was there');
    },
  });
  const handle = await start(play, { lastChance: true });
  expect(await failureOf(handle)).toEqual({ code: told, message: 'somebody was there' });
  expect(play.calls('openTransfer')).toHaveLength(4);
  expect(play.calls('abortTransfer')).toHaveLength(4);
  const line = { outcome: 'failed', key: 'in/k', size: LARGE, code: told, message: 'somebody was there' };
  expect(play.calls('recordFailure')).toMatchObject([{ run: RUN, object: anObject('k'), line }]);
});

describe('an object whose pinned version is copied while another one is there already', () => {
  /** Seals; the first `times` copies are replaced by then. */
  const replaced = (times: number): Pick<Activities, 'sealTransfer'> => {
    const { sealTransfer } = sealing();
    let seals = 0;
    return {
      async sealTransfer(input) {
        const sealed = await sealTransfer(input);
        seals += 1;
        return sealed.kind === 'sealed' && seals <= times ? { ...sealed, replaced: true } : sealed;
      },
    };
  };

  test.each([
    [1, 2],
    [3, 4],
    // The next run takes what stands there then.
    [100, 4],
  ])('%s times is opened again at once, and counts as copied once with all its bytes', async (times, copies) => {
    const play = stage.play(replaced(times));
    await expect((await start(play)).result()).resolves.toEqual({ outcome: 'copied', bytes: copies * LARGE });
    const opened = play.calls('openTransfer').map(({ retried, copied = false }) => ({ retried, copied }));
    expect(opened).toEqual(Array.from({ length: copies }, (_, i) => ({ retried: i > 0, copied: i > 0 })));
    expect(play.calls('abortTransfer')).toEqual([]);
  });

  test('is copied, too, when there is nothing more to do for the other one', async () => {
    const play: Play = stage.play({
      ...replaced(1),
      openTransfer: (input) =>
        play.calls('openTransfer').length > 1
          ? { kind: 'done', line: skippedLine(input.object) }
          : willing(play.transfer).openTransfer(input),
    });
    await expect((await start(play)).result()).resolves.toEqual({ outcome: 'copied', bytes: LARGE });
  });

  test('is changing when the other one does not stand still', async () => {
    const play: Play = stage.play({
      ...replaced(1),
      copyParts: () => {
        if (play.calls('copyParts').length > 1) throw refusal('SourceChanged');
        return { state: 'complete' };
      },
    });
    await expect((await start(play)).result()).resolves.toEqual({ outcome: 'changing', bytes: LARGE });
    expect(play.calls('abortTransfer')).toHaveLength(4);
  });
});

describe('a job that fails', () => {
  const failing: Activities['runBatchJob'] = ({ tasks }) => ({
    ...aJob('failed'),
    failures: tasks.map(({ targetKey }) => ({ targetKey, code: 'JobFailed', message: 'the host was lost' })),
  });
  const large = { object: anObject('k', { route: 'batch' }) };

  test('is followed by another as long as parts are added', async () => {
    const play = stage.play({ runBatchJob: failing, ...sealing(9, 9, 9, 8, 8, 8, 7) });
    await expect((await start(play, large)).result()).resolves.toEqual({ outcome: 'copied', bytes: LARGE });
    expect(play.calls('runBatchJob')).toHaveLength(8);
    expect(play.calls('openTransfer')).toHaveLength(1);
    expect(play.calls('abortTransfer')).toEqual([]);
  });

  test('fails its object after three rounds in a row that added no part', async () => {
    const play = stage.play({ runBatchJob: failing, ...sealing(9, 8, 8, 8, 8) });
    const { code, message } = await failureOf(await start(play, large));
    expect(code).toBe('JobFailed');
    expect(message).toContain('the host was lost');
    expect(play.calls('runBatchJob')).toHaveLength(5);
    expect(play.calls('abortTransfer')).toMatchObject([{ uploadId: 'upload-1' }]);
    expect(play.calls('recordFailure')).toMatchObject([{ line: { code: 'JobFailed' } }]);
  });

  test('does not look at the store when the failure is another one', async () => {
    const play = stage.play({
      runBatchJob: () => {
        throw refusal('JobNotUnderstood', 'an older image');
      },
    });
    expect(await failureOf(await start(play, large))).toEqual({ code: 'JobNotUnderstood', message: 'an older image' });
    expect(play.calls('sealTransfer')).toEqual([]);
  });
});

test('parts that are missing at the seal are copied in another round of the same upload', async () => {
  const play = stage.play({ ...sealing(4, 1) });
  await expect((await start(play)).result()).resolves.toMatchObject({ outcome: 'copied' });
  expect(play.calls('copyParts').map(({ uploadId }) => uploadId)).toEqual(['upload-1', 'upload-1', 'upload-1']);
});

test('rounds of a worker that add no part end in NoProgress', async () => {
  const play = stage.play({ ...sealing(2, 2, 2, 2) });
  const { code, message } = await failureOf(await start(play));
  expect(code).toBe('NoProgress');
  expect(message).toContain('2 of 10 parts are still missing');
});

test('an object that fails aborts its upload before it is recorded', async () => {
  const play = stage.play({
    sealTransfer: () => {
      throw refusal('BadRequest', 'not understood');
    },
  });
  expect(await failureOf(await start(play))).toEqual({ code: 'BadRequest', message: 'not understood' });
  expect(play.log.map(({ activity }) => activity)).toEqual([
    'openTransfer',
    'copyParts',
    'sealTransfer',
    'abortTransfer',
    'recordFailure',
  ]);
  expect(play.calls('abortTransfer')).toMatchObject([{ uploadId: 'upload-1', targetKey: 'out/k' }]);
});

test('an object that cannot be opened aborts what its lost attempts may have left at its key', async () => {
  const play = stage.play({
    openTransfer: () => {
      throw refusal('AccessDenied');
    },
  });
  expect(await failureOf(await start(play))).toMatchObject({ code: 'AccessDenied' });
  const [abort] = play.calls('abortTransfer');
  expect(abort).toMatchObject({ targetKey: 'out/k' });
  expect(abort?.uploadId).toBeUndefined();
});

test.each(['NoSuchBucket', 'InvalidConfiguration'] as const)(
  'an object that meets %s is not recorded: the whole run says it',
  async (code) => {
    const play = stage.play({
      copyParts: () => {
        throw refusal(code, 'for all');
      },
    });
    expect(await failureOf(await start(play))).toEqual({ code, message: 'for all' });
    expect(play.calls('recordFailure')).toEqual([]);
    expect(play.calls('abortTransfer')).toMatchObject([{ uploadId: 'upload-1' }]);
  },
);
