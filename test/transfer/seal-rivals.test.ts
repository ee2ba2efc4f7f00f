/** Sealing where an answer was lost, or where somebody else is at work on the same key. */
import { copyParts } from '../../src/transfer/copy-parts';
import { sealTransfer } from '../../src/transfer/seal-transfer';
import { crcOfBytes } from '../support/crc';
import { MemoryStore } from '../support/memory-store';
import { aStage, anEngine, aTask, failingWith, withoutWaiting } from './examples';
import { bytes, scene, type SceneOptions } from './seal-scene';

withoutWaiting();

describe('sealTransfer, where the record did not fit beside the client’s metadata,', () => {
  /** The target shows what it has completed without a record. */
  async function bare(options: SceneOptions = {}) {
    const stage = await scene(options);
    stage.target.uploads.set(stage.task.uploadId ?? '', { ...stage.upload, headers: { metadata: {} } });
    stage.target.failNext('completeUpload', 'Unavailable', 1, 'lost');
    return stage;
  }

  test.each<[string, SceneOptions, string]>([
    ['by the ETag that is the source’s own', {}, 'etag'],
    [
      'by the checksum that is the source’s own',
      { whole: true, source: { checksums: [crcOfBytes(bytes)] } },
      'checksum',
    ],
    ['by the ETag that its parts must come to', { whole: true }, 'crc'],
  ])('knows its object again %s', async (_name, options, proof) => {
    const { seal } = await bare(options);
    await expect(seal({ checksum: crcOfBytes(bytes) })).resolves.toMatchObject({ kind: 'sealed', line: { proof } });
  });

  test('says that the upload is gone where nothing tells, so that the object is begun anew', async () => {
    const { seal } = await bare({ whole: true, target: { kms: true } });
    await expect(seal()).rejects.toEqual(failingWith('NoSuchUpload'));
  });
});

describe('sealTransfer, on condition that nobody else has written there,', () => {
  test('leaves the object of someone else alone', async () => {
    const { seal, target, there } = await scene();
    target.seed('acme/k', 'of someone else');
    await expect(seal()).rejects.toEqual(failingWith('TargetChanged'));
    expect(there()?.body.toString()).toBe('of someone else');
  });

  test('replaces what it was decided against', async () => {
    const { seal, target, task, there } = await scene();
    const { etag } = target.seed('acme/k', 'yesterday');
    await expect(seal({ task: { ...task, replaces: etag } })).resolves.toMatchObject({ kind: 'sealed' });
    expect(there()?.body.equals(bytes)).toBe(true);
  });

  test('waits a moment for a store that does not show at once what it has completed', async () => {
    const { seal, target } = await scene();
    let looks = 0;
    target.intercept('head', async (_asked, proceed) => ((looks += 1) < 3 ? undefined : proceed()));
    await expect(seal()).resolves.toMatchObject({ kind: 'sealed' });
  });
});

describe('sealTransfer', () => {
  test('ends the uploads of this key that this object has not chosen, begun since it began', async () => {
    const { seal, target } = await scene();
    const old = target.seedUpload('acme/k', Date.now() - 86_400_000);
    target.seedUpload('acme/k', Date.now());
    const other = target.seedUpload('acme/k2', Date.now());
    await seal({ since: Date.now() });
    expect([...target.uploads.keys()]).toEqual([old, other]);
  });

  test('may be without the right to list uploads', async () => {
    const { seal, target } = await scene();
    target.failNext('listUploads', 'AccessDenied');
    await expect(seal()).resolves.toMatchObject({ kind: 'sealed' });
  });

  test.each([
    ['another object stands there now', true, (source: MemoryStore) => void source.seed('k', 'newer')],
    ['it was deleted since', false, (source: MemoryStore) => void source.objects.delete('k')],
    ['it is as it was', false, () => undefined],
  ])('of a pinned version tells whether it was replaced: %s', async (_name, replaced, change) => {
    const stage = { source: new MemoryStore({ bucket: 'theirs', versioned: true }), target: aStage().target };
    const task = aTask(stage, 'k', stage.source.seed('k', bytes), [[3_017, 1]]);
    await copyParts(task, anEngine(stage));
    change(stage.source);
    const sealed = await sealTransfer({ task, reason: 'missing', route: 'worker', since: 0 }, anEngine(stage));
    expect('replaced' in sealed).toBe(replaced);
  });
});
