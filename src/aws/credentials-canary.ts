/** Tells by a listing, whose answer has a body that names what is wrong, what a refusal is about: the credentials or the one request. */
import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { isTransferError, TransferError } from '../domain/transfer-error';
import { withDeadline } from './deadline';
import { isUnnamedRefusal, toTransferError } from './s3-error';

/** `failure`, which is what `error` became; or `CredentialsRefused`, if a listing with the same client is refused for its credentials. */
export async function nameRefusal(
  error: unknown,
  failure: TransferError,
  client: S3Client,
  bucket: string,
): Promise<TransferError> {
  if (!isUnnamedRefusal(error)) return failure;
  const refusal = await refusalOfListing(client, bucket, failure);
  return isTransferError(refusal, 'CredentialsRefused') ? refusal : failure;
}

/**
 * A signature that does not fit, by a key whose listing is answered, is this request's own: a header with other characters
 * than ASCII comes to the store as other bytes than were signed. Any other refusal stays what it is.
 */
export async function refusedAlone(
  error: unknown,
  failure: TransferError,
  client: S3Client,
  bucket: string,
): Promise<TransferError> {
  if ((error as { readonly name?: string }).name !== 'SignatureDoesNotMatch') return failure;
  if ((await refusalOfListing(client, bucket, failure)) !== undefined) return failure;
  return new TransferError(
    'BadRequest',
    `The bucket ${bucket} takes this key's signature, but not that of ${failure.location.operation ?? 'this request'}: the object's headers or metadata may hold characters that are not ASCII. Have its owner change them, or set \`metadata.copy: false\``,
    failure.location,
  );
}

/** Undefined: it was answered. */
async function refusalOfListing(
  client: S3Client,
  bucket: string,
  { location }: TransferError,
): Promise<TransferError | undefined> {
  const listing = new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 1 });
  try {
    await withDeadline({}, (http) => client.send(listing, http));
    return undefined;
  } catch (error) {
    return toTransferError(error, `the bucket ${bucket}`, location);
  }
}
