/** The activities that move bytes: task queue `ferry-copy`. Long, heartbeating, and resumed by whoever is next. */
import { activityInfo } from '@temporalio/activity';
import type { CrcChecksum } from '../domain/checksum';
import type { CopyTask, PartsProgress } from '../domain/copy-task';
import type { Transfer } from '../domain/transfer';
import { TransferError } from '../domain/transfer-error';
import type { PackRequest, PackResult } from '../domain/work';
import { copyPack, type PackCheckpoint } from '../transfer/copy-pack';
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
  /** Attempts in a row that added no part. */
  readonly barren: number;
}

const MAX_BARREN_ATTEMPTS = 5;

export function createCopyActivities({ engine, openReports }: CopyActivityDeps) {
  return {
    /** Uploads what is missing; `stopped` when it was asked to stop first. Gives up after five attempts in a row that added no part. */
    async copyParts(task: CopyTask): Promise<MoveResult> {
      return heartbeating<CopyPartsDetails, MoveResult>(async ({ last, stop, report }) => {
        if (task.plan.kind === 'put') return putOnce(task, engine, stop);
        let barren = 0;
        let first = true;
        const { state, checksum } = await copyParts(task, engine, {
          stop,
          onProgress: (progress) => {
            if (first) barren = last === undefined || progress.parts > last.parts ? 0 : last.barren + 1;
            else barren = 0;
            first = false;
            if (barren >= MAX_BARREN_ATTEMPTS) {
              throw new TransferError(
                'NoProgress',
                `${barren} attempts in a row have added no part to ${task.targetKey}`,
                { key: task.targetKey },
              );
            }
            report({ ...progress, barren });
          },
        });
        return { state, ...(checksum === undefined ? {} : { checksum }) };
      });
    },

    /** Copies the small objects of one range; keeps the report's lines before the cursor that relies on them. */
    async copyPack(request: PackRequest): Promise<PackResult> {
      const reports = openReports(request.transfer);
      const { attempt } = activityInfo();
      const { run, group, pack, sequence } = request;
      const named = (segment: number) => packSegment({ run: run.id, group, pack, sequence, segment, attempt });
      return heartbeating<PackCheckpoint, PackResult>(({ last, stop, report }) =>
        copyPack(request, engine, {
          stop,
          ...(last === undefined ? {} : { from: last }),
          onLines: (lines, segment) => writeSegment(reports, named(segment), lines),
          onCheckpoint: report,
        }),
      );
    },
  };
}

/** A second attempt first looks whether the first one did it and its answer was lost. */
async function putOnce(task: CopyTask, engine: Engine, stop: AbortSignal): Promise<MoveResult> {
  if (activityInfo().attempt > 1) {
    const head = await engine.openStore(task.target).head({ key: task.targetKey });
    if (head !== undefined && isOwnCopy(head, task.run, task.pinned)) return { state: 'complete' };
  }
  if (stop.aborted) return { state: 'stopped' };
  const { checksum } = await putWhole(task, engine, stop);
  return { state: 'complete', checksum };
}
