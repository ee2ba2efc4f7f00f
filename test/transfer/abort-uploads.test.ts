/** Uploads that nobody will complete are ended, and only those. */
import { abortUpload, abortUploadsSince } from '../../src/transfer/abort-uploads';
import { MemoryStore } from '../support/memory-store';
import { failingWith, withoutWaiting } from './examples';

withoutWaiting();

const NOON = Date.UTC(2026, 0, 1, 12);

describe('abortUpload', () => {
  test('ends the upload', async () => {
    const store = new MemoryStore();
    const uploadId = store.seedUpload('k', NOON, [Buffer.from('part')]);
    await abortUpload(store, { key: 'k', uploadId });
    expect(store.uploads.size).toBe(0);
    expect(store.requests.abortUpload).toBe(1);
  });

  test('takes one that is gone already', async () => {
    const store = new MemoryStore();
    await abortUpload(store, { key: 'k', uploadId: 'gone' });
    expect(store.requests.abortUpload).toBe(1);
  });

  test('aborts again while parts in flight outlive the abort', async () => {
    const store = new MemoryStore();
    const uploadId = store.seedUpload('k', NOON);
    let outlived = 2;
    store.intercept('abortUpload', async (_asked, proceed) => (outlived-- > 0 ? undefined : proceed()));
    await abortUpload(store, { key: 'k', uploadId });
    expect(store.uploads.size).toBe(0);
    expect(store.requests.abortUpload).toBe(3);
  });

  test('gives up after ten aborts with an error that may be tried again', async () => {
    const store = new MemoryStore();
    const uploadId = store.seedUpload('k', NOON);
    store.intercept('abortUpload', () => Promise.resolve());
    await expect(abortUpload(store, { key: 'k', uploadId })).rejects.toEqual(failingWith('Unavailable'));
    expect(store.requests.abortUpload).toBe(10);
  });

  test('does not take a listing that failed for an upload that is gone', async () => {
    const store = new MemoryStore();
    const uploadId = store.seedUpload('k', NOON);
    store.failNext('listParts', 'AccessDenied');
    await expect(abortUpload(store, { key: 'k', uploadId })).rejects.toEqual(failingWith('AccessDenied'));
  });

  test.each(['abortUpload', 'listParts'] as const)('tries a transient failure of %s again', async (kind) => {
    const store = new MemoryStore();
    const uploadId = store.seedUpload('k', NOON);
    store.failNext(kind, 'Throttled', 2);
    await abortUpload(store, { key: 'k', uploadId });
    expect(store.uploads.size).toBe(0);
  });
});

describe('abortUploadsSince', () => {
  test('ends the uploads of this key that began since, with a minute for the clocks', async () => {
    const store = new MemoryStore();
    const before = store.seedUpload('k', NOON - 60_001);
    const other = store.seedUpload('k2', NOON + 1);
    store.seedUpload('k', NOON - 60_000);
    store.seedUpload('k', NOON);
    store.seedUpload('k', NOON + 3_600_000);
    await expect(abortUploadsSince(store, 'k', NOON)).resolves.toBe(3);
    expect([...store.uploads.keys()]).toEqual([before, other]);
  });

  test('takes a key without uploads', async () => {
    await expect(abortUploadsSince(new MemoryStore(), 'k', NOON)).resolves.toBe(0);
  });
});
