/** Moving the parts of one object: only what is missing, within the memory, until told to stop. */
import type { PartsProgress } from '../../src/domain/copy-task';
import type { PartLayout } from '../../src/domain/copy-decision';
import type { TransferErrorCode } from '../../src/domain/transfer-error';
import { ByteBudget } from '../../src/transfer/byte-budget';
import { copyParts } from '../../src/transfer/copy-parts';
import { crcOfBytes } from '../support/crc';
import { MemoryStore } from '../support/memory-store';
import { aBody, aStage, aTask, anEngine, failingWith, someBytes, withoutWaiting } from './examples';

withoutWaiting();

const LAYOUT: PartLayout = [
  [1_000, 9],
  [17, 1],
];
const bytes = someBytes(9_017);

/** An object of ten parts whose upload is open. */
function opened(stage = aStage()) {
  const task = aTask(stage, 'k', stage.source.seed('k', bytes), LAYOUT);
  const upload = stage.target.uploads.get(task.uploadId ?? '');
  if (upload === undefined) throw new Error('there is no upload');
  const stored = () =>
    Buffer.concat([...upload.parts.values()].sort((a, b) => a.number - b.number).map(({ body }) => body));
  /** Stores some of the parts, as an earlier attempt would have. */
  const store = async (...numbers: number[]) => {
    for (const number of numbers) {
      const body = bytes.subarray((number - 1) * 1_000, number * 1_000);
      await stage.target.uploadPart({
        key: task.targetKey,
        uploadId: task.uploadId ?? '',
        number,
        body: aBody(body),
      });
    }
    stage.target.requests.uploadPart = 0;
  };
  return { ...stage, stage, task, upload, stored, store };
}

describe('copyParts', () => {
  test('sends every part and knows the CRC of the whole', async () => {
    const { stage, task, stored } = opened();
    const result = await copyParts(task, anEngine(stage));
    const all = { parts: 10, bytes: 9_017 };
    expect(result).toEqual({ state: 'complete', stored: all, sent: all, checksum: crcOfBytes(bytes) });
    expect(stored().equals(bytes)).toBe(true);
  });

  test('sends only what is missing', async () => {
    const { stage, source, target, task, stored, store } = opened();
    await store(1, 2, 5, 10);
    const result = await copyParts(task, anEngine(stage));
    expect(result).toMatchObject({ state: 'complete', stored: { parts: 10 }, sent: { parts: 6, bytes: 6_000 } });
    expect(result.checksum).toEqual(crcOfBytes(bytes));
    expect([source.requests.read, target.requests.uploadPart]).toEqual([6, 6]);
    expect(stored().equals(bytes)).toBe(true);
  });

  test('sends nothing where nothing is missing', async () => {
    const { stage, source, task, store } = opened();
    await store(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    const result = await copyParts(task, anEngine(stage));
    expect(result).toMatchObject({ state: 'complete', sent: { parts: 0, bytes: 0 }, checksum: crcOfBytes(bytes) });
    expect(source.requests.read).toBe(0);
  });

  test('sends a part of the wrong size again', async () => {
    const { stage, target, task, upload, stored } = opened();
    await target.uploadPart({
      key: task.targetKey,
      uploadId: task.uploadId ?? '',
      number: 3,
      body: aBody(Buffer.from('xx')),
    });
    expect(upload.parts.get(3)?.size).toBe(2);
    await expect(copyParts(task, anEngine(stage))).resolves.toMatchObject({ state: 'complete', sent: { parts: 10 } });
    expect(stored().equals(bytes)).toBe(true);
  });

  test('knows no CRC of the whole where the store does not show those of earlier parts', async () => {
    const stage = { ...aStage(), target: new MemoryStore({ bucket: 'ours', showsPartChecksums: false }) };
    const { task, store } = opened(stage);
    await store(4);
    const result = await copyParts(task, anEngine(stage));
    expect(result.state).toBe('complete');
    expect(result).not.toHaveProperty('checksum');
  });

  test('sends one empty part for an empty object', async () => {
    const stage = aStage();
    const task = aTask(stage, 'empty', stage.source.seed('empty', ''), [[0, 1]]);
    await expect(copyParts(task, anEngine(stage))).resolves.toMatchObject({
      state: 'complete',
      checksum: crcOfBytes(Buffer.alloc(0)),
      sent: { parts: 1 },
    });
    expect(stage.target.uploads.get(task.uploadId ?? '')?.parts.size).toBe(1);
  });

  test('tells what it found, and each part after it', async () => {
    const { stage, task, store } = opened();
    await store(1, 2, 3, 4, 5, 6, 7);
    const told: PartsProgress[] = [];
    await copyParts(task, anEngine(stage, { partConcurrency: 1 }), { onProgress: (progress) => told.push(progress) });
    expect(told).toEqual([
      { parts: 7, bytes: 7_000 },
      { parts: 8, bytes: 8_000 },
      { parts: 9, bytes: 9_000 },
      { parts: 10, bytes: 9_017 },
    ]);
  });

  test('a stop lets the parts in flight end, begins no other, and reads no more', async () => {
    const { stage, source, target, task, upload } = opened();
    const stop = new AbortController();
    const result = await copyParts(task, anEngine(stage, { partConcurrency: 2 }), {
      stop: stop.signal,
      onProgress: ({ parts }) => parts === 3 && stop.abort(),
    });
    expect(result.state).toBe('stopped');
    expect(result).not.toHaveProperty('checksum');
    expect(result.sent.parts).toBeLessThanOrEqual(4);
    expect(upload.parts.size).toBe(result.stored.parts);
    expect([source.requests.read, target.requests.uploadPart]).toEqual([result.sent.parts, result.sent.parts]);

    await expect(copyParts(task, anEngine(stage))).resolves.toMatchObject({
      state: 'complete',
      sent: { parts: 10 - result.stored.parts },
      checksum: crcOfBytes(bytes),
    });
  });

  test('a stop before the start sends nothing and says what is there', async () => {
    const { stage, source, task, store } = opened();
    await store(1);
    const result = await copyParts(task, anEngine(stage), { stop: AbortSignal.abort() });
    expect(result).toEqual({ state: 'stopped', stored: { parts: 1, bytes: 1_000 }, sent: { parts: 0, bytes: 0 } });
    expect(source.requests.read).toBe(0);
  });

  test('a stop sends nothing of the parts that still wait for memory', async () => {
    const { stage, source, task } = opened();
    const stop = new AbortController();
    const result = await copyParts(task, anEngine(stage, { partConcurrency: 10, budget: new ByteBudget(1_000) }), {
      stop: stop.signal,
      onProgress: ({ parts }) => parts === 1 && stop.abort(),
    });
    expect(result.state).toBe('stopped');
    // The next part has got its memory when the first one tells of its end.
    expect([source.requests.read, result.sent.parts]).toEqual([2, 2]);
  });

  test('a stop while a part fails ends without an error: the parts are kept', async () => {
    const { stage, target, task } = opened();
    const stop = new AbortController();
    target.intercept('uploadPart', async ({ number }, proceed) => {
      if (number < 3) return proceed();
      stop.abort();
      throw await copyParts({ ...task, uploadId: 'gone' }, anEngine(stage)).catch((error: unknown) => error);
    });
    const result = await copyParts(task, anEngine(stage, { partConcurrency: 1 }), { stop: stop.signal });
    expect(result).toMatchObject({ state: 'stopped', stored: { parts: 2 } });
  });

  test.each<[string, 'read' | 'uploadPart' | 'listParts', TransferErrorCode]>([
    ['reads', 'read', 'Unavailable'],
    ['torn reads', 'read', 'TornRead'],
    ['sends', 'uploadPart', 'Throttled'],
    ['listings', 'listParts', 'Unreachable'],
  ])('tries %s that failed again', async (_name, kind, code) => {
    const { stage, task, stored } = opened();
    stage[kind === 'read' ? 'source' : 'target'].failNext(kind, code, 5);
    await expect(copyParts(task, anEngine(stage))).resolves.toMatchObject({
      state: 'complete',
      checksum: crcOfBytes(bytes),
    });
    expect(stored().equals(bytes)).toBe(true);
  });

  test('a part whose answer was lost is sent again, and counted once', async () => {
    const { stage, target, task } = opened();
    target.failNext('uploadPart', 'Unavailable', 3, 'lost');
    await expect(copyParts(task, anEngine(stage))).resolves.toMatchObject({
      stored: { parts: 10 },
      sent: { parts: 10 },
    });
    expect(target.requests.uploadPart).toBe(13);
  });

  test.each<[string, TransferErrorCode, (o: ReturnType<typeof opened>) => unknown]>([
    ['the source was replaced', 'SourceChanged', ({ source }) => source.seed('k', someBytes(9_017, 2))],
    ['the source was deleted', 'SourceGone', ({ source }) => source.objects.delete('k')],
    ['the upload is gone', 'NoSuchUpload', ({ target }) => target.uploads.clear()],
    ['a part keeps failing', 'Unavailable', ({ source }) => source.failNext('read', 'Unavailable', 1_000)],
    [
      'the credentials are refused',
      'CredentialsRefused',
      ({ target }) => target.failNext('uploadPart', 'CredentialsRefused'),
    ],
  ])('rejects when %s: %s', async (_name, code, change) => {
    const scene = opened();
    change(scene);
    await expect(copyParts(scene.task, anEngine(scene.stage))).rejects.toEqual(failingWith(code));
  });

  test('a source replaced on the way ends the copy, and keeps the parts sent until then', async () => {
    const { stage, source, task, upload } = opened();
    const copied = copyParts(task, anEngine(stage, { partConcurrency: 1 }), {
      onProgress: ({ parts }) => parts === 4 && source.seed('k', someBytes(9_017, 2)),
    });
    await expect(copied).rejects.toEqual(failingWith('SourceChanged'));
    expect(upload.parts.size).toBe(4);
  });

  test('reads the pinned version to its end where the store keeps versions', async () => {
    const stage = { ...aStage(), source: new MemoryStore({ bucket: 'theirs', versioned: true }) };
    const { source, task, stored } = opened(stage);
    await copyParts(task, anEngine(stage, { partConcurrency: 1 }), {
      onProgress: ({ parts }) => parts === 4 && source.seed('k', someBytes(9_017, 2)),
    });
    expect(stored().equals(bytes)).toBe(true);
  });

  test.each([
    ['two parts at a time', 2_500, 2_000],
    ['one part at a time', 1_000, 1_000],
    ['a part larger than the budget alone', 10, 1_000],
  ])('never holds more bytes than the budget: %s', async (_name, total, most) => {
    const { stage, target, task, stored } = opened();
    let held = 0;
    let peak = 0;
    const budget = new ByteBudget(total);
    stage.source.intercept('read', async ({ length }, proceed) => {
      held += length;
      peak = Math.max(peak, held);
      return proceed();
    });
    target.intercept('uploadPart', async ({ body }, proceed) => {
      const answer = await proceed();
      held -= body.length;
      return answer;
    });
    await copyParts(task, anEngine(stage, { budget, partConcurrency: 10 }));
    expect(peak).toBe(most);
    expect(stored().equals(bytes)).toBe(true);
  });

  test('two at once are harmless', async () => {
    const { stage, task, stored } = opened();
    const both = await Promise.all([copyParts(task, anEngine(stage)), copyParts(task, anEngine(stage))]);
    expect(both.map(({ checksum }) => checksum)).toEqual([crcOfBytes(bytes), crcOfBytes(bytes)]);
    expect(stored().equals(bytes)).toBe(true);
  });

  test('refuses a task without an upload', async () => {
    const { stage, source } = opened();
    await expect(copyParts(aTask(stage, 'k', source.seed('k', bytes)), anEngine(stage))).rejects.toEqual(
      failingWith('BadRequest'),
    );
  });
});
