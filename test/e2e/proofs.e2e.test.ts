/** What a copy is proven by, and what travels with it, on real S3 servers. */
import {
  CreateMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
  type ChecksumAlgorithm,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { bytesOf } from '../../dev/demo/delivery';
import { withHeader } from '../../src/aws/with-header';
import { CRC_ALGORITHMS } from '../../src/domain/checksum';
import { MiB } from '../../src/domain/sizes';
import { startEngineStage, type EngineStage } from './support/engine-stage';
import { START_MS } from './support/harness';
import { STORES } from './support/stores';

jest.setTimeout(120_000);

describe.each(STORES)('the engine on %s', (store) => {
  let stage: EngineStage;

  beforeAll(async () => {
    stage = await startEngineStage(store);
  }, START_MS);
  afterAll(() => stage.stop(), 60_000);

  const put = (key: string, body: Buffer, more: Partial<PutObjectCommandInput> = {}) =>
    stage.harness.admin.send(
      new PutObjectCommand({ Bucket: stage.harness.stack.store.buckets.source, Key: key, Body: body, ...more }),
    );
  /** Delivers an object in parts, with a full-object checksum of this algorithm. */
  const putParts = async (key: string, sizes: readonly number[], algorithm?: ChecksumAlgorithm) => {
    const { admin } = stage.harness;
    const target = { Bucket: stage.harness.stack.store.buckets.source, Key: key };
    const kind = algorithm === undefined ? {} : { ChecksumAlgorithm: algorithm, ChecksumType: 'FULL_OBJECT' as const };
    const { UploadId } = await admin.send(new CreateMultipartUploadCommand({ ...target, ...kind }));
    let offset = 0;
    const Parts = [];
    for (const [i, size] of sizes.entries()) {
      const Body = bytesOf(key, offset, size);
      offset += size;
      const part = { ...target, UploadId, PartNumber: i + 1, Body };
      const { $metadata: _, ...sent } = await admin.send(
        new UploadPartCommand({ ...part, ...(algorithm === undefined ? {} : { ChecksumAlgorithm: algorithm }) }),
      );
      Parts.push({ ...sent, PartNumber: i + 1 });
    }
    await admin.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }));
  };
  const head = (bucket: 'source' | 'target', Key: string) =>
    stage.harness.admin.send(
      new HeadObjectCommand({ Bucket: stage.harness.stack.store.buckets[bucket], Key, ChecksumMode: 'ENABLED' }),
    );

  describe.each(CRC_ALGORITHMS)('an object whose store keeps its %s', (algorithm) => {
    const field = `Checksum${algorithm}` as const;

    test('is put whole with that checksum, and has the same beside it', async () => {
      const name = `put-${algorithm.toLowerCase()}`;
      await put(`${name}/a`, bytesOf('a', 0, 3 * MiB), { ChecksumAlgorithm: algorithm });
      const line = await stage.copy(stage.transfer(name), 'a');
      expect(line).toMatchObject({ outcome: 'copied', proof: 'etag', checksum: { algorithm } });
      const [source, target] = [await head('source', `${name}/a`), await head('target', `${name}/a`)];
      expect(source[field]).toBeTruthy();
      expect(target[field]).toBe(source[field]);
    });

    test('is copied in parts under that checksum, which the target’s store verifies', async () => {
      const name = `parts-${algorithm.toLowerCase()}`;
      await putParts(`${name}/a`, [5 * MiB, 5 * MiB, 17], algorithm);
      const line = await stage.copy(stage.transfer(name), 'a');
      const source = await head('source', `${name}/a`);
      expect(source[field]).toBeTruthy();
      expect(line).toMatchObject({
        outcome: 'copied',
        proof: 'etag',
        checksum: { algorithm, value: source[field] },
        targetEtag: source.ETag?.replaceAll('"', ''),
      });
      expect((await head('target', `${name}/a`))[field]).toBe(source[field]);
    });

    test('streams in parts too large for memory, under that checksum', async () => {
      const name = `stream-${algorithm.toLowerCase()}`;
      const size = 65 * MiB + 1;
      await putParts(`${name}/a`, [size, 5 * MiB], algorithm);
      const line = await stage.copy(stage.transfer(name), 'a');
      expect(line).toMatchObject({ outcome: 'copied', proof: 'etag', checksum: { algorithm } });
      const copied = await stage.harness.read('target', `${name}/a`);
      expect(copied.equals(await stage.harness.read('source', `${name}/a`))).toBe(true);
    }, 120_000);
  });

  describe('what travels with an object', () => {
    const properties = {
      CacheControl: 'max-age=60',
      ContentDisposition: 'attachment; filename="a b.csv"',
      ContentLanguage: 'de',
      ContentType: 'text/csv',
      Metadata: { 'made-by': 'client', 'ferry-run': 'of another ferry', 'ferry-source-etag': 'theirs' },
    };
    const tags = { tags: { team: 'data' } };

    test.each([
      ['in one piece', 'whole', 20],
      ['in parts', 'parts', 65 * MiB],
    ])('%s', async (_how, name, size) => {
      await put(`${name}/a`, bytesOf('a', 0, size), {
        ...properties,
        ContentEncoding: 'gzip',
        Tagging: 'colour=red&team=theirs',
      });
      const transfer = stage.transfer(name, { target: tags, metadata: { copy: true, tags: true } });
      const line = await stage.copy(transfer, 'a');
      expect(line).toMatchObject({ outcome: 'copied', proof: size < 100 ? 'etag' : 'checksum' });
      const target = await head('target', `${name}/a`);
      expect(target).toMatchObject({
        ...properties,
        ContentEncoding: 'gzip',
        Metadata: { 'made-by': 'client', 'ferry-run': 'run-1', 'ferry-source-etag': line.sourceEtag },
      });
      const { TagSet } = await stage.harness.admin.send(
        new GetObjectTaggingCommand({ Bucket: stage.harness.stack.store.buckets.target, Key: `${name}/a` }),
      );
      expect(Object.fromEntries((TagSet ?? []).map(({ Key, Value }) => [Key, Value]))).toEqual({
        colour: 'red',
        team: 'data',
      });
    });

    // SeaweedFS refuses to keep one, so that it cannot be delivered there.
    (store === 'seaweedfs' ? test.skip : test).each([
      ['in one piece', 20],
      ['in parts', 65 * MiB],
    ])('an Expires that is no date, %s', async (how, size) => {
      const name = `expires-${how.replaceAll(' ', '-')}`;
      const command = new PutObjectCommand({
        Bucket: stage.harness.stack.store.buckets.source,
        Key: `${name}/a`,
        Body: bytesOf('a', 0, size),
      });
      withHeader(command.middlewareStack, 'expires', '0');
      await stage.harness.admin.send(command);
      await stage.copy(stage.transfer(name), 'a');
      expect((await head('target', `${name}/a`)).ExpiresString).toBe('0');
    });

    test('metadata that leaves no room for the record stays whole, without it', async () => {
      const Metadata = { long: 'x'.repeat(2_000) };
      await put('full/a', bytesOf('a', 0, 20), { Metadata });
      await expect(stage.copy(stage.transfer('full'), 'a')).resolves.toMatchObject({
        outcome: 'copied',
        proof: 'etag',
      });
      expect((await head('target', 'full/a')).Metadata).toEqual(Metadata);
    });
  });
});
