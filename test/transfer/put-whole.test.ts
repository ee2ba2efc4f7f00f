/** A small object travels in one piece, with its headers, its tags and our record. */
import { crc32 } from 'node:zlib';
import { ByteBudget } from '../../src/transfer/byte-budget';
import { putWhole } from '../../src/transfer/put-whole';
import { aStage, aTask, anEngine, failingWith, someBytes, withoutWaiting } from './examples';

withoutWaiting();

const bytes = someBytes(500);

function seeded(extras: Parameters<ReturnType<typeof aStage>['source']['seed']>[2] = {}) {
  const stage = aStage();
  const object = stage.source.seed('k', bytes, extras);
  return { ...stage, stage, object, task: aTask(stage, 'k', object), there: () => stage.target.objects.get('acme/k') };
}

describe('putWhole', () => {
  test.each([
    ['an object', bytes],
    ['an empty object', Buffer.alloc(0)],
  ])('copies %s and says its ETag and CRC', async (_name, body) => {
    const stage = aStage();
    const object = stage.source.seed('k', body);
    const result = await putWhole(aTask(stage, 'k', object), anEngine(stage));
    expect(result).toMatchObject({ etag: object.etag, crc32: crc32(body) });
    expect(stage.target.objects.get('acme/k')?.body.equals(body)).toBe(true);
  });

  test('keeps the client’s headers and metadata, and adds the record', async () => {
    const headers = {
      contentType: 'text/csv',
      contentEncoding: 'gzip',
      cacheControl: 'no-cache',
      metadata: { a: '1', 'ferry-run': 'of another ferry', 'ferry-source-etag': 'theirs' },
    };
    const { stage, task, object, there } = seeded({ headers });
    await putWhole(task, anEngine(stage));
    expect(there()?.headers).toEqual({
      ...headers,
      metadata: { a: '1', 'ferry-source-etag': object.etag, 'ferry-run': 'run-1' },
    });
  });

  test.each([
    ['aws-chunked', undefined],
    ['gzip,aws-chunked', 'gzip'],
    ['aws-chunked, gzip', 'gzip'],
    ['gzip', 'gzip'],
  ])('the framing of an upload is no encoding of the object: %s becomes %s', async (contentEncoding, kept) => {
    const { stage, task, there } = seeded({ headers: { contentEncoding, metadata: {} } });
    await putWhole(task, anEngine(stage));
    expect(there()?.headers.contentEncoding).toBe(kept);
  });

  test('writes the record alone where metadata is not copied', async () => {
    const { stage, task, object, there } = seeded({ headers: { contentType: 'text/csv', metadata: { a: '1' } } });
    await putWhole({ ...task, copyMetadata: false }, anEngine(stage));
    expect(there()?.headers).toEqual({ metadata: { 'ferry-source-etag': object.etag, 'ferry-run': 'run-1' } });
  });

  test.each([
    ['the configured ones alone', false, { team: 'data' }, 0],
    ['the source’s under the configured ones', true, { team: 'data', colour: 'red' }, 1],
  ])('tags: %s', async (_name, copyTags, tags, requests) => {
    const { stage, source, task, there } = seeded({ tags: { colour: 'red', team: 'theirs' } });
    await putWhole({ ...task, copyTags, target: { ...task.target, tags: { team: 'data' } } }, anEngine(stage));
    expect(there()?.tags).toEqual(tags);
    expect(source.requests.tags).toBe(requests);
  });

  test('tries again for a torn read and a throttled put', async () => {
    const { stage, source, target, task, there } = seeded();
    source.failNext('read', 'TornRead', 2);
    target.failNext('put', 'Throttled', 2);
    await putWhole(task, anEngine(stage));
    expect(there()?.body.equals(bytes)).toBe(true);
    expect([source.requests.read, target.requests.put]).toEqual([5, 3]);
  });

  test('leaves the target alone when the source was replaced', async () => {
    const { stage, source, target, task } = seeded();
    target.seed('acme/k', 'yesterday');
    source.seed('k', 'replaced');
    await expect(putWhole(task, anEngine(stage))).rejects.toEqual(failingWith('SourceChanged'));
    expect(target.content).toEqual({ 'acme/k': 'yesterday' });
  });

  test('waits for its share of the memory', async () => {
    const { stage, source, task } = seeded();
    const budget = new ByteBudget(600);
    let release = () => undefined as void;
    const held = budget.hold(200, () => new Promise<void>((resolve) => (release = resolve)));
    const copied = putWhole(task, anEngine(stage, { budget }));
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(source.requests.read).toBe(0);
    release();
    await Promise.all([held, copied]);
    expect(source.requests.read).toBe(1);
  });
});
