/** Opening one object: what there is to do, and everything pinned before the first byte. */
import type { Transfer } from '../../src/domain/transfer';
import { MiB } from '../../src/domain/sizes';
import { openTransfer, type OpenRequest } from '../../src/transfer/open-transfer';
import { MemoryStore } from '../support/memory-store';
import { crcOfBytes } from '../support/crc';
import { aStage, anEngine, aTransfer, failingWith, recordOf, someBytes, SOURCE, type Stage } from './examples';

const NOON = Date.UTC(2026, 0, 1, 12);
const body = someBytes(40);

function open(stage: Stage, request: Partial<OpenRequest> = {}, transfer: Partial<Transfer> = {}) {
  const defaults = {
    run: 'run-1',
    key: 'k',
    size: 7,
    route: 'worker',
    force: false,
    since: NOON,
    retried: false,
  } as const;
  return openTransfer({ transfer: aTransfer(transfer), ...defaults, ...request }, anEngine(stage));
}

describe('openTransfer opens', () => {
  test('a small object for one PUT: pinned, and without an upload', async () => {
    const stage = aStage();
    const { etag } = stage.source.seed('k', body);
    await expect(open(stage)).resolves.toMatchObject({
      kind: 'open',
      reason: 'missing',
      task: {
        pinned: { key: 'k', etag, size: 40 },
        targetKey: 'acme/k',
        plan: { kind: 'put', layout: [[40, 1]] },
        run: 'run-1',
        copyMetadata: true,
        copyTags: false,
      },
    });
    expect(stage.target.uploads.size).toBe(0);
  });

  test('a multipart object with its own layout, and an upload that has its headers and our record', async () => {
    const stage = aStage();
    const parts = [Buffer.alloc(5 * MiB, 1), someBytes(17)];
    const headers = { contentType: 'text/csv', metadata: { a: '1' } };
    const { etag } = stage.source.seedParts('k', parts, { headers });
    const opened = await open(stage);
    const [[uploadId, upload] = []] = [...stage.target.uploads];
    expect(opened).toMatchObject({
      kind: 'open',
      task: {
        uploadId,
        pinned: { etag },
        plan: {
          kind: 'multipart',
          mirrored: true,
          layout: [
            [5 * MiB, 1],
            [17, 1],
          ],
        },
      },
    });
    expect(upload?.key).toBe('acme/k');
    expect(upload?.headers).toEqual({
      contentType: 'text/csv',
      metadata: { a: '1', ...recordOf({ etag }, 'run-1', 'k').headers.metadata },
    });
  });

  test.each([
    ['a small object', body, [[40, 1]]],
    ['an empty object', Buffer.alloc(0), [[0, 1]]],
  ])('%s for Batch as an upload, always', async (_name, bytes, layout) => {
    const stage = aStage();
    stage.source.seed('k', bytes);
    const opened = await open(stage, { route: 'batch' });
    expect(opened).toMatchObject({ kind: 'open', task: { plan: { kind: 'multipart', layout } } });
    expect(stage.target.uploads.size).toBe(1);
  });

  test('the version that stands there, where the store keeps versions', async () => {
    const stage = { ...aStage(), source: new MemoryStore({ bucket: 'theirs', versioned: true }) };
    const { versionId } = stage.source.seed('k', body);
    expect(versionId).toBeDefined();
    await expect(open(stage)).resolves.toMatchObject({ task: { pinned: { versionId } } });
  });

  test('an upload with the configured tags over the source’s own', async () => {
    const stage = aStage();
    stage.source.seed('k', body, { tags: { colour: 'red', team: 'theirs' } });
    const target = { ...SOURCE, bucket: 'ours', prefix: '', tags: { team: 'data' } };
    await open(stage, { route: 'batch' }, { target, metadata: { copy: true, tags: true } });
    expect([...stage.target.uploads.values()]).toMatchObject([{ tags: { colour: 'red', team: 'data' } }]);
  });

  test('what is forced, though it is identical', async () => {
    const stage = aStage();
    stage.source.seed('k', body);
    stage.target.seed('acme/k', body);
    await expect(open(stage, { force: true })).resolves.toMatchObject({ kind: 'open', reason: 'forced' });
  });

  test('an archived object that has been restored', async () => {
    const stage = aStage();
    stage.source.seed('k', body, { storageClass: 'GLACIER', restore: 'ongoing-request="false", expiry-date="…"' });
    await expect(open(stage)).resolves.toMatchObject({ kind: 'open' });
  });

  test('an object of Glacier Instant Retrieval, which reads like any other', async () => {
    const stage = aStage();
    stage.source.seed('k', body, { storageClass: 'GLACIER_IR' });
    await expect(open(stage)).resolves.toMatchObject({ kind: 'open' });
  });
});

describe('openTransfer finds it done', () => {
  test('where the target is identical by now', async () => {
    const stage = aStage();
    const { etag } = stage.source.seed('k', body);
    stage.target.seed('acme/k', body);
    await expect(open(stage)).resolves.toEqual({
      kind: 'done',
      line: { outcome: 'skipped', reason: 'identical', key: 'k', size: 40, sourceEtag: etag, targetEtag: etag },
    });
  });

  test.each([
    ['by equal ETags', false, 'missing', 'etag'],
    ['when forced', true, 'forced', 'etag'],
  ])('where an attempt of this run has copied it and its answer was lost, %s', async (_name, force, reason, proof) => {
    const stage = aStage();
    const object = stage.source.seed('k', body);
    stage.target.seed('acme/k', body, recordOf(object));
    await expect(open(stage, { force, retried: true })).resolves.toMatchObject({
      kind: 'done',
      line: { outcome: 'copied', reason, proof, targetKey: 'acme/k', targetEtag: object.etag, route: 'worker' },
    });
    expect(stage.target.uploads.size).toBe(0);
  });

  test('where its own copy has another ETag: by the parts, which were checked on receipt', async () => {
    const stage = aStage();
    const object = stage.source.seed('k', body, { checksums: [crcOfBytes(body)] });
    stage.target.seed('acme/k', body, { ...recordOf(object), etag: 'kms', encryption: 'aws:kms' });
    await expect(open(stage)).resolves.toMatchObject({ kind: 'done', line: { outcome: 'copied', proof: 'parts' } });
  });

  test.each([
    ['of another run', recordOf({ etag: 'x' }, 'run-0')],
    ['of another source', recordOf({ etag: 'older' })],
  ])('but not where the copy is %s', async (_name, record) => {
    const stage = aStage();
    stage.source.seed('k', body);
    stage.target.seed('acme/k', someBytes(40, 2), record);
    await expect(open(stage)).resolves.toMatchObject({ kind: 'open', reason: 'changed' });
  });

  test('where something stands there that must never be overwritten', async () => {
    const stage = aStage();
    stage.source.seed('k', body);
    const { etag } = stage.target.seed('acme/k', 'ours');
    await expect(open(stage, { force: true }, { overwrite: 'never' })).resolves.toMatchObject({
      kind: 'done',
      line: { outcome: 'skipped', reason: 'neverOverwrite', targetEtag: etag },
    });
  });
});

test('openTransfer skips a key that is gone', async () => {
  expect(await open(aStage())).toEqual({
    kind: 'done',
    line: { outcome: 'skipped', reason: 'gone', key: 'k', size: 7, sourceEtag: '' },
  });
});

describe('openTransfer rejects', () => {
  test.each([
    ['1,024 bytes', 1_024 - 'acme/'.length, true],
    ['1,025 bytes', 1_025 - 'acme/'.length, false],
  ])('a target key of more than 1,024 bytes: %s', async (_name, length, fits) => {
    const stage = aStage();
    // One character of two bytes: S3 counts bytes.
    const key = `ü${'k'.repeat(length - 2)}`;
    stage.source.seed(key, body);
    const opened = open(stage, { key });
    if (fits) await expect(opened).resolves.toMatchObject({ kind: 'open' });
    else await expect(opened).rejects.toEqual(failingWith('KeyTooLong'));
  });

  test.each([
    ['GLACIER', undefined],
    ['DEEP_ARCHIVE', undefined],
    ['GLACIER', 'ongoing-request="true"'],
  ])('an object in %s, restore: %s', async (storageClass, restore) => {
    const stage = aStage();
    stage.source.seed('k', body, { storageClass, ...(restore === undefined ? {} : { restore }) });
    await expect(open(stage)).rejects.toEqual(failingWith('Archived'));
    expect(stage.source.requests.read).toBe(0);
  });

  test.each(['.', '..', './a', 'a/./b', 'a/../b', 'a/..', '../a'])(
    'the key %j where the store would fold it',
    async (key) => {
      const stage = { ...aStage(), target: new MemoryStore({ bucket: 'ours', keepsDots: false }) };
      stage.source.seed(key, body);
      await expect(open(stage, { key })).rejects.toEqual(failingWith('KeyRefused'));
      await expect(open({ ...stage, target: aStage().target }, { key })).resolves.toMatchObject({ kind: 'open' });
    },
  );

  test.each(['...', '.a', 'a.', 'a/.b/c', 'a..b', 'a//b'])('not the key %j, which no store folds so', async (key) => {
    const stage = { ...aStage(), target: new MemoryStore({ bucket: 'ours', keepsDots: false }) };
    stage.source.seed(key, body);
    await expect(open(stage, { key })).resolves.toMatchObject({ kind: 'open' });
  });

  test('an object in an archive tier, which its storage class does not tell', async () => {
    const stage = aStage();
    stage.source.seed('k', body);
    stage.source.intercept('head', async (_asked, proceed) => ({
      ...(await proceed())!,
      archiveStatus: 'ARCHIVE_ACCESS',
    }));
    await expect(open(stage)).rejects.toEqual(failingWith('Archived'));
  });

  test('not an archived object that is there already', async () => {
    const stage = aStage();
    stage.source.seed('k', body, { storageClass: 'DEEP_ARCHIVE' });
    stage.target.seed('acme/k', body);
    await expect(open(stage)).resolves.toMatchObject({ kind: 'done' });
  });
});

describe('openTransfer, tried again,', () => {
  test('aborts the uploads of its key that a lost attempt left, and no others', async () => {
    const stage = aStage();
    stage.source.seed('k', body);
    const kept = [stage.target.seedUpload('acme/k', NOON - 3_600_000), stage.target.seedUpload('acme/k2', NOON)];
    stage.target.seedUpload('acme/k', NOON + 1_000);
    const opened = await open(stage, { retried: true, route: 'batch' });
    const own = opened.kind === 'open' ? opened.task.uploadId : undefined;
    expect([...stage.target.uploads.keys()]).toEqual([...kept, own]);
  });

  test('does so before a PUT, too', async () => {
    const stage = aStage();
    stage.source.seed('k', body);
    stage.target.seedUpload('acme/k', NOON + 1_000);
    await open(stage, { retried: true });
    expect(stage.target.uploads.size).toBe(0);
  });

  test('and at first does not look for any', async () => {
    const stage = aStage();
    stage.source.seed('k', body);
    await open(stage, { route: 'batch' });
    expect(stage.target.requests.listUploads).toBe(0);
  });
});

describe('openTransfer, tried again,', () => {
  test.each([
    ['the source is gone', (stage: Stage) => void stage.source.objects.delete('k')],
    ['the target is equal by now', (stage: Stage) => void stage.target.seed('acme/k', body)],
  ])('ends the upload that a lost attempt has left, where %s too', async (_when, change) => {
    const stage = aStage();
    stage.source.seed('k', body);
    stage.target.seedUpload('acme/k', NOON);
    change(stage);
    await expect(open(stage, { retried: true })).resolves.toMatchObject({ kind: 'done' });
    expect(stage.target.uploads.size).toBe(0);
  });

  test.each(['AccessDenied', 'BadRequest'] as const)(
    'opens where a listing of uploads is answered with %s',
    async (code) => {
      const stage = aStage();
      stage.source.seed('k', body);
      stage.target.failNext('listUploads', code, 9);
      await expect(open(stage, { retried: true })).resolves.toMatchObject({ kind: 'open' });
    },
  );
});
