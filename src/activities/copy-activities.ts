/** The activities that move bytes: task queue `ferry-copy`. Long, heartbeating, and resumed by whoever is next. */
import { activityInfo } from '@temporalio/activity';
import type { CrcChecksum } from '../domain/checksum';
import type { CopyTask, PartsProgress } from '../domain/copy-task';
import { isTransferError, TransferError } from '../domain/transfer-error';
import type { PackRequest, PackResult } from '../domain/work';
import { copyPack } from '../transfer/copy-pack';
import type { PackCheckpoint } from '../transfer/pack-log';
import { copyParts } from '../transfer/copy-parts';
import type { OpenResult } from '../transfer/open-transfer';
import { putWhole, type PutWholeResult } from '../transfer/put-whole';
import { packSegment } from '../transfer/report-names';
import { writeSegment } from '../transfer/report-store';
import type { SealResult } from '../transfer/seal-transfer';
import { heartbeating } from './heartbeating';
import { ObjectSteps, type ObjectStepsDeps, type OpenInput } from './object-steps';

export interface MoveResult {
  readonly state: 'complete' | 'stopped';
  readonly checksum?: CrcChecksum;
}

/** Heartbeat details of `copyParts`; `ferry status` reads them for its bars. */
export interface CopyPartsDetails extends PartsProgress {
  /** Attempts in a row that added no part, be it that they failed or that their worker died. */
  readonly barren: number;
  readonly failures?: number;
}

/** Heartbeat details of `copyWhole`. */
interface CopyWholeDetails {
  /** Attempts in a row that failed by themselves: one whose worker is lost does not count. */
  readonly failures: number;
}

/** `open`: it is not to be written in one piece, and for `copyParts`. */
export type WholeResult = OpenResult | Extract<SealResult, { readonly kind: 'sealed' }> | { readonly kind: 'stopped' };

const MAX_BARREN_ATTEMPTS = 5;
/** With the pauses between them they outlast an outage of some minutes. */
const MAX_WHOLE_FAILURES = 12;

/** A pack that takes longer gives up its place, and stands in line behind the packs of other transfers. */
const MAX_PACK_MS = 60_000;

export function createCopyActivities(deps: ObjectStepsDeps) {
  const { engine, openReports } = deps;
  const steps = new ObjectSteps(deps);

  const putAndSeal = async (
    { since, ...ref }: OpenInput,
    { task, reason }: Extract<OpenResult, { readonly kind: 'open' }>,
    stop: AbortSignal,
  ): Promise<WholeResult> => {
    const stopped = () => stop.aborted;
    if (stopped()) return { kind: 'stopped' };
    let put: PutWholeResult;
    try {
      put = await putWhole(task, engine, stop);
    } catch (error) {
      if (stopped() && (!isTransferError(error) || error.retryable)) return { kind: 'stopped' };
      throw error;
    }
    const sealed = await steps.seal(ref, { task, reason, route: ref.object.route, since, put });
    if (sealed.kind === 'incomplete') throw new Error(`${task.targetKey} has no parts that could be missing`);
    return sealed;
  };

  return {
    /** Uploads what is missing; `stopped` when it was asked to stop first. Gives up after five attempts in a row that added no part. */
    async copyParts(task: CopyTask): Promise<MoveResult> {
      return heartbeating<CopyPartsDetails, MoveResult>(async ({ last, stop, report }) => {
        let now: CopyPartsDetails = { parts: 0, bytes: 0, barren: 0, ...last };
        const seen = { added: false };
        try {
          let barren = 0;
          let first = true;
          const { state, checksum } = await copyParts(task, engine, {
            stop,
            onProgress: (progress) => {
              if (first) barren = last === undefined || progress.parts > last.parts ? 0 : last.barren + 1;
              else barren = 0;
              if (!first) seen.added = true;
              first = false;
              if (barren >= MAX_BARREN_ATTEMPTS) throw noProgress(task.targetKey, barren);
              now = { ...progress, barren };
              report(now);
            },
          });
          return { state, ...(checksum === undefined ? {} : { checksum }) };
        } catch (error) {
          if (!isTransferError(error) || !error.retryable) throw error;
          const failures = seen.added ? 1 : (last?.failures ?? 0) + 1;
          if (failures >= MAX_BARREN_ATTEMPTS) throw noProgress(task.targetKey, failures, error);
          report({ ...now, failures });
          throw error;
        }
      });
    },

    /** The whole life of an object that one PutObject takes: a child that runs one activity costs half of one that runs three. */
    async copyWhole(input: OpenInput): Promise<WholeResult> {
      return heartbeating<CopyWholeDetails, WholeResult>(async ({ last, stop, report }) => {
        try {
          const opened = await steps.open(input, activityInfo().attempt);
          if (opened.kind === 'done' || opened.task.plan.kind !== 'put') return opened;
          return await putAndSeal(input, opened, stop);
        } catch (error) {
          if (!isTransferError(error) || !error.retryable) throw error;
          const failures = (last?.failures ?? 0) + 1;
          if (failures >= MAX_WHOLE_FAILURES) throw noProgress(input.object.key, failures, error);
          report({ failures });
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

function noProgress(key: string, attempts: number, last?: TransferError): TransferError {
  const why = last === undefined ? '' : `: ${last.message}`;
  return new TransferError('NoProgress', `${attempts} attempts in a row have added no part to ${key}${why}`, { key });
}
