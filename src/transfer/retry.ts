/** Sends one request again, with full jitter, while its error says that this may help and nobody has asked to stop. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isTransferError, type TransferErrorCode } from '../domain/transfer-error';

export interface RetryOptions {
  /** @default 8 */
  readonly attempts?: number;
  /** The longest wait before the second try; it doubles. A store that asks to slow down gets five times as much. @default 200 */
  readonly baseMs?: number;
  /** @default 20_000 */
  readonly capMs?: number;
  /** Of the errors that may pass, those alone. @default all */
  readonly only?: TransferErrorCode;
  /** Ends the waiting: the last error is thrown. */
  readonly stop?: AbortSignal | undefined;
}

const THROTTLED_FACTOR = 5;

/** `attempt` counts from 1. Full jitter: aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter */
export async function retrying<T>(work: (attempt: number) => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const { attempts = 8, baseMs = 200, capMs = 20_000, only, stop } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      if (!isTransferError(error) || !error.retryable || attempt >= attempts || stop?.aborted) throw error;
      if (only !== undefined && error.code !== only) throw error;
      const base = error.code === 'Throttled' ? THROTTLED_FACTOR * baseMs : baseMs;
      const longest = Math.min(capMs, base * 2 ** (attempt - 1));
      await sleep(Math.random() * longest, undefined, stop ? { signal: stop } : {}).catch(() => undefined);
      if (stop?.aborted) throw error;
    }
  }
}
