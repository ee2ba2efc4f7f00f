/** The life of a multipart upload: docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { isTransferError, TransferError } from '../domain/transfer-error';
import type { ObjectStore, OpenUpload, StoredPart } from '../transfer/object-store';
import { COMPLETE_MS, withDeadline } from './deadline';
import { at, overWire, shownEtag, type S3Bucket } from './s3-request';
import { bare, checksumField, decodeKey, shownCrc, toWriteInput } from './s3-shapes';
import { bodyInput, conditionInput } from './s3-writes';
import { withHeader } from './with-header';

type Uploads = Pick<
  ObjectStore,
  'createUpload' | 'uploadPart' | 'listParts' | 'completeUpload' | 'abortUpload' | 'listUploads'
>;

export function s3Uploads({ ref, caller, base }: S3Bucket): Uploads {
  return {
    async createUpload({ key, headers, tags, algorithm }, options) {
      const command = new CreateMultipartUploadCommand({
        ...base,
        Key: key,
        ...toWriteInput(ref, headers, tags),
        ChecksumAlgorithm: algorithm,
        ChecksumType: 'FULL_OBJECT',
      });
      if (headers.expires !== undefined) withHeader(command.middlewareStack, 'expires', headers.expires);
      const answer = await caller.call(at('CreateMultipartUpload', key), (client) =>
        withDeadline(options, (http) => client.send(command, http)),
      );
      return { uploadId: answer.UploadId ?? '' };
    },

    async uploadPart({ key, uploadId, number, body }, options) {
      const command = new UploadPartCommand({
        ...base,
        Key: key,
        UploadId: uploadId,
        PartNumber: number,
        ...bodyInput(body),
      });
      const where = at('UploadPart', key);
      const answer = await caller.callOnce(where, (client) => client.send(command, overWire(options)));
      return { etag: shownEtag(answer, ref.bucket, where) };
    },

    async *listParts({ key, uploadId }, options): AsyncGenerator<StoredPart> {
      let marker: string | undefined;
      do {
        const command = new ListPartsCommand({ ...base, Key: key, UploadId: uploadId, PartNumberMarker: marker });
        const answer = await caller.call(at('ListParts', key), (client) =>
          withDeadline(options, (http) => client.send(command, http)),
        );
        for (const part of answer.Parts ?? []) {
          const checksum = shownCrc(part);
          yield {
            number: part.PartNumber ?? 0,
            size: part.Size ?? 0,
            etag: bare(part.ETag),
            ...(checksum === undefined ? {} : { checksum }),
          };
        }
        marker = answer.IsTruncated === true ? answer.NextPartNumberMarker : undefined;
      } while (marker !== undefined);
    },

    async completeUpload({ key, uploadId, parts, size, checksum, condition }, options) {
      const command = new CompleteMultipartUploadCommand({
        ...base,
        Key: key,
        UploadId: uploadId,
        MultipartUpload: {
          Parts: parts.map((part) => ({
            PartNumber: part.number,
            ETag: part.etag,
            ...(part.checksum === undefined ? {} : checksumField(part.checksum)),
          })),
        },
        MpuObjectSize: size,
        ...conditionInput(condition),
        ...(checksum === undefined ? {} : { ...checksumField(checksum), ChecksumType: 'FULL_OBJECT' as const }),
      });
      try {
        const answer = await caller.call(at('CompleteMultipartUpload', key), (client) =>
          withDeadline(options, (http) => client.send(command, http), COMPLETE_MS),
        );
        return { etag: bare(answer.ETag) };
      } catch (error) {
        if (!isTransferError(error, 'TornRead')) throw error;
        const message = `The store says that ${key} as assembled has another checksum`;
        throw new TransferError('ProofFailed', message, error.location);
      }
    },

    async abortUpload({ key, uploadId }, options) {
      const command = new AbortMultipartUploadCommand({ ...base, Key: key, UploadId: uploadId });
      await caller
        .call(at('AbortMultipartUpload', key), (client) => withDeadline(options, (http) => client.send(command, http)))
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
          Prefix: key,
          EncodingType: 'url',
          ...markers,
        });
        const answer = await caller.call(at('ListMultipartUploads', key), (client) =>
          withDeadline(options, (http) => client.send(command, http)),
        );
        for (const { Key = '', UploadId, Initiated } of answer.Uploads ?? []) {
          if (decodeKey(Key, answer.EncodingType) === key && UploadId !== undefined)
            found.push({ uploadId: UploadId, initiated: Initiated?.getTime() ?? 0 });
        }
        markers =
          answer.IsTruncated === true
            ? {
                KeyMarker: decodeKey(answer.NextKeyMarker ?? '', answer.EncodingType),
                UploadIdMarker: answer.NextUploadIdMarker,
              }
            : undefined;
      }
      return found;
    },
  };
}
