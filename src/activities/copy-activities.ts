/** The activities that move bytes: task queue `ferry-copy`. Long, heartbeating, and resumed by whoever is next. */
import { activityInfo } from '@temporalio/activity';
import type { CrcChecksum } from '../domain/checksum';
import type { CopyTask, PartsProgress } from '../domain/copy-task';
import type { Transfer } from '../domain/transfer';
import { isTransferError, TransferError } from '../domain/transfer-error';
import type { PackRequest, PackResult } from '../domain/work';
import { copyPack } from '../transfer/copy-pack';
import type { PackCheckpoint } from '../transfer/pack-log';
import { copyParts } from '../transfer/copy-parts';
import type { Engine } from '../transfer/engine';
import { isOwnCopy } from '../transfer/own-copy';
import { putWhole } from '../transfer/put-whole';
import { packSegment } from '../transfer/report-names';
import { writeSegment, type ReportFiles } from '../transfer/report-store';
import { heartbeating } from './heartbeating';

export interface CopyActivityDeps {
  readonly engine: Engine;
  openReports(transfer: Transfer): ReportFiles;
}

export interface MoveResult {
  readonly state: 'complete' | 'stopped';
  readonly checksum?: CrcChecksum;
}

/** Heartbeat details of `copyParts`; `ferry status` reads them for its bars. */
export interface CopyPartsDetails extends PartsProgress {
  /** Attempts in a row that added no part, be it that they failed or that their worker died. */
  readonly barren: number;
  /** Those that failed, of an object in one piece too. */
  readonly failures?: number;
}

const MAX_BARREN_ATTEMPTS = 5;

/** A pack that takes longer gives up its place, and stands in line behind the packs of other transfers. */
const MAX_PACK_MS = 60_000;

export function createCopyActivities({ engine, openReports }: CopyActivityDeps) {
  return {
    /** Uploads what is missing; `stopped` when it was asked to stop first. Gives up after five attempts in a row that added no part. */
    async copyParts(task: CopyTask): Promise<MoveResult> {
      return heartbeating<CopyPartsDetails, MoveResult>(async ({ last, stop, report }) => {
        let now: CopyPartsDetails = { parts: 0, bytes: 0, barren: 0, ...last };
        const seen = { added: false };
        try {
          if (task.plan.kind === 'put') return await putOnce(task, engine, stop);
          let barren = 0;
          let first = true;
          const { state, checksum } = await copyParts(task, engine, {
            stop,
            onProgress: (progress) => {
              if (first) barren = last === undefined || progress.parts > last.parts ? 0 : last.barren + 1;
              else barren = 0;
              if (!first) seen.added = true;
              first = false;
              if (barren >= MAX_BARREN_ATTEMPTS) throw noProgress(task, barren);
              now = { ...progress, barren };
              report(now);
            },
          });
          return { state, ...(checksum === undefined ? {} : { checksum }) };
        } catch (error) {
          if (!isTransferError(error) || !error.retryable) throw error;
          const failures = seen.added ? 1 : (last?.failures ?? 0) + 1;
          if (failures >= MAX_BARREN_ATTEMPTS) throw noProgress(task, failures, error);
          report({ ...now, failures });
          throw error;
        }
      });
    },

    /** Copies the small objects of one range, for a minute; keeps the report's lines before the cursor that relies on them. */
    async copyPack(request: PackRequest): Promise<PackResult> {
      const reports = openReports(request.transfer);
      const { attempt } = activityInfo();
      const { run, group, pack, sequence } = request;
      const named = (segment: number) => packSegment({ run: run.id, group, pack, sequence, segment, attempt });
      return heartbeating<PackCheckpoint, PackResult>(({ last, stop, report }) =>
        copyPack(request, engine, {
          stop,
          enough: AbortSignal.timeout(MAX_PACK_MS),
          retried: attempt > 1 || request.sequence > 1,
          ...(last === undefined ? {} : { from: last }),
          onLines: (lines, segment) => writeSegment(reports, named(segment), lines),
          onCheckpoint: report,
        }),
      );
    },
  };
}

function noProgress({ targetKey: key }: CopyTask, attempts: number, last?: TransferError): TransferError {
  const why = last === undefined ? '' : `: ${last.message}`;
  return new TransferError('NoProgress', `${attempts} attempts in a row have added no part to ${key}${why}`, { key });
}

/** A second attempt first looks whether the first one did it and its answer was lost. */
async function putOnce(task: CopyTask, engine: Engine, stop: AbortSignal): Promise<MoveResult> {
  if (activityInfo().attempt > 1) {
    const head = await engine.openStore(task.target).head({ key: task.targetKey });
    if (head !== undefined && isOwnCopy(head, task.run, task.pinned)) return { state: 'complete' };
  }
  const stopped = () => stop.aborted;
  if (stopped()) return { state: 'stopped' };
  try {
    const { checksum } = await putWhole(task, engine, stop);
    return { state: 'complete', checksum };
  } catch (error) {
    if (stopped() && (!isTransferError(error) || error.retryable)) return { state: 'stopped' };
    throw error;
  }
}
