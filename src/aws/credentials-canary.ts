/** Tells whether a refusal that has no name is about the credentials. The answer to a HEAD has no body that could name it; that to a listing has. */
import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { isTransferError, type TransferError } from '../domain/transfer-error';
import { isUnnamedRefusal, toTransferError } from './s3-error';

/** `failure`, which is what `error` became; or `CredentialsRefused`, if a listing with the same client is refused for its credentials. */
export async function nameRefusal(
  error: unknown,
  failure: TransferError,
  client: S3Client,
  bucket: string,
): Promise<TransferError> {
  if (!isUnnamedRefusal(error)) return failure;
  try {
    await client.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 }));
    return failure;
  } catch (again) {
    const named = toTransferError(again, `the bucket ${bucket}`, failure.location);
    return isTransferError(named, 'CredentialsRefused') ? named : failure;
  }
}
