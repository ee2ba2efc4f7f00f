/** Every branch in the life of one object, played against real S3 servers: lost answers, rivals, writers thought dead, sources that change. */
import {
  DeleteObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { bytesOf } from '../../dev/demo/delivery';
import { MiB } from '../../src/domain/sizes';
import type { CopiedLine } from '../../src/domain/report-line';
import { abortUpload } from '../../src/transfer/abort-uploads';
import { copyParts } from '../../src/transfer/copy-parts';
import { openTransfer } from '../../src/transfer/open-transfer';
import { sealTransfer } from '../../src/transfer/seal-transfer';
import { startEngineStage, type EngineStage } from './support/engine-stage';
import { START_MS, until } from './support/harness';
import { STORES } from './support/stores';

// Objects of 65 MiB move slowly where the machine is busy with other tests.
jest.setTimeout(120_000);

describe.each(STORES)('one object on %s', (store) => {
  let stage: EngineStage;

  beforeAll(async () => {
    stage = await startEngineStage(store);
  }, START_MS);
  afterAll(() => stage.stop(), 60_000);

  const put = (key: string, body: Buffer, more: Partial<PutObjectCommandInput> = {}) =>
    stage.harness.admin.send(
      new PutObjectCommand({ Bucket: stage.harness.stack.store.buckets.source, Key: key, Body: body, ...more }),
    );
  describe('an answer to CompleteMultipartUpload that is lost', () => {
    afterEach(() => stage.harness.proxy.clear());

    test.each([
      ['is made good by the record beside the object', 'lost', {}],
      [
        'is made good by the ETag of the parts where there is no room for a record',
        'lost-bare',
        { long: 'x'.repeat(2_000) },
      ],
    ])('%s', async (_how, name, Metadata) => {
      // In one piece, so that the ETags differ and cannot be what it is known by.
      await put(`${name}/a`, bytesOf('a', 0, 65 * MiB), { Metadata });
      const { proxy } = stage.harness;
      proxy.inject({ kind: 'CompleteMultipartUpload', key: `${name}/a`, times: 1, action: { type: 'dropAnswer' } });
      const line = await stage.copy(stage.transfer(name), 'a');
      expect(line).toMatchObject({ outcome: 'copied', proof: 'checksum' });
      expect(await stage.harness.openUploads()).toEqual([]);
      expect((await stage.harness.read('target', `${name}/a`)).equals(bytesOf('a', 0, 65 * MiB))).toBe(true);
    });

    test('is found out by the next attempt too, after the process that asked has died', async () => {
      await put('twice/a', bytesOf('a', 0, 65 * MiB));
      const { task, reason } = await openedAndMoved('twice');
      const seal = () => sealTransfer({ task, reason, route: 'worker', since: Date.now() }, stage.engine);
      const [first, second] = [await seal(), await seal()];
      expect(first).toMatchObject({ kind: 'sealed', line: { proof: 'checksum' } });
      expect(second).toMatchObject({
        kind: 'sealed',
        line: { targetEtag: (first as { line: CopiedLine }).line.targetEtag },
      });
    });
  });

  async function openedAndMoved(name: string) {
    const opened = await openTransfer(stage.request(stage.transfer(name), 'a'), stage.engine);
    if (opened.kind !== 'open') throw new Error('there is nothing to copy');
    await copyParts(opened.task, stage.engine);
    return opened;
  }

  test('two workers that seal at once both see the one object', async () => {
    await put('sealed/a', bytesOf('a', 0, 65 * MiB));
    const { task, reason } = await openedAndMoved('sealed');
    const seal = () => sealTransfer({ task, reason, route: 'worker', since: Date.now() }, stage.engine);
    const both = await Promise.all([seal(), seal()]);
    expect(both).toMatchObject([{ kind: 'sealed' }, { kind: 'sealed' }]);
    expect((await stage.harness.read('target', 'sealed/a')).equals(bytesOf('a', 0, 65 * MiB))).toBe(true);
    expect(await stage.harness.openUploads()).toEqual([]);
  });

  test('a part that two have sent is neither counted nor completed twice', async () => {
    await put('doubled/a', bytesOf('a', 0, 65 * MiB));
    const opened = await openTransfer(stage.request(stage.transfer('doubled'), 'a'), stage.engine);
    if (opened.kind !== 'open') throw new Error('there is nothing to copy');
    const { task, reason } = opened;
    const both = await Promise.all([copyParts(task, stage.engine), copyParts(task, stage.engine)]);
    expect(both.map(({ stored }) => stored)).toEqual([
      { parts: 5, bytes: 65 * MiB },
      { parts: 5, bytes: 65 * MiB },
    ]);
    await expect(copyParts(task, stage.engine)).resolves.toMatchObject({ state: 'complete', sent: { parts: 0 } });
    const sealed = await sealTransfer({ task, reason, route: 'worker', since: Date.now() }, stage.engine);
    expect(sealed).toMatchObject({ kind: 'sealed', line: { size: 65 * MiB } });
    expect((await stage.harness.read('target', 'doubled/a')).equals(bytesOf('a', 0, 65 * MiB))).toBe(true);
  });

  test('an open that is tried again after a crash ends the upload that the first one has created', async () => {
    await put('reopened/a', bytesOf('a', 0, 65 * MiB));
    const request = stage.request(stage.transfer('reopened'), 'a');
    await openTransfer(request, stage.engine);
    await openTransfer({ ...request, retried: true }, stage.engine);
    expect(await stage.harness.openUploads()).toEqual(['reopened/a']);
    await expect(stage.copy(request.transfer, 'a', { since: request.since, retried: true })).resolves.toMatchObject({
      outcome: 'copied',
    });
    expect(await stage.harness.openUploads()).toEqual([]);
  });

  describe('a store that is not at its best', () => {
    afterEach(() => stage.harness.proxy.clear());
    const large = 65 * MiB;
    const expectRight = async (name: string) => {
      await expect(stage.copy(stage.transfer(name), 'a')).resolves.toMatchObject({ outcome: 'copied' });
      expect((await stage.harness.read('target', `${name}/a`)).equals(bytesOf('a', 0, large))).toBe(true);
      expect(await stage.harness.openUploads()).toEqual([]);
    };

    test.each([
      ['before it has completed', 'error-before', false],
      ['after it has completed', 'error-after', true],
    ])('answers 200 with an error in it, %s', async (_when, name, forwarded) => {
      await put(`${name}/a`, bytesOf('a', 0, large));
      const body =
        '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>InternalError</Code><Message>x</Message></Error>';
      stage.harness.proxy.inject({
        kind: 'CompleteMultipartUpload',
        key: `${name}/a`,
        times: 1,
        action: { type: 'answer', status: 200, body, forwarded, headers: { 'content-type': 'application/xml' } },
      });
      await expectRight(name);
    });

    test('asks to slow down', async () => {
      await put('slow-down/a', bytesOf('a', 0, large));
      for (const kind of ['GetObject', 'UploadPart', 'ListParts', 'HeadObject', 'CreateMultipartUpload'] as const) {
        stage.harness.proxy.inject({ kind, times: 2, action: { type: 'fail', status: 503, code: 'SlowDown' } });
      }
      await expectRight('slow-down');
    }, 60_000);

    test('breaks off bodies in both directions', async () => {
      await put('broken/a', bytesOf('a', 0, large));
      stage.harness.proxy.inject({ kind: 'GetObject', times: 3, action: { type: 'cut', afterBytes: 1_000_000 } });
      stage.harness.proxy.inject({
        kind: 'UploadPart',
        times: 3,
        action: { type: 'cutRequest', afterBytes: 1_000_000 },
      });
      await expectRight('broken');
    }, 60_000);

    // What the engine does then is its own, whatever the store.
    (store === 'versitygw' ? test.skip : test)(
      'sends a trickle, which is no silence',
      async () => {
        await put('trickle/a', bytesOf('a', 0, large));
        const slow = { type: 'throttle', bytesPerSecond: 1_000 } as const;
        stage.harness.proxy.inject({ kind: 'GetObject', key: 'trickle/a', times: 1, action: slow });
        stage.harness.proxy.inject({ kind: 'UploadPart', key: 'trickle/a', skip: 1, times: 1, action: slow });
        await expectRight('trickle');
      },
      90_000,
    );
  });

  describe('a writer who was thought dead', () => {
    afterEach(() => stage.harness.proxy.clear());

    test('cannot put an old object over a newer copy', async () => {
      const transfer = stage.transfer('zombie');
      await put('zombie/a', Buffer.from('old'));
      const { proxy } = stage.harness;
      const held = proxy.inject({ kind: 'PutObject', key: 'zombie/a', times: 1, action: { type: 'stall' } });
      const zombie = stage.copy(transfer, 'a');
      await until('the old object is on its way', () => held.hits === 1);
      await put('zombie/a', Buffer.from('newer'));
      await expect(stage.copy(transfer, 'a', { run: 'run-2' })).resolves.toMatchObject({ outcome: 'copied' });
      held.remove();
      await expect(zombie).rejects.toMatchObject({ code: 'TargetChanged' });
      expect((await stage.harness.read('target', 'zombie/a')).toString()).toBe('newer');
    });

    test('cannot complete an upload over it either', async () => {
      await put('zombie/a', bytesOf('a', 0, 65 * MiB));
      const { task, reason } = await openedAndMoved('zombie');
      await put('zombie/a', Buffer.from('newest'));
      await stage.copy(stage.transfer('zombie'), 'a', { run: 'run-2', since: Date.now() + 3_600_000 });
      await expect(
        sealTransfer({ task, reason, route: 'worker', since: Date.now() }, stage.engine),
      ).rejects.toMatchObject({ code: 'TargetChanged' });
      expect((await stage.harness.read('target', 'zombie/a')).toString()).toBe('newest');
      await abortUpload(stage.engine.openStore(task.target), { key: task.targetKey, uploadId: task.uploadId ?? '' });
    });
  });

  describe('a source object that changes between two parts', () => {
    afterEach(() => stage.harness.proxy.clear());
    const size = 65 * MiB;
    const change = (name: string, work: () => Promise<unknown>) =>
      stage.harness.proxy.inject({
        kind: 'GetObject',
        key: `${name}/a`,
        skip: 2,
        times: 1,
        action: {
          type: 'call',
          before: async () => {
            await work();
          },
        },
      });
    const remove = (name: string) =>
      stage.harness.admin.send(
        new DeleteObjectCommand({ Bucket: stage.harness.stack.store.buckets.source, Key: `${name}/a` }),
      );

    test.each([
      ['replaced', 'SourceChanged', (name: string) => put(`${name}/a`, bytesOf('b', 0, size))],
      ['replaced by a smaller one', 'SourceChanged', (name: string) => put(`${name}/a`, Buffer.from('small'))],
      ['deleted', 'SourceGone', remove],
    ])('%s: no torn copy, and %s', async (how, code, work) => {
      const name = how.replaceAll(' ', '-');
      await put(`${name}/a`, bytesOf('a', 0, size));
      change(name, () => work(name));
      await expect(stage.copy(stage.transfer(name), 'a')).rejects.toMatchObject({ code });
      expect(await stage.harness.list('target', `${name}/`)).toEqual(new Map());
    });
  });

  // From here on the source bucket keeps versions.
  describe('in a bucket with versions', () => {
    beforeAll(async () => {
      await stage.harness.admin.send(
        new PutBucketVersioningCommand({
          Bucket: stage.harness.stack.store.buckets.source,
          VersioningConfiguration: { Status: 'Enabled' },
        }),
      );
    });
    afterEach(() => stage.harness.proxy.clear());

    test('an object that is replaced during its copy is finished as the version it was, and known to be overtaken', async () => {
      await put('versions/a', bytesOf('a', 0, 65 * MiB));
      const opened = await openTransfer(stage.request(stage.transfer('versions'), 'a'), stage.engine);
      if (opened.kind !== 'open') throw new Error('there is nothing to copy');
      const { task, reason } = opened;
      expect(task.pinned.versionId).toBeTruthy();
      stage.harness.proxy.inject({
        kind: 'GetObject',
        key: 'versions/a',
        skip: 2,
        times: 1,
        action: {
          type: 'call',
          before: async () => {
            await put('versions/a', Buffer.from('newer'));
          },
        },
      });
      if (store === 'versitygw') {
        // Its policy lets the client's key read objects, and not versions: then the ETag alone is the pin.
        await expect(copyParts(task, stage.engine)).rejects.toMatchObject({ code: 'SourceChanged' });
        return;
      }
      await copyParts(task, stage.engine);
      const sealed = await sealTransfer({ task, reason, route: 'worker', since: Date.now() }, stage.engine);
      expect(sealed).toMatchObject({ kind: 'sealed', replaced: true });
      expect((await stage.harness.read('target', 'versions/a')).equals(bytesOf('a', 0, 65 * MiB))).toBe(true);
      await expect(stage.copy(stage.transfer('versions'), 'a')).resolves.toMatchObject({ reason: 'sizeDiffers' });
      expect((await stage.harness.read('target', 'versions/a')).toString()).toBe('newer');
    });
  });
});
