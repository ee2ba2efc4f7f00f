/** The `ObjectStore` over S3's API by the AWS SDK. */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { BucketRef, TargetRef } from '../domain/transfer';
import { isTransferError, TransferError } from '../domain/transfer-error';
import type { ObjectStore, OpenUpload, RequestOptions, StoredPart } from '../transfer/object-store';
import { base64OfCrc32 } from '../transfer/proof';
import type { S3Caller } from './s3-client';
import { toTransferError } from './s3-error';
import { isOrdered } from './listing-order';
import { bare, crc32FromBase64, decodeKey, parseContentRange, toHead, toHeaders, toWriteInput } from './s3-shapes';
import { unsignedBodies } from './unsigned-body';

export function s3Store(ref: BucketRef | TargetRef, caller: S3Caller): ObjectStore {
  const { bucket } = ref;
  const base = {
    Bucket: bucket,
    ...(ref.expectedBucketOwner === undefined ? {} : { ExpectedBucketOwner: ref.expectedBucketOwner }),
  };
  const payer = ref.requesterPays ? { RequestPayer: 'requester' as const } : {};
  const object = (key: string) => ({ ...base, ...payer, Key: key });
  const http = (options: RequestOptions = {}) => (options.abortSignal ? { abortSignal: options.abortSignal } : {});
  const body = (ref.endpoint ?? 'https:').startsWith('https:') ? unsignedBodies : undefined;
  let versionsReadable = true;

  const store: ObjectStore = {
    bucket,
    ordered: isOrdered(ref),

    async checkBucket(options) {
      const probe = new ListObjectsV2Command({ ...base, ...payer, Prefix: ref.prefix, MaxKeys: 1 });
      await caller.call({ operation: 'ListObjectsV2' }, (client) => client.send(probe, http(options)));
    },

    async list({ prefix, startAfter, continuationToken, maxKeys }, options) {
      const command = new ListObjectsV2Command({
        ...base,
        ...payer,
        Prefix: prefix,
        StartAfter: startAfter,
        ContinuationToken: continuationToken,
        MaxKeys: maxKeys,
        EncodingType: 'url',
      });
      const answer = await caller.call({ operation: 'ListObjectsV2' }, (client) => client.send(command, http(options)));
      const objects = (answer.Contents ?? []).map((entry) => ({
        key: decodeKey(entry.Key ?? '', answer.EncodingType),
        size: entry.Size ?? 0,
        etag: bare(entry.ETag),
        lastModified: entry.LastModified?.getTime() ?? 0,
        ...(entry.StorageClass === undefined ? {} : { storageClass: entry.StorageClass }),
      }));
      const token = answer.IsTruncated === true ? answer.NextContinuationToken : undefined;
      return { objects, ...(token === undefined ? {} : { continuationToken: token }) };
    },

    async head({ key, partNumber }, options) {
      const command = new HeadObjectCommand({ ...object(key), PartNumber: partNumber, ChecksumMode: 'ENABLED' });
      try {
        return toHead(
          await caller.call({ key, operation: 'HeadObject' }, (client) => client.send(command, http(options))),
        );
      } catch (error) {
        if (isTransferError(error, 'SourceGone')) return undefined;
        throw error;
      }
    },

    async read({ key, offset, length, etag, versionId }, options) {
      const location = { key, operation: 'GetObject' };
      const send = (version: string | undefined) =>
        caller.call(location, (client) =>
          client.send(
            new GetObjectCommand({
              ...object(key),
              IfMatch: `"${etag}"`,
              VersionId: version,
              Range: length === 0 ? undefined : `bytes=${offset}-${offset + length - 1}`,
            }),
            http(options),
          ),
        );
      const answer = await send(versionsReadable ? versionId : undefined)
        .catch((error: unknown) => {
          // A foreign key may read objects and not versions: docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
          if (versionId === undefined || !versionsReadable || !isTransferError(error, 'AccessDenied')) throw error;
          return send(undefined).then((read) => {
            versionsReadable = false;
            return read;
          });
        })
        .catch((error: unknown) => {
          if (!isTransferError(error, 'PreconditionFailed')) throw error;
          throw new TransferError('SourceChanged', `${key} was replaced while it was copied`, { bucket, ...location });
        });
      const range = parseContentRange(answer.ContentRange);
      return {
        etag: bare(answer.ETag),
        headers: toHeaders(answer),
        body: translated(answer.Body as AsyncIterable<Uint8Array>, bucket, key),
        ...(range === undefined ? {} : { range }),
      };
    },

    async put({ key, body: bytes, crc32, headers, tags }, options) {
      const command = new PutObjectCommand({
        ...object(key),
        ...toWriteInput(ref, headers, tags),
        Body: bytes,
        ContentLength: bytes.length,
        ChecksumCRC32: base64OfCrc32(crc32),
      });
      body?.(command.middlewareStack);
      const answer = await caller.call({ key, operation: 'PutObject' }, (client) =>
        client.send(command, http(options)),
      );
      return { etag: bare(answer.ETag) };
    },

    async tags({ key, versionId }, options) {
      const command = new GetObjectTaggingCommand({ ...object(key), VersionId: versionId });
      const answer = await caller.call({ key, operation: 'GetObjectTagging' }, (client) =>
        client.send(command, http(options)),
      );
      return Object.fromEntries((answer.TagSet ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
    },

    async createUpload({ key, headers, tags }, options) {
      const command = new CreateMultipartUploadCommand({
        ...object(key),
        ...toWriteInput(ref, headers, tags),
        ChecksumAlgorithm: 'CRC32',
        ChecksumType: 'FULL_OBJECT',
      });
      const answer = await caller.call({ key, operation: 'CreateMultipartUpload' }, (client) =>
        client.send(command, http(options)),
      );
      return { uploadId: answer.UploadId ?? '' };
    },

    async uploadPart({ key, uploadId, number, body: bytes, crc32 }, options) {
      const command = new UploadPartCommand({
        ...object(key),
        UploadId: uploadId,
        PartNumber: number,
        Body: bytes,
        ContentLength: bytes.length,
        ChecksumCRC32: base64OfCrc32(crc32),
      });
      body?.(command.middlewareStack);
      const answer = await caller.call({ key, operation: 'UploadPart' }, (client) =>
        client.send(command, http(options)),
      );
      return { etag: bare(answer.ETag) };
    },

    async *listParts({ key, uploadId }, options): AsyncGenerator<StoredPart> {
      let marker: string | undefined;
      do {
        const command = new ListPartsCommand({ ...object(key), UploadId: uploadId, PartNumberMarker: marker });
        const answer = await caller.call({ key, operation: 'ListParts' }, (client) =>
          client.send(command, http(options)),
        );
        for (const part of answer.Parts ?? []) {
          const crc32 = crc32FromBase64(part.ChecksumCRC32);
          yield {
            number: part.PartNumber ?? 0,
            size: part.Size ?? 0,
            etag: bare(part.ETag),
            ...(crc32 === undefined ? {} : { crc32 }),
          };
        }
        marker = answer.IsTruncated === true ? answer.NextPartNumberMarker : undefined;
      } while (marker !== undefined);
    },

    async completeUpload({ key, uploadId, parts, size, crc32 }, options) {
      const command = new CompleteMultipartUploadCommand({
        ...object(key),
        UploadId: uploadId,
        MultipartUpload: {
          Parts: parts.map((part) => ({
            PartNumber: part.number,
            ETag: part.etag,
            ChecksumCRC32: part.crc32 === undefined ? undefined : base64OfCrc32(part.crc32),
          })),
        },
        MpuObjectSize: size,
        ...(crc32 === undefined ? {} : { ChecksumCRC32: base64OfCrc32(crc32), ChecksumType: 'FULL_OBJECT' as const }),
      });
      try {
        const answer = await caller.call({ key, operation: 'CompleteMultipartUpload' }, (client) =>
          client.send(command, http(options)),
        );
        return { etag: bare(answer.ETag) };
      } catch (error) {
        if (!isTransferError(error, 'TornRead')) throw error;
        throw new TransferError(
          'ProofFailed',
          `The store says that ${key} as assembled has another checksum`,
          error.location,
        );
      }
    },

    async abortUpload({ key, uploadId }, options) {
      const command = new AbortMultipartUploadCommand({ ...object(key), UploadId: uploadId });
      await caller
        .call({ key, operation: 'AbortMultipartUpload' }, (client) => client.send(command, http(options)))
        .catch((error: unknown) => {
          if (!isTransferError(error, 'NoSuchUpload')) throw error;
        });
    },

    async listUploads({ key }, options) {
      const found: OpenUpload[] = [];
      let markers: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } | undefined = {};
      while (markers !== undefined) {
        const command: ListMultipartUploadsCommand = new ListMultipartUploadsCommand({
          ...base,
          ...payer,
          Prefix: key,
          ...markers,
        });
        const answer = await caller.call({ key, operation: 'ListMultipartUploads' }, (client) =>
          client.send(command, http(options)),
        );
        for (const { Key, UploadId, Initiated } of answer.Uploads ?? []) {
          if (Key === key && UploadId !== undefined)
            found.push({ uploadId: UploadId, initiated: Initiated?.getTime() ?? 0 });
        }
        markers =
          answer.IsTruncated === true
            ? { KeyMarker: answer.NextKeyMarker, UploadIdMarker: answer.NextUploadIdMarker }
            : undefined;
      }
      return found;
    },
  };
  return store;
}

/** A body that breaks off breaks off with a `TransferError`. */
async function* translated(body: AsyncIterable<Uint8Array>, bucket: string, key: string): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw toTransferError(error, `the bucket ${bucket}`, { bucket, key, operation: 'GetObject' });
  }
}
