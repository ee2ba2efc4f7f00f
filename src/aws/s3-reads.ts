/** Listing, looking and reading. */
import {
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import { isTransferError, TransferError } from '../domain/transfer-error';
import type { IncomingBytes, ObjectStore, RangeRequest, RequestOptions } from '../transfer/object-store';
import { withDeadline } from './deadline';
import type { WireAnswer } from './wire-handler';
import { toTransferError } from './s3-error';
import { at, nextToken, overWire, shownEtag, type S3Bucket } from './s3-request';
import { bare, decodeKey, fullChecksums, parseContentRange, toHead, toHeaders } from './s3-shapes';
import { ownPageReader } from './own-page-reader';
import { withHeader } from './with-header';

type Reads = Pick<ObjectStore, 'checkBucket' | 'list' | 'head' | 'read' | 'tags'>;

export function s3Reads({ ref, caller, base }: S3Bucket): Reads {
  let versionsReadable = true;

  const send = async (request: RangeRequest, versionId: string | undefined, options?: RequestOptions) => {
    const { key, offset, length, etag, whole } = request;
    const command = new GetObjectCommand({
      ...base,
      Key: key,
      IfMatch: `"${etag}"`,
      VersionId: versionId,
      Range: whole ? undefined : `bytes=${offset}-${offset + length - 1}`,
    });
    // As a parameter it would have the SDK sum up the bytes too, which the engine does.
    if (whole) withHeader(command.middlewareStack, 'x-amz-checksum-mode', 'ENABLED');
    const wire: WireAnswer = {};
    const answer = await caller.call(at('GetObject', key), (client) => client.send(command, overWire(options, wire)));
    return { ...answer, bytes: bytesOf(wire, ref.bucket, key) };
  };

  /** A foreign key may read objects and not versions: docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
  const sendPinned = async (request: RangeRequest, options?: RequestOptions): ReturnType<typeof send> => {
    const { versionId } = request;
    if (versionId === undefined || !versionsReadable) return send(request, undefined, options);
    try {
      return await send(request, versionId, options);
    } catch (error) {
      if (!isTransferError(error, 'AccessDenied')) throw error;
      const answer = await send(request, undefined, options);
      versionsReadable = false;
      return answer;
    }
  };

  return {
    async checkBucket(options) {
      const probe = new ListObjectsV2Command({ ...base, Prefix: ref.prefix, MaxKeys: 1 });
      await caller.call(at('ListObjectsV2'), (client) => withDeadline(options, (http) => client.send(probe, http)));
    },

    async list({ prefix, startAfter, continuationToken, maxKeys }, options) {
      const command = new ListObjectsV2Command({
        ...base,
        Prefix: prefix,
        StartAfter: startAfter,
        ContinuationToken: continuationToken,
        MaxKeys: maxKeys,
        EncodingType: 'url',
      });
      const own = ownPageReader(command);
      const send = (client: S3Client) =>
        withDeadline(options, (http) => client.send(command, overWire(http, own.wire)));
      const answer = await caller.call(at('ListObjectsV2'), send);
      const page = own.page();
      if (page !== undefined) return page;
      const objects = (answer.Contents ?? []).map((entry) => ({
        key: decodeKey(entry.Key ?? '', answer.EncodingType),
        size: entry.Size ?? 0,
        etag: bare(entry.ETag),
        lastModified: entry.LastModified?.getTime() ?? 0,
        ...(entry.StorageClass === undefined ? {} : { storageClass: entry.StorageClass }),
      }));
      const token = nextToken(answer, ref.bucket, objects.at(-1)?.key ?? prefix);
      return token === undefined ? { objects } : { objects, continuationToken: token };
    },

    async head({ key, partNumber }, options) {
      const command = new HeadObjectCommand({ ...base, Key: key, PartNumber: partNumber, ChecksumMode: 'ENABLED' });
      const where = at('HeadObject', key);
      try {
        const send = (client: S3Client) => withDeadline(options, (http) => client.send(command, overWire(http)));
        const answer = await caller.call(where, send);
        return { ...toHead(answer), etag: shownEtag(answer, ref.bucket, where) };
      } catch (error) {
        if (isTransferError(error, 'SourceGone')) return undefined;
        throw error;
      }
    },

    async read(request, options) {
      const { key } = request;
      const location = { bucket: ref.bucket, ...at('GetObject', key) };
      const answer = await sendPinned(request, options).catch((error: unknown) => {
        if (!isTransferError(error, 'PreconditionFailed')) throw error;
        throw new TransferError('SourceChanged', `${key} was replaced while it was copied`, location);
      });
      const range = parseContentRange(answer.ContentRange);
      return {
        etag: bare(answer.ETag),
        headers: toHeaders(answer),
        checksums: fullChecksums(answer),
        body: answer.bytes,
        ...(range === undefined ? {} : { range }),
      };
    },

    async tags({ key, versionId }, options) {
      const ask = (VersionId?: string) => {
        const command = new GetObjectTaggingCommand({ ...base, Key: key, VersionId });
        return caller.call(at('GetObjectTagging', key), (client) =>
          withDeadline(options, (http) => client.send(command, http)),
        );
      };
      const answer = await ask(versionId).catch((error: unknown) => {
        // As with reads: that of a version is another right.
        if (versionId === undefined || !isTransferError(error, 'AccessDenied')) throw error;
        return ask();
      });
      return Object.fromEntries((answer.TagSet ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
    },
  };
}

/** A body that breaks off breaks off with a `TransferError`. What the taker throws stays what it is. */
function bytesOf({ body }: WireAnswer, bucket: string, key: string): IncomingBytes {
  if (body === undefined) throw new Error(`The answer to a read of ${key} went by another handler than the wire`);
  return {
    pour: (take) =>
      body.pour(take).catch((error: unknown) => {
        throw toTransferError(error, `the bucket ${bucket}`, { bucket, ...at('GetObject', key) });
      }),
    leave: () => body.leave(),
  };
}
