/** A report in a bucket. Segments are streams of unknown length, which is what lib-storage is for. */
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { Readable } from 'node:stream';
import type { BucketRef } from '../domain/transfer';
import { isTransferError } from '../domain/transfer-error';
import type { ObjectStore } from '../transfer/object-store';
import type { ReportFiles } from '../transfer/report-store';
import { retrying } from '../transfer/retry';
import { withDeadline } from './deadline';
import type { S3Caller } from './s3-client';
import { toTransferError } from './s3-error';
import { nextToken } from './s3-request';
import { decodeKey } from './s3-shapes';

/** `prefix` ends where the name begins. */
export function reportBucket(ref: BucketRef, prefix: string, caller: S3Caller, store: ObjectStore): ReportFiles {
  const service = `the report bucket ${ref.bucket}`;
  const base = {
    Bucket: ref.bucket,
    ...(ref.expectedBucketOwner === undefined ? {} : { ExpectedBucketOwner: ref.expectedBucketOwner }),
  };

  const foldersPage = (below: string, token: string | undefined) => {
    const page = { Prefix: below, Delimiter: '/', ContinuationToken: token, EncodingType: 'url' } as const;
    const command = new ListObjectsV2Command({ ...base, ...page });
    const where = { operation: 'ListObjectsV2' };
    return retrying(async () => {
      const answer = await caller.call(where, (client) => withDeadline({}, (http) => client.send(command, http)));
      return { ...answer, next: nextToken(answer, ref.bucket, below) };
    });
  };

  return {
    async write(name, content) {
      const params = { ...base, Key: prefix + name, Body: content };
      try {
        await new Upload({ client: await caller.client(), params }).done();
      } catch (error) {
        throw toTransferError(error, service, { key: prefix + name, operation: 'PutObject' });
      }
    },
    async *list(below) {
      let token: string | undefined;
      do {
        const next = token === undefined ? {} : { continuationToken: token };
        const page = await retrying(() => store.list({ prefix: prefix + below, ...next }));
        for (const { key } of page.objects) yield key.slice(prefix.length);
        token = page.continuationToken;
      } while (token !== undefined);
    },
    async *folders(folder) {
      const below = prefix + folder;
      let token: string | undefined;
      do {
        const page = await foldersPage(below, token);
        for (const { Prefix = '' } of page.CommonPrefixes ?? []) {
          yield decodeKey(Prefix, page.EncodingType).slice(below.length, -1);
        }
        token = page.next;
      } while (token !== undefined);
    },
    async read(name) {
      const location = { key: prefix + name, operation: 'GetObject' };
      const command = new GetObjectCommand({ ...base, Key: prefix + name });
      try {
        const answer = await caller.call(location, (client) => client.send(command));
        return Readable.from(translated(answer.Body as Readable, (error) => toTransferError(error, service, location)));
      } catch (error) {
        if (isTransferError(error, 'SourceGone')) return undefined;
        throw error;
      }
    },
  };
}

/** A body that breaks off breaks off with a `TransferError`, so that it is read again. */
async function* translated(
  body: AsyncIterable<Uint8Array>,
  named: (error: unknown) => Error,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw named(error);
  }
}
