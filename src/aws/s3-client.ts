/** One S3 client for one bucket reference: the SDK's own protocol, with its traps turned off, and credentials that may change under it. */
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { UndiciHttpHandler } from '@smithy/undici-http-handler';
import type { BucketRef } from '../domain/transfer';
import { isTransferError, type ErrorLocation } from '../domain/transfer-error';
import type { AwsCredentials, CredentialsSource } from './credentials';
import { toTransferError } from './s3-error';

export interface S3Caller {
  /** Sends, with fresh credentials once if the store refuses the old ones. Rejects with `TransferError`. */
  call<T>(location: ErrorLocation, send: (client: S3Client) => Promise<T>): Promise<T>;
  /** The client for the credentials of this moment, for a library that wants one. */
  client(): Promise<S3Client>;
}

/** Undefined credentials: the SDK's default chain, which renews by itself. */
export function s3Caller(ref: BucketRef, credentials: CredentialsSource | undefined): S3Caller {
  const requestHandler = httpHandler();
  let current: { readonly credentials: AwsCredentials | undefined; readonly client: S3Client } | undefined;
  const clientFor = (value: AwsCredentials | undefined): S3Client => {
    if (current === undefined || current.credentials !== value) {
      current = {
        credentials: value,
        client: new S3Client({ ...baseConfig(ref), requestHandler, ...(value ? { credentials: value } : {}) }),
      };
    }
    return current.client;
  };
  const service = `the bucket ${ref.bucket}`;
  return {
    client: async () => clientFor(await credentials?.get()),
    async call(location, send) {
      const where = { bucket: ref.bucket, ...location };
      const used = await credentials?.get();
      try {
        return await send(clientFor(used));
      } catch (error) {
        const failure = toTransferError(error, service, where);
        if (credentials === undefined || used === undefined || !isTransferError(failure, 'CredentialsRefused'))
          throw failure;
        const renewed = await credentials.replace(used);
        if (renewed === used) throw failure;
        return send(clientFor(renewed)).catch((again: unknown) => {
          throw toTransferError(again, service, where);
        });
      }
    },
  };
}

function baseConfig(ref: BucketRef): S3ClientConfig {
  return {
    region: ref.region,
    forcePathStyle: ref.forcePathStyle,
    ...(ref.endpoint === undefined ? {} : { endpoint: ref.endpoint }),
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    followRegionRedirects: ref.endpoint === undefined,
    // An outage must not use up the retry budget that all requests of a client share: the engine retries parts by itself.
    maxAttempts: 3,
  };
}

/**
 * undici: a dead response body ends with an error, where the default handler can hang for ever (aws-sdk-js-v3 issue 8098).
 * Completing a large upload may take minutes without a byte, so the answer's head gets ten; a body that is silent for 20 s is dead.
 */
export function httpHandler(): UndiciHttpHandler {
  return new UndiciHttpHandler({
    dispatcher: {
      connections: 128,
      pipelining: 1,
      bodyTimeout: 20_000,
      headersTimeout: 600_000,
      connect: { timeout: 10_000 },
    },
  });
}
