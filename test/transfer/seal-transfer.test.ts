/** Sealing: complete, verify, and say by which proof; at any point again. */
import { TransferError } from '../../src/domain/transfer-error';
import { copyParts } from '../../src/transfer/copy-parts';
import { putWhole } from '../../src/transfer/put-whole';
import { sealTransfer } from '../../src/transfer/seal-transfer';
import { MemoryStore } from '../support/memory-store';
import { crcOfBytes } from '../support/crc';
import type { ObjectExtras } from '../support/stored-object';
import { bytes, scene, type SceneOptions } from './seal-scene';
import { aBody, aStage, anEngine, aTask, failingWith, recordOf, someBytes, withoutWaiting } from './examples';

withoutWaiting();

describe('sealTransfer', () => {
  test('completes the upload, and the line says everything', async () => {
    const { seal, object, there, target } = await scene();
    await expect(seal({ checksum: crcOfBytes(bytes) })).resolves.toEqual({
      kind: 'sealed',
      line: {
        outcome: 'copied',
        reason: 'missing',
        key: 'k',
        size: 3_017,
        sourceEtag: object.etag,
        targetKey: 'acme/k',
        targetEtag: object.etag,
        route: 'worker',
        proof: 'etag',
        checksum: crcOfBytes(bytes),
      },
    });
    expect(there()?.body.equals(bytes)).toBe(true);
    expect(target.uploads.size).toBe(0);
  });

  test.each([
    ['all of them', [1, 2, 3, 4], 4],
    ['the first', [1], 1],
    ['one in the middle', [2], 1],
    ['the last', [4], 1],
    ['two', [1, 3], 2],
  ])('says how many parts are missing: %s', async (_name, lacking, missing) => {
    const { seal, upload, target } = await scene();
    for (const number of lacking) upload.parts.delete(number);
    await expect(seal()).resolves.toEqual({ kind: 'incomplete', parts: 4, missing });
    expect(target.requests.completeUpload).toBe(0);
  });

  test('takes a part of the wrong size for missing', async () => {
    const { seal, target, task } = await scene();
    const body = Buffer.from('short');
    await target.uploadPart({ key: 'acme/k', uploadId: task.uploadId ?? '', number: 2, body: aBody(body) });
    await expect(seal()).resolves.toMatchObject({ kind: 'incomplete', missing: 1 });
  });

  test('leaves out a part that is not of the plan', async () => {
    const { seal, target, task, there } = await scene();
    const body = Buffer.from('foreign');
    await target.uploadPart({ key: 'acme/k', uploadId: task.uploadId ?? '', number: 5, body: aBody(body) });
    await expect(seal()).resolves.toMatchObject({ kind: 'sealed', line: { proof: 'etag' } });
    expect(there()?.body.equals(bytes)).toBe(true);
  });

  test('seals an empty object', async () => {
    const stage = aStage();
    const task = aTask(stage, 'empty', stage.source.seed('empty', ''), [[0, 1]]);
    const { checksum } = await copyParts(task, anEngine(stage));
    const sealed = await sealTransfer(
      { task, reason: 'missing', route: 'batch', since: 0, checksum: checksum! },
      anEngine(stage),
    );
    expect(sealed).toMatchObject({
      kind: 'sealed',
      line: { size: 0, proof: 'crc', checksum: { algorithm: 'CRC32', value: 'AAAAAA==' } },
    });
  });
});

describe('the proof is', () => {
  test.each<[string, SceneOptions, boolean]>([
    ['etag where the ETags are equal', {}, true],
    [
      'checksum where the source’s own CRC32 is ours',
      { whole: true, source: { checksums: [crcOfBytes(bytes)] } },
      true,
    ],
    ['crc where the source keeps none', { whole: true }, true],
    [
      'crc where the source keeps another kind',
      { whole: true, source: { checksums: [{ algorithm: 'SHA256', value: 'x' }] } },
      true,
    ],
    ['crc for a mirrored ETag that differs, which is no corruption', { target: { kms: true } }, true],
    ['crc where only ListParts knows those of the parts', { whole: true }, false],
    ['parts where no one knows them', { whole: true, target: { showsPartChecksums: false } }, false],
  ])('%s', async (name, options, told) => {
    const { seal } = await scene(options);
    const sealed = await seal(told ? { checksum: crcOfBytes(bytes) } : {});
    expect(sealed).toMatchObject({ kind: 'sealed', line: { proof: name.split(' ')[0] } });
    expect(sealed.kind === 'sealed' && 'checksum' in sealed.line).toBe(name !== 'parts where no one knows them');
  });

  test('none where the source’s own CRC32 is another', async () => {
    const { seal } = await scene({ whole: true, source: { checksums: [crcOfBytes(someBytes(3_017, 2))] } });
    await expect(seal({ checksum: crcOfBytes(bytes) })).rejects.toEqual(failingWith('ProofFailed'));
  });

  test('none where the store assembles other bytes than were read', async () => {
    const { seal, there } = await scene({ whole: true });
    await expect(seal({ checksum: crcOfBytes(someBytes(3_017, 3)) })).rejects.toEqual(failingWith('ProofFailed'));
    expect(there()).toBeUndefined();
  });

  test('without the source’s checksum where the source was replaced meanwhile', async () => {
    const { seal, source } = await scene({ whole: true });
    source.seed('k', 'replaced', { checksums: [crcOfBytes(Buffer.from('replaced'))] });
    await expect(seal({ checksum: crcOfBytes(bytes) })).resolves.toMatchObject({ line: { proof: 'crc' } });
  });

  test('no reason to ask the source where the ETags suffice', async () => {
    const { seal, source } = await scene();
    source.requests.head = 0;
    await seal({ checksum: crcOfBytes(bytes) });
    expect(source.requests.head).toBe(0);
  });
});

describe('sealTransfer, its upload gone,', () => {
  test('recognises its own copy: the answer of the completion was lost', async () => {
    const { seal, target, there } = await scene();
    target.failNext('completeUpload', 'Unavailable', 1, 'lost');
    await expect(seal({ checksum: crcOfBytes(bytes) })).resolves.toMatchObject({
      kind: 'sealed',
      line: { proof: 'etag' },
    });
    expect(there()?.body.equals(bytes)).toBe(true);
    expect(target.requests.completeUpload).toBe(1);
  });

  test('recognises it when run again', async () => {
    const { seal, target } = await scene();
    const first = await seal();
    const second = await seal();
    expect(second).toMatchObject({ kind: 'sealed', line: { proof: 'etag' } });
    expect(first.kind).toBe('sealed');
    expect(target.requests.completeUpload).toBe(1);
  });

  test.each<[string, ObjectExtras & { body?: Buffer }]>([
    ['without a record', {}],
    ['of another run', recordOf({ etag: 'x' }, 'run-0')],
    ['of another source', recordOf({ etag: 'older' })],
  ])('does not take an object %s for its own', async (_name, extras) => {
    const { seal, target } = await scene();
    target.uploads.clear();
    target.seed('acme/k', someBytes(3_017, 2), extras);
    await expect(seal()).rejects.toEqual(failingWith('NoSuchUpload'));
  });

  test('does not take an object of another size for its own', async () => {
    const { seal, target, object } = await scene();
    target.uploads.clear();
    target.seed('acme/k', 'short', recordOf(object));
    await expect(seal()).rejects.toEqual(failingWith('NoSuchUpload'));
  });

  test('says so where nothing stands there', async () => {
    const { seal, target } = await scene();
    target.uploads.clear();
    await expect(seal()).rejects.toEqual(failingWith('NoSuchUpload'));
  });

  test('treats a conflict as it does a lost upload', async () => {
    const { seal, target } = await scene();
    target.failNext('completeUpload', 'PreconditionFailed', 1, 'lost');
    await expect(seal()).resolves.toMatchObject({ kind: 'sealed' });
  });
});

describe('sealTransfer, told InvalidPart,', () => {
  test('lists the parts again', async () => {
    const { seal, target } = await scene();
    target.failNext('completeUpload', 'InvalidPart', 4);
    target.requests.listParts = 0;
    await expect(seal()).resolves.toMatchObject({ kind: 'sealed' });
    expect(target.requests.listParts).toBe(5);
  });

  test('gives up after five', async () => {
    const { seal, target } = await scene();
    target.failNext('completeUpload', 'InvalidPart', 5);
    await expect(seal()).rejects.toEqual(failingWith('InvalidPart'));
    expect(target.requests.completeUpload).toBe(5);
  });

  test('sees a part that was replaced between listing and completion', async () => {
    const { seal, target, upload, there } = await scene();
    let first = true;
    target.intercept('completeUpload', async (_asked, proceed) => {
      if (first) upload.parts.set(1, { ...upload.parts.get(1)!, etag: 'sent again meanwhile' });
      first = false;
      return proceed();
    });
    await expect(seal()).resolves.toMatchObject({ kind: 'sealed' });
    expect(there()?.body.equals(bytes)).toBe(true);
  });
});

test('a part that the store lists twice, in any size and place, is completed once', async () => {
  const { seal, target, there } = await scene();
  target.intercept('listParts', async (_asked, proceed) => {
    const [one, two, ...rest] = await proceed();
    return [one!, { ...one!, size: 3, etag: 'of another length' }, two!, two!, ...rest, { ...two!, number: 9 }];
  });
  await expect(seal()).resolves.toMatchObject({ kind: 'sealed', line: { proof: 'etag' } });
  expect(there()?.body.equals(bytes)).toBe(true);
});

test.each(['AccessDenied', 'BadRequest'] as const)(
  'a store that answers %s to a listing of uploads seals all the same',
  async (code) => {
    const { seal, target } = await scene();
    target.failNext('listUploads', code, 9);
    await expect(seal()).resolves.toMatchObject({ kind: 'sealed' });
  },
);

test('a conflict with another completion is waited for, and its object found', async () => {
  const { seal, target, there } = await scene();
  let first = true;
  target.intercept('completeUpload', async (_asked, proceed) => {
    const answer = await proceed();
    if (!first) return answer;
    first = false;
    throw new TransferError('Conflict', 'another is at it');
  });
  await expect(seal()).resolves.toMatchObject({ kind: 'sealed' });
  expect(there()?.body.equals(bytes)).toBe(true);
});

test('an error that no retry overcomes ends the sealing at once', async () => {
  const { seal, target } = await scene();
  target.failNext('completeUpload', 'AccessDenied', 9);
  await expect(seal()).rejects.toEqual(failingWith('AccessDenied'));
  expect(target.requests.completeUpload).toBe(1);
});

describe('sealTransfer of an object that was put whole', () => {
  async function put(kms = false) {
    const stage = { source: aStage().source, target: new MemoryStore({ bucket: 'ours', kms }) };
    const task = aTask(stage, 'k', stage.source.seed('k', bytes));
    const { checksum } = await putWhole(task, anEngine(stage));
    const seal = (known = true) =>
      sealTransfer(
        { task, reason: 'missing', route: 'worker', since: 0, ...(known ? { checksum } : {}) },
        anEngine(stage),
      );
    return { ...stage, seal };
  }

  test.each([
    ['by its ETag', false, true, 'etag'],
    ['by our CRC where KMS hides the ETag', true, true, 'crc'],
    ['by the CRC that its store shows where ours was lost', true, false, 'crc'],
  ])('is proven %s', async (_name, kms, known, proof) => {
    const { seal } = await put(kms);
    await expect(seal(known)).resolves.toMatchObject({ kind: 'sealed', line: { proof } });
  });

  test.each<[string, (target: MemoryStore) => unknown]>([
    ['nothing stands there', (target) => target.objects.clear()],
    ['something of another size stands there', (target) => target.seed('acme/k', 'other')],
    [
      'the copy of another run stands there',
      (target) => target.seed('acme/k', bytes, recordOf({ etag: 'x' }, 'run-0')),
    ],
  ])('fails where %s', async (_name, change) => {
    const { seal, target } = await put();
    change(target);
    await expect(seal()).rejects.toEqual(failingWith('TargetChanged'));
  });
});
