/** The children of a lane: how each kind of work is started, and what its end means. */
import { ParentClosePolicy } from '@temporalio/workflow';
import type { Counters } from '../domain/counters';
import type { Transfer } from '../domain/transfer';
import type { ObjectSpec, RunInfo } from '../domain/work';
import { startExclusiveChild } from './exclusive-child';
import type { Failure } from './failure';
import type { HoldsWord } from './held-by';
import { weightOf, type LaneWork } from './lane-state';
import { cleanUpAfter } from './lost-object';
import type { TransferObjectResult } from './object-life';
import type { SharedJobResult } from './objects-sharing-jobs';
import type { Refusals } from './refusals';
import { transferObject } from './transfer-object';
import { transferPack, type RangeResult } from './transfer-pack';
import type { ChildTask } from './window';

export type PackWork = Extract<LaneWork, { kind: 'pack' }>;

/** What a child has of its lane. */
export interface LaneOfChildren {
  readonly transfer: Transfer;
  readonly run: RunInfo;
  readonly force: boolean;
  readonly word: HoldsWord;
  readonly refusals: Refusals;
  readonly count: (counters: Partial<Counters>) => void;
  /** Of one object: it may be no fault of its own. */
  readonly onFailure: (failure: Failure) => void;
  /** No object's: it ends the run. */
  readonly onBroken: (failure: Failure) => void;
  readonly tryAtTheEnd: (object: ObjectSpec) => void;
  readonly takeUpFromPack: (work: PackWork, result: RangeResult) => void;
}

type Task<Result> = ChildTask<LaneWork, Result>;

export function taskOf(work: LaneWork, lane: LaneOfChildren): Task<never> {
  if (work.kind === 'object') return objectTask(work, lane);
  return work.kind === 'job' ? jobTask(work, lane) : packTask(work, lane);
}

function objectTask(work: Extract<LaneWork, { kind: 'object' }>, lane: LaneOfChildren): Task<TransferObjectResult> {
  const { transfer, run, force, word } = lane;
  const { object, lastChance = false } = work;
  const { key, size, route } = object;
  const id = `ferry-${transfer.name}/o/${object.id}`;
  return {
    id,
    work,
    keys: [key],
    start: (onPlaceTaken) =>
      startExclusiveChild(
        transferObject,
        {
          workflowId: id,
          args: [{ transfer, run, object, force, lastChance, ...word }],
          memo: { key, size, route },
          staticSummary: summaryOf(key),
          parentClosePolicy: ParentClosePolicy.ABANDON,
        },
        onPlaceTaken,
      ),
    onResult: ({ outcome, bytes }) => {
      const counted = outcome === 'changing' ? {} : { [outcome]: 1 };
      lane.count({ ...counted, bytesCopied: bytes });
      if (outcome === 'changing') lane.tryAtTheEnd(object);
    },
    onFailure: async (failure) => {
      lane.onFailure(failure);
      if (failure.code === 'Unknown') await cleanUpAfter({ transfer, run, object }, failure, lane.refusals);
      lane.count({ failed: 1 });
    },
  };
}

/** Of the child in which many objects live; `id`: of their pack, or of what shares jobs. */
export function groupId({ name }: Transfer, id: string): string {
  return `ferry-${name}/p/${id}`;
}

/** Of those, whose keys are `left`. */
export function leaveOf(work: LaneWork, left: readonly string[]): LaneWork {
  if (work.kind !== 'job') return work;
  return { ...work, job: { ...work.job, objects: work.job.objects.filter(({ key }) => left.includes(key)) } };
}

function jobTask(work: Extract<LaneWork, { kind: 'job' }>, lane: LaneOfChildren): Task<SharedJobResult> {
  const { transfer, run, force, word } = lane;
  const { job } = work;
  const { id: share, objects } = job;
  const id = groupId(transfer, share);
  const bytes = objects.reduce((sum, { size }) => sum + size, 0);
  return {
    id,
    work,
    keys: objects.map(({ key }) => key),
    start: (onPlaceTaken) =>
      startExclusiveChild(
        transferPack,
        {
          workflowId: id,
          args: [{ transfer, run, job, force, ...word }],
          memo: { objects: objects.length, bytes, sharing: objects.map(({ key, size }) => ({ key, size })) },
          staticSummary: `${objects.length} objects by Batch, up to ${summaryOf(objects.at(-1)?.key ?? '')}`,
          parentClosePolicy: ParentClosePolicy.ABANDON,
        },
        onPlaceTaken,
      ),
    onResult: ({ counters, changing, failures }) => {
      lane.count(counters);
      for (const failure of failures) lane.onFailure(failure);
      for (const object of changing) lane.tryAtTheEnd(object);
    },
    // Its objects fail by themselves: it was ended by hand.
    onFailure: async (failure, left) => {
      const lost = left.kind === 'job' ? left.job.objects : [];
      lane.onFailure(failure);
      for (const object of lost) await cleanUpAfter({ transfer, run, object, share }, failure, lane.refusals);
      lane.count({ failed: lost.length });
    },
  };
}

function packTask(work: PackWork, lane: LaneOfChildren): Task<RangeResult> {
  const { transfer, run, force, word } = lane;
  const { pack } = work;
  const id = groupId(transfer, pack.id);
  return {
    id,
    work,
    weight: weightOf(pack),
    start: (onPlaceTaken) =>
      startExclusiveChild(
        transferPack,
        {
          workflowId: id,
          args: [{ transfer, run, pack, force, ...word }],
          memo: { objects: pack.objects, bytes: pack.bytes },
          staticSummary: `${pack.objects} objects up to ${summaryOf(pack.range.endAt ?? '')}`,
          parentClosePolicy: ParentClosePolicy.ABANDON,
        },
        onPlaceTaken,
      ),
    onResult: (result) => lane.takeUpFromPack(work, result),
    onFailure: lane.onBroken,
  };
}

/** Temporal's summaries hold 200 bytes. */
function summaryOf(key: string): string {
  return key.length <= 60 ? key : `…${key.slice(-59)}`;
}
