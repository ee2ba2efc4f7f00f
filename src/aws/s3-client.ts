/** One S3 client for one bucket reference: the SDK's own protocol, with its traps turned off, and credentials that may change under it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { UndiciHttpHandler } from '@smithy/undici-http-handler';
import { Connections } from '../wire/connections';
import type { BucketRef } from '../domain/transfer';
import { TransferError, type ErrorLocation } from '../domain/transfer-error';
import { WireHandler } from './wire-handler';
import type { AwsCredentials, CredentialsSource } from './credentials';
import { nameRefusal, refusedAlone } from './credentials-canary';
import { toTransferError } from './s3-error';

export interface S3Caller {
  /** Sends, with fresh credentials once if the store refuses the old ones. Rejects with `TransferError`. */
  call<T>(location: ErrorLocation, send: (client: S3Client) => Promise<T>): Promise<T>;
  /** For a body that can be sent once: where fresh credentials are there, it rejects with an error that may be tried again. */
  callOnce<T>(location: ErrorLocation, send: (client: S3Client) => Promise<T>): Promise<T>;
  /** The client for the credentials of this moment, for a library that wants one. */
  client(): Promise<S3Client>;
}

/** Undefined credentials: the SDK's default chain, which renews by itself. */
export function s3Caller(ref: BucketRef, credentials: CredentialsSource | undefined): S3Caller {
  const requestHandler = new WireHandler(httpHandler(), new Connections(PATIENCE));
  const service = `the bucket ${ref.bucket}`;
  const clientFor = newest((value) => s3Client(ref, { requestHandler, ...(value ? { credentials: value } : {}) }));
  const patientClientFor = newest((value) =>
    s3Client(ref, { requestHandler, maxAttempts: LIBRARY_ATTEMPTS, ...(value ? { credentials: value } : {}) }),
  );

  /** Until the credentials are not refused, or reading them anew is no use any more. */
  const attempt = async <T>(
    location: ErrorLocation,
    send: (client: S3Client) => Promise<T>,
    repeatable: boolean,
  ): Promise<T> => {
    let used = await credentials?.get();
    for (let reading = 1; ; reading++) {
      try {
        return await send(clientFor(used));
      } catch (error) {
        const told = toTransferError(error, service, { bucket: ref.bucket, ...location });
        const failure = await nameRefusal(error, told, clientFor(used), ref.bucket);
        if (failure.code !== 'CredentialsRefused' || credentials === undefined || used === undefined) throw failure;
        const renewed: AwsCredentials | undefined = await renew(credentials, used, reading);
        if (renewed === undefined) throw await refusedAlone(error, failure, clientFor(used), ref.bucket);
        if (!repeatable)
          throw new TransferError('Unavailable', `${failure.message}. They have been renewed since`, failure.location);
        used = renewed;
      }
    }
  };

  return {
    client: async () => patientClientFor(await credentials?.get()),
    call: (location, send) => attempt(location, send, true),
    callOnce: (location, send) => attempt(location, send, false),
  };
}

/** Other credentials than those that were refused; undefined: there are none, and waiting is of no use. */
async function renew(
  credentials: CredentialsSource,
  refused: AwsCredentials,
  reading: number,
): Promise<AwsCredentials | undefined> {
  for (let attempt = reading; attempt <= credentials.readings; attempt++) {
    const renewed = await credentials.replace(refused);
    if (renewed !== refused) return renewed;
    if (attempt < credentials.readings) await sleep(Math.random() * HALF_ROTATED_MS * 2 ** attempt);
  }
  return undefined;
}

/** How long the second half of a rotated pair may let itself be waited for, before the first try; it doubles. */
const HALF_ROTATED_MS = 1000;

/** Keeps the client of the credentials that were asked for last. */
function newest(make: (credentials: AwsCredentials | undefined) => S3Client) {
  let current: { readonly credentials: AwsCredentials | undefined; readonly client: S3Client } | undefined;
  return (credentials: AwsCredentials | undefined): S3Client => {
    if (current === undefined || current.credentials !== credentials)
      current = { credentials, client: make(credentials) };
    return current.client;
  };
}

/** For a library that sends by itself, and knows no retries of ours. */
const LIBRARY_ATTEMPTS = 5;

/** Every error is thrown; the SDK's own words to the console (of a streamed body that it will not send again) tell nobody anything. */
const ignore = () => undefined;
const SILENT = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };

function s3Client(ref: BucketRef, more: S3ClientConfig): S3Client {
  const client = new S3Client({
    region: ref.region,
    forcePathStyle: ref.forcePathStyle,
    ...(ref.endpoint === undefined ? {} : { endpoint: ref.endpoint }),
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // A body is sent once: the SDK would follow with an empty one. A wrong region is found in preflight, and told.
    followRegionRedirects: false,
    // The SDK's retries draw on one budget that all requests of a client share, and hide a store that asks to slow down: the engine retries.
    maxAttempts: 1,
    logger: SILENT,
    ...more,
  });
  // It copies each answer for a log that nobody keeps.
  client.middlewareStack.remove('loggerMiddleware');
  return client;
}

/** Completing a large upload may take minutes without a byte, so the answer's head gets ten; a body that is silent for 20 s is dead. */
const CONNECT_MS = 10_000;
const HEAD_MS = 600_000;
const SILENCE_MS = 20_000;
/** Shorter than stores keep theirs. */
const IDLE_MS = 4_000;
const PATIENCE = { connectMs: CONNECT_MS, headMs: HEAD_MS, silenceMs: SILENCE_MS, idleMs: IDLE_MS };

/** undici: a dead response body ends with an error, where the default handler can hang for ever (aws-sdk-js-v3 issue 8098). */
export function httpHandler(): UndiciHttpHandler {
  return new UndiciHttpHandler({
    dispatcher: {
      // As many as a bucket's pace lets through.
      connections: 512,
      pipelining: 1,
      bodyTimeout: SILENCE_MS,
      headersTimeout: HEAD_MS,
      connect: { timeout: CONNECT_MS },
    },
  });
}
