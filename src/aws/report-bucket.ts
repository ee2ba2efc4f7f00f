/** A report in a bucket. Segments are streams of unknown length, which is what lib-storage is for. */
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { Readable } from 'node:stream';
import type { BucketRef } from '../domain/transfer';
import { isTransferError } from '../domain/transfer-error';
import type { ObjectStore } from '../transfer/object-store';
import type { ReportFiles } from '../transfer/report-store';
import type { S3Caller } from './s3-client';
import { toTransferError } from './s3-error';

/** `prefix` ends where the name begins. */
export function reportBucket(ref: BucketRef, prefix: string, caller: S3Caller, store: ObjectStore): ReportFiles {
  const owner = ref.expectedBucketOwner === undefined ? {} : { ExpectedBucketOwner: ref.expectedBucketOwner };
  return {
    async write(name, content) {
      const params = { Bucket: ref.bucket, Key: prefix + name, Body: content, ...owner };
      try {
        await new Upload({ client: await caller.client(), params }).done();
      } catch (error) {
        throw toTransferError(error, `the report bucket ${ref.bucket}`, { key: prefix + name, operation: 'PutObject' });
      }
    },
    async *list(below) {
      let continuationToken: string | undefined;
      do {
        const page = await store.list({
          prefix: prefix + below,
          ...(continuationToken === undefined ? {} : { continuationToken }),
        });
        for (const { key } of page.objects) yield key.slice(prefix.length);
        ({ continuationToken } = page);
      } while (continuationToken !== undefined);
    },
    async read(name) {
      const command = new GetObjectCommand({ Bucket: ref.bucket, Key: prefix + name, ...owner });
      try {
        const answer = await caller.call({ key: prefix + name, operation: 'GetObject' }, (client) =>
          client.send(command),
        );
        return answer.Body as Readable;
      } catch (error) {
        if (isTransferError(error, 'SourceGone')) return undefined;
        throw error;
      }
    },
  };
}
