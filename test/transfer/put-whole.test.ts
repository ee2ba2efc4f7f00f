/** A small object travels in one piece, with its headers, its tags and our record. */
import { ByteBudget } from '../../src/transfer/byte-budget';
import { CRC_ALGORITHMS } from '../../src/domain/checksum';
import { putWhole } from '../../src/transfer/put-whole';
import { crcOfBytes } from '../support/crc';
import { altered } from '../support/flow';
import { aStage, aTask, anEngine, failingWith, recordOf, someBytes, withoutWaiting } from './examples';

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
    expect(result).toMatchObject({ etag: object.etag, checksum: crcOfBytes(body) });
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
      metadata: { a: '1', ...recordOf(object, 'run-1', 'k').headers.metadata },
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
    expect(there()?.headers).toEqual(recordOf(object, 'run-1', 'k').headers);
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
    // The bytes are in memory by then: a put that is tried again needs no second read.
    expect([source.requests.read, target.requests.put]).toEqual([3, 3]);
  });

  test('leaves the target alone when the source was replaced', async () => {
    const { stage, source, target, task } = seeded();
    const { etag } = target.seed('acme/k', 'yesterday');
    source.seed('k', 'replaced');
    await expect(putWhole({ ...task, replaces: etag }, anEngine(stage))).rejects.toEqual(failingWith('SourceChanged'));
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

  test.each(CRC_ALGORITHMS)('takes over the %s that the source’s store keeps', async (algorithm) => {
    const kept = crcOfBytes(bytes, algorithm);
    const { stage, task, there } = seeded({ checksums: [kept] });
    const result = await putWhole(task, anEngine(stage));
    expect(result).toMatchObject({ checksum: kept, sourceChecksums: [kept] });
    expect(there()?.checksums).toEqual([kept]);
  });

  test('an unknown kind of checksum is no hindrance', async () => {
    const { stage, task, there } = seeded({ checksums: [{ algorithm: 'XXHASH128', value: 'AAAA' }] });
    await expect(putWhole(task, anEngine(stage))).resolves.toMatchObject({ checksum: crcOfBytes(bytes) });
    expect(there()?.body.equals(bytes)).toBe(true);
  });

  test('bytes that twice come to one sum, which is not what their store keeps, are never put', async () => {
    const { stage, source, target, task } = seeded({ checksums: [crcOfBytes(someBytes(500, 2))] });
    await expect(putWhole(task, anEngine(stage))).rejects.toEqual(failingWith('ProofFailed'));
    expect([source.requests.read, target.requests.put]).toEqual([2, 0]);
  });

  test('bytes that come to another sum each time are read again', async () => {
    const { stage, source, target, task, there } = seeded({ checksums: [crcOfBytes(bytes)] });
    let damaged = 0;
    source.intercept('read', async (_asked, proceed) => {
      const answer = await proceed();
      if ((damaged += 1) > 3) return answer;
      const flip = damaged;
      const body = altered(answer.body, { piece: (piece, take) => take(Buffer.from(piece).fill(flip, 0, 1)) });
      return { ...answer, body };
    });
    await putWhole(task, anEngine(stage));
    expect(there()?.body.equals(bytes)).toBe(true);
    expect(target.requests.put).toBe(1);
  });

  describe('on condition that nobody else has written there', () => {
    test('replaces what it was decided against', async () => {
      const { stage, target, task, there } = seeded();
      const { etag } = target.seed('acme/k', 'yesterday');
      await putWhole({ ...task, replaces: etag }, anEngine(stage));
      expect(there()?.body.equals(bytes)).toBe(true);
    });

    test.each<[string, { replaces?: string }]>([
      ['that was not there before', {}],
      ['that is another than before', { replaces: 'yesterday' }],
    ])('leaves an object %s alone', async (_name, replaces) => {
      const { stage, target, task } = seeded();
      target.seed('acme/k', 'of someone else');
      await expect(putWhole({ ...task, ...replaces }, anEngine(stage))).rejects.toEqual(failingWith('TargetChanged'));
      expect(target.content).toEqual({ 'acme/k': 'of someone else' });
    });

    test('puts an empty folder key as it is, which a store may have as soon as something stands below it', async () => {
      const stage = aStage();
      const task = aTask(stage, 'folder/', stage.source.seed('folder/', ''));
      stage.target.seed('acme/folder/', '');
      await expect(putWhole(task, anEngine(stage))).resolves.toMatchObject({ checksum: crcOfBytes(Buffer.alloc(0)) });
    });

    test('knows its own object again, whose answer was lost', async () => {
      const { stage, target, task, object } = seeded();
      target.failNext('put', 'Unavailable', 1, 'lost');
      await expect(putWhole(task, anEngine(stage))).resolves.toMatchObject({ etag: object.etag });
      expect(target.requests.put).toBe(2);
    });
  });
});
