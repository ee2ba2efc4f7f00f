/** An object that the scan has found new is copied without a look at either side; what has changed since is never written over, nor copied as it was. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { createCopyActivities } from '../../src/activities/copy-activities';
import type { OpenInput } from '../../src/activities/object-steps';
import { MiB } from '../../src/domain/sizes';
import { crcOfBytes } from '../support/crc';
import { MemoryFiles } from '../support/memory-files';
import { aStage, anEngine, aTransfer, someBytes, withoutWaiting } from '../transfer/examples';

withoutWaiting();

const bytes = someBytes(500);

function scene(extras: Parameters<ReturnType<typeof aStage>['source']['seed']>[2] = {}, size = bytes.length) {
  const stage = aStage();
  const { etag } = stage.source.seed('k', bytes, extras);
  const activities = createCopyActivities({ engine: anEngine(stage), openReports: () => new MemoryFiles() });
  const object = { id: 'k', group: 'main/000001', key: 'k', size, route: 'worker', newAs: etag } as const;
  const run = { id: 'run-1', mark: 'run-1', startedAt: Date.now() };
  const input = { transfer: aTransfer(), run, object, force: false, since: Date.now(), retried: false };
  const copy = (more: Partial<OpenInput> = {}, attempt = 1) =>
    new MockActivityEnvironment({ attempt }).run(() => activities.copyWhole({ ...input, ...more }));
  const { source, target } = stage;
  const looks = () => [source.requests.head, target.requests.head];
  const copied = () => target.objects.get('acme/k')?.body;
  return { ...stage, etag, copy, looks, copied };
}

test('takes one read and one write', async () => {
  const { source, target, etag, copy, looks, copied } = scene({
    headers: { contentType: 'text/csv', metadata: { a: '1' } },
  });
  await expect(copy()).resolves.toMatchObject({
    kind: 'sealed',
    line: { outcome: 'copied', reason: 'missing', key: 'k', size: 500, sourceEtag: etag, targetKey: 'acme/k', proof: 'etag' },
  }); // prettier-ignore
  expect(copied()).toEqual(bytes);
  expect([looks(), source.requests.read, target.requests.put]).toEqual([[0, 0], 1, 1]);
  expect(target.objects.get('acme/k')?.headers).toMatchObject({ contentType: 'text/csv', metadata: { a: '1' } });
});

test('has the proof of the checksum that its store keeps', async () => {
  const { target, copy } = scene({ checksums: [crcOfBytes(bytes, 'CRC64NVME')], etag: 'opaque' });
  const checksum = crcOfBytes(bytes, 'CRC64NVME');
  await expect(copy()).resolves.toMatchObject({ line: { proof: 'checksum', checksum } });
  expect(target.objects.get('acme/k')?.checksums).toEqual([checksum]);
});

test.each<[what: string, more: Partial<OpenInput>, attempt: number]>([
  ['a second attempt', {}, 2],
  ['one after another activity', { retried: true }, 1],
  ['a forced one', { force: true }, 1],
])('%s looks at both sides', async (_what, more, attempt) => {
  const { copy, looks } = scene();
  await expect(copy(more, attempt)).resolves.toMatchObject({ line: { outcome: 'copied' } });
  expect(looks()).toEqual([1, 1]);
});

test('what is too large for one PutObject is looked at', async () => {
  const { copy, looks } = scene({}, 65 * MiB);
  await copy();
  expect(looks()).toEqual([1, 1]);
});

test('a source that was replaced since is not copied as it was, and the next attempt takes it as it is', async () => {
  const { source, copy, copied } = scene();
  const { etag } = source.seed('k', 'replaced');
  await expect(copy()).rejects.toMatchObject({ type: 'SourceChanged' });
  expect(copied()).toBeUndefined();
  await expect(copy({ retried: true })).resolves.toMatchObject({ line: { outcome: 'copied', sourceEtag: etag } });
  expect(copied()?.toString()).toBe('replaced');
});

test('a source that is gone since is so at the next attempt', async () => {
  const { source, copy } = scene();
  source.objects.delete('k');
  await expect(copy()).rejects.toMatchObject({ type: 'SourceGone' });
  await expect(copy({ retried: true })).resolves.toMatchObject({ line: { outcome: 'skipped', reason: 'gone' } });
});

test('what somebody has put into its place is not written over', async () => {
  const { target, copy, copied } = scene();
  target.seed('acme/k', 'theirs');
  await expect(copy()).rejects.toMatchObject({ type: 'TargetChanged' });
  expect(copied()?.toString()).toBe('theirs');
});

test('an archived one is told as such', async () => {
  const { copy } = scene({ storageClass: 'GLACIER' });
  await expect(copy()).rejects.toMatchObject({ type: 'Archived' });
});
