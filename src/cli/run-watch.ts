/** Follows a run until it is closed: progress on the way, its result at the end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/common';
import type { DeletesProgress } from '../domain/deletes';
import type { Progress, RunResult } from '../domain/run-result';
import { formatBytes, formatRate } from '../domain/sizes';
import { queryProgress } from './live-progress';
import type { RunHandle } from './run-handle';

const EVERY_MS = 1000;

export type RunEnd =
  | { readonly outcome: 'completed'; readonly result: RunResult }
  | { readonly outcome: 'failed' | 'cancelled'; readonly message: string };

/** `onProgress` is called about once a second, when something has changed; `onNews` when the run is parked, and when it goes on. */
export async function watchRun(
  handle: RunHandle,
  onProgress: (progress: Progress) => void,
  onNews: (line: string) => void = () => undefined,
): Promise<RunEnd> {
  const end = endOf(handle);
  let told = '';
  let parked = false;
  for (;;) {
    const progress = await queryProgress(handle);
    const pause = sleep(EVERY_MS, undefined, { ref: false });
    const ended = await Promise.race([end, pause]);
    if (ended !== undefined) return ended;
    if (progress === undefined) continue;
    if ((progress.parked !== undefined) !== parked) onNews(parkingLine(progress));
    parked = progress.parked !== undefined;
    const now = JSON.stringify(progress);
    if (now !== told) onProgress(progress);
    told = now;
  }
}

export async function endOf(handle: RunHandle): Promise<RunEnd> {
  try {
    return { outcome: 'completed', result: await handle.result() };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { cause } = error;
    if (cause instanceof CancelledFailure) return { outcome: 'cancelled', message: 'The run was cancelled.' };
    return { outcome: 'failed', message: reasonOf(cause) };
  }
}

/** The innermost failure says what is wrong; the outer ones only where. */
function reasonOf(error: unknown): string {
  if (error instanceof TerminatedFailure)
    return 'The run was terminated: no clean-up was possible. The next run cleans up and goes on.';
  if (error instanceof TimeoutFailure) return 'The run timed out.';
  const { cause, message } = error as { cause?: unknown; message?: string };
  if (cause !== undefined && !(error instanceof ApplicationFailure && error.type)) return reasonOf(cause);
  return message ?? String(error);
}

function parkingLine({ transfer, parked }: Progress): string {
  if (parked === undefined) return `${transfer}: the credentials work again, and the run goes on.`;
  return `${transfer}: parked: ${parked.message}. Put the right credentials in place, then: ferry resume ${transfer}`;
}

/** One line for people. */
export function progressLine(progress: Progress): string {
  const { transfer, state, parked, counters, pending, listingDone, holds, bandwidth, deletes } = progress;
  const { listed, copied, skipped, deleted, failed, bytesCopied } = counters;
  const held =
    holds.length === 0
      ? ''
      : `, on hold: ${holds.map((hold) => (hold === '' ? 'everything' : JSON.stringify(hold))).join(' ')}`;
  const limit = bandwidth === undefined ? '' : `, limited to ${formatRate(bandwidth)}`;
  const why = parked === undefined ? '' : `; parked since ${parked.since}: ${parked.message}`;
  const total = listingDone ? `${listed} listed` : `${listed} listed so far`;
  return `${transfer}: ${state}, ${total}: ${copied} copied (${formatBytes(bytesCopied)}), ${skipped} skipped, ${deletedWords(deleted)}${failed} failed, ${pending} to go${held}${limit}${why}${deletesWords(deletes)}`;
}

/** Nothing of deletes is said where there were none. */
export const deletedWords = (deleted: number): string => (deleted === 0 ? '' : `${deleted} deleted, `);

function deletesWords(deletes: DeletesProgress | undefined): string {
  if (deletes?.doing === 'searching') return '; looking for what is to be deleted';
  if (deletes?.doing === 'deleting') return `; ${deletes.count ?? 0} to delete`;
  if (deletes === undefined) return '';
  const { count = 0, digest = '', max, until = '', approve = '' } = deletes;
  return `; ${count} objects are to be deleted in the target, more than deletes.max (${max}). Digest ${digest}. Until ${until} they may be approved with: ${approve}`;
}
