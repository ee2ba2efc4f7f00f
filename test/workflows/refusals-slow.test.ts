/**
 * Refusals that take their time, begun together. Where the canary finds that the credentials work, an object fails alone, and
 * a scan and a pack end the run, after half a minute for a key that not every host knows yet. A parked run goes on by itself.
 */
import type { WorkflowHandle } from '@temporalio/client';
import { aLane, anObject, aPack, found, objectInput, packed, refusal } from './support/examples';
import { until } from './support/gate';
import { failureOf } from './support/outcome';
import { Stage, START_MS, type Play } from './support/stage';

interface Scene {
  readonly play: Play;
  readonly handle: WorkflowHandle;
}

jest.setTimeout(120_000);
const refused = (): never => {
  throw refusal('CredentialsRefused', 'refused here alone');
};
const failure = { code: 'CredentialsRefused', message: 'refused here alone' };

let stage: Stage;
let scenes: Readonly<Record<'object' | 'late' | 'pack' | 'scan' | 'lane' | 'orphan' | 'parked', Scene>>;

beforeAll(async () => {
  stage = await Stage.open();
  const begin = async (play: Play, start = () => play.run()): Promise<Scene> => ({ play, handle: await start() });
  const object = stage.play({
    scanRange: () => found({ objects: [anObject('a'), anObject('b')] }),
    copyParts: ({ targetKey }) => (targetKey === 'out/a' ? refused() : { state: 'complete' }),
  });
  const late: Play = stage.play({
    scanRange: () => found({ objects: [anObject('a')] }),
    copyParts: () => (late.calls('copyParts').length <= 2 ? refused() : { state: 'complete' }),
  });
  const parked: Play = stage.play({
    canary: () => (parked.calls('canary').length === 1 ? refused() : undefined),
    scanRange: () => found({ objects: [anObject('a')] }),
    copyParts: () => (parked.calls('copyParts').length === 1 ? refused() : { state: 'complete' }),
  });
  const pack = stage.play({ scanRange: () => found({ packs: [aPack('p')] }), copyPack: refused });
  const scan = stage.play({ scanRange: refused });
  const lane = stage.play({
    scanRange: () => found({ objects: [anObject('a'), anObject('b')], packs: [aPack('p')] }),
    copyParts: refused,
    copyPack: () => packed(),
  });
  const orphan = stage.play({ copyParts: refused });
  scenes = {
    object: await begin(object),
    late: await begin(late),
    parked: await begin(parked),
    pack: await begin(pack),
    scan: await begin(scan),
    lane: await begin(lane, () =>
      lane.start('transferRange', `${lane.id}/r/main`, aLane(lane.transfer, { refused: 98 })),
    ),
    orphan: await begin(orphan, () => orphan.start('transferObject', `${orphan.id}/o/k`, objectInput(orphan.transfer))),
  };
}, START_MS);
afterAll(async () => {
  await stage.clear();
  await stage.stop();
});

test('an object fails alone after three refusals, is recorded, and leaves no upload', async () => {
  const { play, handle } = scenes.object;
  await expect(handle.result()).resolves.toMatchObject({ listed: 2, copied: 1, failed: 1 });
  expect(play.calls('copyParts').filter(({ targetKey }) => targetKey === 'out/a')).toHaveLength(3);
  expect(play.calls('openTransfer')).toHaveLength(2);
  expect(play.calls('canary')).toHaveLength(2);
  expect(play.calls('abortTransfer')).toMatchObject([{ targetKey: 'out/a' }]);
  expect(play.calls('recordFailure')).toMatchObject([{ line: { key: 'in/a', ...failure } }]);
});

test('an object goes on with its upload when the key is known everywhere in time', async () => {
  const { play, handle } = scenes.late;
  await expect(handle.result()).resolves.toMatchObject({ copied: 1, failed: 0 });
  expect(play.calls('copyParts').map(({ uploadId }) => uploadId)).toEqual(['upload-1', 'upload-1', 'upload-1']);
  expect(play.calls('abortTransfer')).toEqual([]);
});

test('a pack ends the run', async () => {
  const { play, handle } = scenes.pack;
  expect(await failureOf(handle)).toEqual(failure);
  expect(play.calls('copyPack')).toHaveLength(3);
  expect(play.calls('finishRun')).toMatchObject([{ summary: { outcome: 'failed', message: failure.message } }]);
});

test('a scan ends the run', async () => {
  const { play, handle } = scenes.scan;
  expect(await failureOf(handle)).toEqual(failure);
  expect(play.calls('scanRange')).toHaveLength(3);
});

test('a hundred objects of a lane that failed so end the run', async () => {
  const { play, handle } = scenes.lane;
  expect(await failureOf(handle)).toEqual(failure);
  expect(play.calls('recordFailure')).toHaveLength(2);
});

test('an object whose run is not there fails as well', async () => {
  const { play, handle } = scenes.orphan;
  expect(await failureOf(handle)).toEqual(failure);
  await until('it is aborted', () => play.calls('abortTransfer').length === 1);
});

test('a parked run has the key checked after a minute, and goes on by itself', async () => {
  const { play, handle } = scenes.parked;
  await expect(handle.result()).resolves.toMatchObject({ copied: 1, failed: 0 });
  expect(play.calls('canary')).toHaveLength(2);
  expect(play.calls('openTransfer')).toHaveLength(1);
});
