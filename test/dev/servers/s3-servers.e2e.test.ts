import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { type Proxy, startProxy } from '../../../dev/proxy/proxy';
import type { Account, S3Server } from '../../../dev/servers/s3-server';
import { startSeaweedFs } from '../../../dev/servers/seaweedfs';
import { startVersitygw } from '../../../dev/servers/versitygw';
import { STORES } from '../../e2e/support/stores';
import { temporaryFolder } from '../folders';

const folder = temporaryFolder();
const starts = { seaweedfs: startSeaweedFs, versitygw: startVersitygw };

describe.each(STORES)('%s', (name) => {
  const clients: S3Client[] = [];
  let server: S3Server;
  let proxy: Proxy;
  let admin: S3Client;
  let source: S3Client;
  let target: S3Client;
  let of: S3Server['buckets'];

  const client = (account: Account): S3Client => {
    // Through the proxy: so it is shown that signatures hold there.
    const made = new S3Client({
      endpoint: proxy.endpoint,
      region: 'us-east-1',
      credentials: { ...account },
      forcePathStyle: true,
      maxAttempts: 1,
    });
    clients.push(made);
    return made;
  };

  beforeAll(async () => {
    server = await starts[name]({ folder: join(folder, name), log: () => undefined });
    proxy = await startProxy({ upstream: server.endpoint });
    [admin, source, target] = [client(server.admin), client(server.source), client(server.target)];
    of = server.buckets;
    for (const Bucket of [of.source, of.target])
      await admin.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'v' }));
  }, 300_000);

  afterAll(async () => {
    for (const each of clients) each.destroy();
    await proxy.stop();
    await server.stop();
  });

  test('the source account reads and lists its bucket', async () => {
    const got = await source.send(new GetObjectCommand({ Bucket: of.source, Key: 'k' }));
    expect(await got.Body?.transformToString()).toBe('v');
    const listed = await source.send(new ListObjectsV2Command({ Bucket: of.source }));
    expect(listed.Contents?.map((each) => each.Key)).toEqual(['k']);
    await source.send(new GetObjectTaggingCommand({ Bucket: of.source, Key: 'k' }));
  });

  test('the source account can do nothing else', async () => {
    const open = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:*', Resource: `arn:aws:s3:::${of.source}/*` }],
    });
    const denied = [
      source.send(new PutObjectCommand({ Bucket: of.source, Key: 'new', Body: 'x' })),
      source.send(new DeleteObjectCommand({ Bucket: of.source, Key: 'k' })),
      source.send(new CreateMultipartUploadCommand({ Bucket: of.source, Key: 'new' })),
      source.send(new PutObjectTaggingCommand({ Bucket: of.source, Key: 'k', Tagging: { TagSet: [] } })),
      source.send(new PutBucketPolicyCommand({ Bucket: of.source, Policy: open })),
      source.send(new GetObjectCommand({ Bucket: of.target, Key: 'k' })),
      source.send(new ListObjectsV2Command({ Bucket: of.target })),
      source.send(new PutObjectCommand({ Bucket: of.target, Key: 'new', Body: 'x' })),
    ];
    for (const each of await Promise.allSettled(denied)) {
      expect(each).toMatchObject({ status: 'rejected', reason: { name: 'AccessDenied' } });
    }
  });

  test('the target account uses its bucket in every way', async () => {
    const at = { Bucket: of.target, Key: 'big' };
    const part = randomBytes(5 * 1024 * 1024);
    const { UploadId } = await target.send(new CreateMultipartUploadCommand(at));
    const uploaded = await Promise.all(
      [1, 2].map(async (PartNumber) => {
        const { ETag } = await target.send(new UploadPartCommand({ ...at, UploadId, PartNumber, Body: part }));
        return { PartNumber, ETag };
      }),
    );
    const listed = await target.send(new ListPartsCommand({ ...at, UploadId }));
    expect(listed.Parts?.map((each) => each.Size)).toEqual([part.length, part.length]);
    await target.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts: uploaded } }));
    const head = await target.send(new HeadObjectCommand(at));
    expect(head.ContentLength).toBe(2 * part.length);
    expect(head.ETag).toMatch(/-2"$/);
    const got = await target.send(new GetObjectCommand(at));
    const bytes = Buffer.from((await got.Body?.transformToByteArray()) ?? []);
    expect(bytes.equals(Buffer.concat([part, part]))).toBe(true);

    const TagSet = [{ Key: 'a', Value: 'b' }];
    await target.send(new PutObjectTaggingCommand({ ...at, Tagging: { TagSet } }));
    expect((await target.send(new GetObjectTaggingCommand(at))).TagSet).toEqual(TagSet);
    const other = await target.send(new CreateMultipartUploadCommand({ ...at, Key: 'aborted' }));
    await target.send(new AbortMultipartUploadCommand({ ...at, Key: 'aborted', UploadId: other.UploadId }));
    await target.send(new DeleteObjectCommand(at));
    const left = await target.send(new ListObjectsV2Command({ Bucket: of.target }));
    expect(left.Contents?.map((each) => each.Key)).toEqual(['k']);
  });

  test('a delete with a condition is one of exactly that object', async () => {
    const at = { Bucket: of.target, Key: 'conditional' };
    const { ETag } = await target.send(new PutObjectCommand({ ...at, Body: 'x' }));
    const other = `"${'0'.repeat(32)}"`;
    await expect(target.send(new DeleteObjectCommand({ ...at, IfMatch: other }))).rejects.toMatchObject({
      name: 'PreconditionFailed',
    });
    await target.send(new HeadObjectCommand(at));
    await target.send(new DeleteObjectCommand({ ...at, IfMatch: ETag }));
    await expect(target.send(new HeadObjectCommand(at))).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
  });

  test('the target account cannot touch the source', async () => {
    const denied = [
      target.send(new GetObjectCommand({ Bucket: of.source, Key: 'k' })),
      target.send(new ListObjectsV2Command({ Bucket: of.source })),
      target.send(new PutObjectCommand({ Bucket: of.source, Key: 'new', Body: 'x' })),
      target.send(new CopyObjectCommand({ Bucket: of.target, Key: 'new', CopySource: `${of.source}/k` })),
    ];
    for (const each of await Promise.allSettled(denied)) {
      expect(each).toMatchObject({ status: 'rejected', reason: { name: 'AccessDenied' } });
    }
    const head = target.send(new HeadObjectCommand({ Bucket: of.source, Key: 'k' }));
    await expect(head).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
  });

  test('a wrong secret and an unknown key are refused', async () => {
    const list = (account: Account) => client(account).send(new ListObjectsV2Command({ Bucket: of.source }));
    const wrong = { accessKeyId: server.source.accessKeyId, secretAccessKey: 'wrong' };
    await expect(list(wrong)).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
    const unknown = { accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' };
    await expect(list(unknown)).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
  });

  test('objects outlive a restart with the same accounts', async () => {
    const { admin: a, source: s, target: t } = server;
    await proxy.stop();
    await server.stop();
    const accounts = { admin: a, source: s, target: t };
    server = await starts[name]({ folder: join(folder, name), log: () => undefined, accounts });
    proxy = await startProxy({ upstream: server.endpoint });
    const got = await client(s).send(new GetObjectCommand({ Bucket: of.source, Key: 'k' }));
    expect(await got.Body?.transformToString()).toBe('v');
  });
});
