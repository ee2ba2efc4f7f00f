/** Writing: bodies as streams, verified on receipt by their checksum; and deleting, on condition. */
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import { isTransferError } from '../domain/transfer-error';
import type { ObjectStore, RequestBody, WriteCondition } from '../transfer/object-store';
import { withDeadline } from './deadline';
import { at, overWire, shownEtag, type S3Bucket } from './s3-request';
import { checksumField, toWriteInput } from './s3-shapes';
import { withHeader } from './with-header';

export function s3Put({ ref, caller, base }: S3Bucket): Pick<ObjectStore, 'put'> {
  return {
    async put({ key, body, headers, tags, condition }, options) {
      const command = new PutObjectCommand({
        ...base,
        Key: key,
        ...toWriteInput(ref, headers, tags),
        ...bodyInput(body),
        ...conditionInput(condition),
      });
      if (headers.expires !== undefined) withHeader(command.middlewareStack, 'expires', headers.expires);
      const where = at('PutObject', key);
      const answer = await caller.callOnce(where, (client) => client.send(command, overWire(options)));
      return { etag: shownEtag(answer, ref.bucket, where) };
    },
  };
}

export function s3Delete({ caller, base }: S3Bucket): Pick<ObjectStore, 'delete'> {
  return {
    /** docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html: 404 for what is gone, with a condition alone. */
    async delete({ key, etag }, options) {
      const command = new DeleteObjectCommand({ ...base, Key: key, IfMatch: `"${etag}"` });
      try {
        await caller.call(at('DeleteObject', key), (client) =>
          withDeadline(options, (http) => client.send(command, http)),
        );
      } catch (error) {
        if (!isTransferError(error, 'SourceGone')) throw error;
      }
    },
  };
}

/**
 * A stream is not hashed for the signature; its checksum keeps it whole on the way. Where its value is not known
 * beforehand, the SDK sums the stream up and sends it as a trailer:
 * docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export function bodyInput({ length, pieces, checksum: { algorithm, value } }: RequestBody) {
  return {
    Body: Readable.from(pieces, { objectMode: false }),
    ContentLength: length,
    ...(value === undefined ? { ChecksumAlgorithm: algorithm } : checksumField({ algorithm, value })),
  };
}

/** docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
export function conditionInput(condition: WriteCondition | undefined): { IfMatch?: string; IfNoneMatch?: string } {
  if (condition === undefined) return {};
  return 'etag' in condition ? { IfMatch: `"${condition.etag}"` } : { IfNoneMatch: '*' };
}
