/**
 * A run against a small model: whatever fails, is held, split, asked for again or begun anew meanwhile, each key ends once, as
 * the model says. The server has every workflow continue as new after some dozens of events.
 */
import { WorkflowNotFoundError } from '@temporalio/client';
import fc from 'fast-check';
import { setTimeout as sleep } from 'node:timers/promises';
import { TransferError } from '../../src/domain/transfer-error';
import { finalLines } from '../../src/transfer/report-reader';
import { pauseSignal, rerunSignal, resumeSignal, splitSignal } from '../../src/workflows/messages';
import { all } from '../support/memory-files';
import { EnginePlay, type Trouble } from './support/engine-play';
import { Stage, START_MS, type Play } from './support/stage';

const EVENTS = 60;
const RUNS = 8;
/** Scenes are the same each time; how they interleave is not. */
const SEED = 11;

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open({ 'limit.historyCount.suggestContinueAsNew': EVENTS });
}, START_MS);
afterAll(() => stage.stop());

const FOLDERS = ['a/', 'b/', 'c/'] as const;

/** `there`: a copy stands in the target. `refused`: it can be listed, and not be read. */
const aKey = fc.record({
  folder: fc.constantFrom(...FOLDERS),
  size: fc.constantFrom(0, 5, 5, 30),
  state: fc.constantFrom('new', 'new', 'new', 'there', 'refused'),
  /** As its source holds it: then it is written in parts too. */
  inParts: fc.boolean(),
});
const aStep = fc.record({
  afterMs: fc.integer({ min: 0, max: 500 }),
  does: fc.constantFrom('pause', 'pauseFolder', 'resume', 'resumeFolder', 'rerun', 'split', 'split'),
  folder: fc.constantFrom(...FOLDERS),
});
const aTrouble = fc.record({
  activity: fc.constantFrom('scanRange', 'splitRange', 'copyWhole', 'copyParts', 'copyPack', 'sealTransfer'),
  call: fc.integer({ min: 1, max: 6 }),
  when: fc.constantFrom('before', 'after'),
}) as fc.Arbitrary<Trouble>;
const aScene = fc.record({
  keys: fc.array(aKey, { minLength: 30, maxLength: 120 }),
  scanKeys: fc.integer({ min: 2, max: 12 }),
  limits: fc.record({ lanes: fc.integer({ min: 1, max: 3 }), objectsPerLane: fc.integer({ min: 1, max: 4 }) }),
  steps: fc.array(aStep, { maxLength: 8 }),
  troubles: fc.array(aTrouble, { maxLength: 3 }),
});
type Scene = typeof aScene extends fc.Arbitrary<infer T> ? T : never;

test('each key ends once, as the model says, some lanes have begun anew, and some have shared', async () => {
  let anew = 0;
  let shared = 0;
  await fc.assert(
    fc.asyncProperty(aScene, async (scene) => {
      const play = await playScene(scene);
      anew += await begunAnew(play);
      shared += Number(play.calls('scanRange').some(({ lane }) => lane === 'main-2'));
      await stage.clear();
    }),
    { numRuns: RUNS, seed: SEED, endOnFailure: true },
  );
  expect(anew).toBeGreaterThan(0);
  expect(shared).toBeGreaterThan(0);
}, 240_000);

async function playScene({ keys, scanKeys, limits, steps, troubles }: Scene): Promise<Play> {
  const engine: EnginePlay = new EnginePlay(scanKeys, troubles, () => play.transfer);
  const model = new Map(keys.map((key, i) => [`in/${key.folder}${String(i).padStart(3, '0')}`, key]));
  for (const [key, { size, state, inParts }] of model) {
    const body = Buffer.alloc(size, key);
    if (inParts && size > 0 && state !== 'there') engine.source.seedParts(key, [body]);
    else engine.source.seed(key, body);
    if (state === 'there') engine.target.seed(key.replace('in/', 'out/'), body);
  }
  engine.source.intercept('read', (request, proceed) => {
    if (model.get(request.key)?.state !== 'refused') return proceed();
    throw new TransferError('AccessDenied', 'It may be listed, and not be read', { bucket: 'theirs' });
  });
  const play: Play = stage.play(engine.activities, { limits, route: { packBelow: 10, batchFrom: Infinity } });
  const handle = await play.run();
  for (const step of steps) await take(play, step);
  // Nothing that is on hold is over.
  await handle.signal(resumeSignal).catch((error: unknown) => {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  });
  const result = await handle.result();

  const states = [...model.values()].map(({ state }) => state);
  const refused = states.filter((state) => state === 'refused').length;
  const { listed, copied, skipped, failed } = result as Record<string, number>;
  expect(Number(copied) + Number(skipped) + Number(failed)).toBe(listed);
  const rerun = steps.some(({ does }) => does === 'rerun');
  if (rerun) expect(listed).toBeGreaterThanOrEqual(model.size);
  else expect({ listed, failed }).toEqual({ listed: model.size, failed: refused });

  const lines = await all(finalLines(engine.report, handle.firstExecutionRunId));
  expect(lines.map(({ key }) => key)).toEqual([...model.keys()].sort());
  for (const { key, outcome } of lines) {
    const { state } = model.get(key) ?? {};
    expect([key, outcome === 'failed']).toEqual([key, state === 'refused']);
    const target = key.replace('in/', 'out/');
    if (state !== 'refused')
      expect(engine.target.objects.get(target)?.body).toEqual(engine.source.objects.get(key)?.body);
    // What a lost worker has written is found again, and nothing is copied twice.
    expect([key, engine.written.get(target) ?? 0]).toEqual([key, state === 'new' ? 1 : 0]);
  }
  expect(engine.target.uploads.size).toBe(0);
  return play;
}

async function take(play: Play, { afterMs, does, folder: prefix }: Scene['steps'][number]): Promise<void> {
  await sleep(afterMs);
  const run = play.handle();
  const lane = play.handle('/r/main');
  const sent = {
    pause: () => run.signal(pauseSignal, {}),
    pauseFolder: () => run.signal(pauseSignal, { prefix }),
    resume: () => run.signal(resumeSignal),
    resumeFolder: () => run.signal(resumeSignal, { prefix }),
    rerun: () => run.signal(rerunSignal, { prefix }),
    split: () => lane.signal(splitSignal, 2),
  };
  // It may be over already.
  await sent[does]().catch(() => undefined);
}

async function begunAnew({ id }: Play): Promise<number> {
  const query = `WorkflowId STARTS_WITH "${id}/" AND ExecutionStatus = "ContinuedAsNew"`;
  return (await stage.client.workflow.count(query)).count;
}
