/** A request without a body of ours has a deadline, beside its caller's signal. One with bytes of an object is watched by the engine instead. */
import type { RequestOptions } from '../transfer/object-store';
import type { HttpOptions } from './s3-request';

/** An answer that takes longer is not coming. */
const SMALL_REQUEST_MS = 60_000;
/** Completing a large upload may take S3 minutes: docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html */
export const COMPLETE_MS = 900_000;

/**
 * Rejects with a `TimeoutError` where `send` does not settle in time and then gives up. Nothing of it outlives `send`: with
 * `AbortSignal.timeout`, thousands of timers of answered requests wait for their minute, each with what its caller holds.
 */
export async function withDeadline<T>(
  { abortSignal }: RequestOptions = {},
  send: (options: HttpOptions) => Promise<T>,
  ms = SMALL_REQUEST_MS,
): Promise<T> {
  const either = new AbortController();
  let late: Error | undefined;
  const expire = () => {
    late = Object.assign(new Error(`No answer within ${ms / 1000} s`), { name: 'TimeoutError' });
    either.abort(late);
  };
  const stop = () => either.abort(abortSignal?.reason);
  const timer = setTimeout(expire, ms);
  abortSignal?.addEventListener('abort', stop, { once: true });
  if (abortSignal?.aborted === true) stop();
  try {
    return await send({ abortSignal: either.signal });
  } catch (error) {
    throw late ?? error;
  } finally {
    clearTimeout(timer);
    abortSignal?.removeEventListener('abort', stop);
  }
}
