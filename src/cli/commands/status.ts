/** `ferry status`. */
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Command } from 'commander';
import type { Progress, RunResult } from '../../domain/run-result';
import { formatBytes, formatDuration, formatRate } from '../../domain/sizes';
import type { transferBucket } from '../../workflows/transfer-bucket';
import type { Context } from '../context';
import { objectsInFlight, type ObjectInFlight } from '../objects-in-flight';
import { workflowIdOf, type RunHandle } from '../run-handle';
import type { AttemptTold } from '../../transfer/job-attempts';
import { queryProgress } from '../live-progress';
import { deletedWords, endOf, progressLine } from '../run-watch';
import { transferCommand } from '../transfer-command';

interface StatusOptions {
  readonly watch?: boolean;
}

interface Status {
  readonly transfer: string;
  readonly state: string;
  readonly runId?: string;
  readonly startedAt?: string;
  /** Once it is over. */
  readonly closedAt?: string;
  readonly progress?: Progress;
  /** Since the run began. */
  readonly bytesPerSecond?: number;
  /** Known once the listing is done. */
  readonly secondsLeft?: number;
  readonly objects?: readonly ObjectInFlight[];
  readonly result?: RunResult;
  readonly message?: string;
}

const WATCH_MS = 1000;
const MAX_OBJECTS = 10;
const BAR = 24;

export function addStatus(program: Command): void {
  transferCommand<StatusOptions>(
    program,
    'status',
    'Shows runs: progress, rate, time left, and the objects in flight.',
    (command) => command.option('--watch', 'go on until the run is over'),
    async (context, name, { watch = false }) => {
      await context.withTemporal(async (client) => {
        for (;;) {
          const all = await Promise.all(
            (await namesOf(context, client, name)).map((transfer) => statusOf(client, transfer)),
          );
          show(context, all, watch);
          if (!watch || !all.some(({ state }) => state === 'running')) {
            context.document(name === undefined && !context.hasFile ? all : all[0]);
            return;
          }
          await sleep(WATCH_MS);
        }
      });
    },
  );
}

/** Without NAME: every transfer that has ever run here, and those of the configuration if there is one. */
async function namesOf(context: Context, client: Client, name: string | undefined): Promise<readonly string[]> {
  if (name !== undefined || context.hasFile) return [await context.transferName(name)];
  const names = new Set<string>();
  const configured = await context.loadConfig().catch(() => undefined);
  for (const { transfer } of configured?.transfers ?? []) names.add(transfer.name);
  for await (const { workflowId } of client.workflow.list({ query: `WorkflowType = 'transferBucket'` })) {
    names.add(workflowId.replace(/^ferry-/, ''));
  }
  return [...names].sort();
}

async function statusOf(client: Client, transfer: string): Promise<Status> {
  const current = client.workflow.getHandle<typeof transferBucket>(workflowIdOf(transfer));
  const description = await current.describe().catch((error: unknown) => {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  });
  if (description === undefined) return { transfer, state: 'never run' };
  const { runId, startTime } = description;
  const base = { transfer, runId, startedAt: startTime.toISOString() };
  const handle: RunHandle = client.workflow.getHandle<typeof transferBucket>(workflowIdOf(transfer), runId);
  if (description.status.name !== 'RUNNING') {
    const end = await endOf(handle);
    const facts = end.outcome === 'completed' ? { result: end.result } : { message: end.message };
    const closed = description.closeTime === undefined ? {} : { closedAt: description.closeTime.toISOString() };
    return { ...base, ...closed, state: description.status.name.toLowerCase(), ...facts };
  }
  const progress = await queryProgress(handle);
  if (progress === undefined)
    return { ...base, state: 'running', message: 'No worker answers: is `ferry worker` running?' };
  const objects = await objectsInFlight(client, transfer, MAX_OBJECTS);
  return { ...base, state: 'running', progress, objects, ...pace(progress, objects, startTime) };
}

/** Bytes in flight count as moved: a single large object shows its rate too. */
function pace(
  { counters, listingDone, holds, parked, pending }: Progress,
  objects: readonly ObjectInFlight[],
  startTime: Date,
): Pick<Status, 'bytesPerSecond' | 'secondsLeft'> {
  const moved = counters.bytesCopied + objects.reduce((sum, { bytes }) => sum + bytes, 0);
  const bytesPerSecond = Math.round(moved / Math.max(1, (Date.now() - startTime.getTime()) / 1000));
  const left = objects.reduce((sum, { size, bytes }) => sum + size - bytes, 0);
  // What waits for its turn has no size here: the time is told only when all that is left is in flight.
  const goesOn = holds.length === 0 && parked === undefined;
  const known = listingDone && bytesPerSecond > 0 && goesOn && objects.length === pending;
  return { bytesPerSecond, ...(known ? { secondsLeft: Math.round(left / bytesPerSecond) } : {}) };
}

function show(context: Context, all: readonly Status[], watch: boolean): void {
  if (watch && process.stdout.isTTY && !context.json) process.stdout.write('\x1b[2J\x1b[H');
  if (all.length === 0) context.print('No transfer has run here yet. Start one with: ferry run NAME');
  for (const status of all) for (const line of linesOf(status)) (context.json ? context.progress : context.print)(line);
}

function linesOf({
  transfer,
  state,
  progress,
  result,
  message,
  objects = [],
  bytesPerSecond,
  secondsLeft,
  startedAt,
  closedAt,
}: Status): string[] {
  if (progress !== undefined) {
    const rate = bytesPerSecond === undefined || bytesPerSecond === 0 ? '' : `, ${formatRate(bytesPerSecond)}`;
    const left = secondsLeft === undefined ? '' : `, ${formatDuration(secondsLeft * 1000)} left`;
    return [`${progressLine(progress)}${rate}${left}`, ...objects.flatMap(linesOfObject)];
  }
  if (result !== undefined) {
    const { copied, bytesCopied, skipped, deleted, failed, finishedAt, deletes } = result;
    return [
      `${transfer}: ${state} ${finishedAt}: ${copied} copied (${formatBytes(bytesCopied)}), ${skipped} skipped, ${deletedWords(deleted)}${failed} failed`,
      ...(deletes?.message === undefined ? [] : [`  ${deletes.message}`]),
    ];
  }
  const since = startedAt === undefined ? '' : ` since ${startedAt}`;
  return [
    `${transfer}: ${state}${closedAt === undefined ? since : ` ${closedAt}`}${message === undefined ? '' : `: ${message}`}`,
  ];
}

function linesOfObject(object: ObjectInFlight): string[] {
  const { attempts = [], doubles = 0 } = object.job ?? {};
  return [
    barOf(object),
    ...attempts.map((attempt, i) => `      attempt ${i + 1} ${endOfAttempt(attempt)}`),
    ...(doubles === 0 ? [] : [`      ${doubles} more jobs were there for it, and were ended`]),
  ];
}

function endOfAttempt({ queue, exitCode, reason, logStream, bytes }: AttemptTold): string {
  const code = exitCode === undefined ? '' : ` with exit code ${exitCode}`;
  const why = reason === undefined ? '' : ` (${reason})`;
  const log = logStream === undefined ? '' : `, log ${logStream}`;
  return `in ${queue} ended${code}${why}, ${formatBytes(bytes)} saved${log}`;
}

function barOf({ key, size, bytes, doing }: ObjectInFlight): string {
  const share = size === 0 ? 0 : Math.min(1, bytes / size);
  const full = Math.round(share * BAR);
  return `  [${'#'.repeat(full)}${'.'.repeat(BAR - full)}] ${String(Math.floor(share * 100)).padStart(3)} % of ${formatBytes(size)}  ${key} (${doing})`;
}
