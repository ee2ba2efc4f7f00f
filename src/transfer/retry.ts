/** Sends one request again, with full jitter, while its error says that this may help and nobody has asked to stop. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isTransferError } from '../domain/transfer-error';

export interface RetryOptions {
  /** @default 8 */
  readonly attempts?: number;
  /** The longest wait before the second try; it doubles. @default 200 */
  readonly baseMs?: number;
  /** @default 20_000 */
  readonly capMs?: number;
  /** Ends the waiting: the last error is thrown. */
  readonly stop?: AbortSignal;
}

/** Full jitter: aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter */
export async function retrying<T>(work: () => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const { attempts = 8, baseMs = 200, capMs = 20_000, stop } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isTransferError(error) || !error.retryable || attempt >= attempts || stop?.aborted) throw error;
      const longest = Math.min(capMs, baseMs * 2 ** (attempt - 1));
      await sleep(Math.random() * longest, undefined, stop ? { signal: stop } : {}).catch(() => undefined);
      if (stop?.aborted) throw error;
    }
  }
}
