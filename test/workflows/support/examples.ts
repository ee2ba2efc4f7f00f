/** What the tests of the workflows begin with: a transfer, and activities that find nothing and succeed at everything. */
import { ApplicationFailure } from '@temporalio/common';
import type { createControlActivities, JobOutcome } from '../../../src/activities/control-activities';
import type { createCopyActivities } from '../../../src/activities/copy-activities';
import type { CopyTask } from '../../../src/domain/copy-task';
import { addCounters, NO_COUNTERS, type Counters } from '../../../src/domain/counters';
import type { DeletesFound } from '../../../src/domain/deletes';
import type { CopiedLine, SkippedLine } from '../../../src/domain/report-line';
import type { BucketRef, RunScope, Transfer } from '../../../src/domain/transfer';
import type { TransferErrorCode } from '../../../src/domain/transfer-error';
import type { ObjectSpec, PackResult, PackSpec, RunInfo, ScanResult } from '../../../src/domain/work';
import { NEW_LANE, type LaneState } from '../../../src/workflows/lane-state';
import type { TransferObjectInput } from '../../../src/workflows/transfer-object';

type Real = ReturnType<typeof createControlActivities> & ReturnType<typeof createCopyActivities>;
export type ActivityName = keyof Real;
export type ActivityInput<K extends ActivityName> = Parameters<Real[K]>[0];
type ActivityResult<K extends ActivityName> = Awaited<ReturnType<Real[K]>>;
/** The activities of both task queues, as a test writes them down. */
export type Activities = {
  readonly [K in ActivityName]: (input: ActivityInput<K>) => ActivityResult<K> | Promise<ActivityResult<K>>;
};

/** The source bucket has the transfer's name: so a copy's task says whose it is. */
export function aTransfer(name: string, changes: Partial<Transfer> = {}): Transfer {
  const place: BucketRef = {
    bucket: name,
    prefix: 'in/',
    region: 'us-east-1',
    forcePathStyle: false,
    requesterPays: false,
    listing: 'auto',
    credentials: { kind: 'default' },
  };
  return {
    name,
    source: place,
    target: { ...place, bucket: 'ours', prefix: 'out/' },
    exclude: [],
    route: { batchFrom: 1_500_000_000, packBelow: 8_388_608 },
    filters: { minSize: 0, maxSize: 5_497_558_138_880, minAgeMs: 0 },
    limits: { lanes: 4, objectsPerLane: 16 },
    overwrite: 'always',
    metadata: { copy: true, tags: false },
    reports: { kind: 'bucket', prefix: '_ferry/reports/' },
    priority: 3,
    ...changes,
  };
}

/** What the first scan of the first lane has found. */
export const GROUP = 'main/000001';

/** Too large for one PutObject. */
export const LARGE = 100_000_000;

export function anObject(key: string, changes: Partial<ObjectSpec> = {}): ObjectSpec {
  return {
    id: key.replaceAll('/', '-'),
    group: GROUP,
    key: `in/${key}`,
    size: 100_000_000,
    route: 'worker',
    ...changes,
  };
}

export function aPack(id: string, changes: Partial<PackSpec> = {}): PackSpec {
  return { id, group: GROUP, range: { prefix: 'in/', endAt: `in/${id}` }, objects: 10, bytes: 1000, ...changes };
}

/** What a scan answers: its objects are counted as listed, as a scan does. */
export function found({
  counters = {},
  ...rest
}: Partial<Omit<ScanResult, 'counters'>> & { counters?: Partial<Counters> } = {}): ScanResult {
  const { objects = [] } = rest;
  const own = addCounters(NO_COUNTERS, {
    listed: objects.length,
    bytesListed: objects.reduce((sum, { size }) => sum + size, 0),
  });
  return { deferred: [], packs: [], objects, ...rest, counters: addCounters(own, counters) };
}

export function packed({
  counters = {},
  ...rest
}: Partial<Omit<PackResult, 'counters'>> & { counters?: Partial<Counters> } = {}): PackResult {
  return { deferred: [], grown: [], changing: [], ...rest, counters: addCounters(NO_COUNTERS, counters) };
}

/** What a search for deletes answers. */
export function toDelete(count: number, changes: Partial<DeletesFound> = {}): DeletesFound {
  return { count, digest: `digest of ${count}`, lists: Math.min(count, 1), kept: {}, ...changes };
}

/** Nothing to copy any more. */
export function skippedLine({ key, size }: ObjectSpec): SkippedLine {
  return { outcome: 'skipped', reason: 'identical', key, size, sourceEtag: 'e' };
}

export function refusal(code: TransferErrorCode, message = `${code} in a test`): ApplicationFailure {
  return ApplicationFailure.create({ type: code, message, nonRetryable: true });
}

export const RUN: RunInfo = { id: 'run-1', mark: 'run-1', startedAt: 1_780_000_000_000 };

export function aLane(transfer: Transfer, changes: Partial<LaneState> = {}): LaneState {
  return {
    transfer,
    run: RUN,
    lane: 'main',
    force: false,
    holds: [],
    stretches: [{ range: { prefix: 'in/' } }],
    ...NEW_LANE,
    ...changes,
  };
}

/** What a test starts an object's workflow with. */
export function objectInput(transfer: Transfer, changes: Partial<TransferObjectInput> = {}): TransferObjectInput {
  return { transfer, run: RUN, object: anObject('k'), force: false, lastChance: false, holds: [], ...changes };
}

/** Every upload has an id of its own, by the order in which they are opened. */
export function willing(transfer: Transfer): Activities {
  let uploads = 0;
  return {
    preflight: (input) => ({ transfer, scope: (input as { run?: RunScope }).run ?? {} }),
    canary: () => undefined,
    scanRange: () => found(),
    splitRange: ({ range }) => [range],
    openTransfer: ({ object }) => {
      uploads += 1;
      return { kind: 'open', task: aTask(transfer, object, `upload-${uploads}`), reason: 'missing' };
    },
    copyWhole: ({ object }) => ({ kind: 'sealed', line: copiedLine(aTask(transfer, object)) }),
    copyParts: () => ({ state: 'complete' }),
    runBatchJob: () => aJob(),
    sealTransfer: ({ seal }) => ({ kind: 'sealed', line: copiedLine(seal.task) }),
    copyPack: () => packed(),
    abortTransfer: () => undefined,
    recordFailure: () => undefined,
    finishRun: () => undefined,
    awaitTransfer: () => undefined,
    awaitChildren: () => [],
    endLeftovers: () => 0,
    findDeletes: () => toDelete(0),
    deleteObjects: () => ({ complete: true, deleted: 0, failed: 0, kept: {} }),
  };
}

/** How a job ended. */
export function aJob(end: JobOutcome['end'] = 'done'): JobOutcome {
  const state = end === 'stopped' ? 'stopped' : 'over';
  return { state, end, jobId: 'job-1', queue: 'spot', attempts: [], doubles: 0, failures: [] };
}

/** Without an upload: of an object that is written in one piece. */
export function aTask(transfer: Transfer, { key, size }: ObjectSpec, uploadId?: string): CopyTask {
  const kind = uploadId === undefined ? 'put' : 'multipart';
  return {
    source: transfer.source,
    target: transfer.target,
    pinned: { key, etag: 'e', size },
    targetKey: transfer.target.prefix + key.slice(transfer.source.prefix.length),
    ...(uploadId === undefined ? {} : { uploadId }),
    plan: { kind, size, layout: [[size, 1]], mirrored: false },
    checksum: { algorithm: 'CRC32' },
    run: RUN.mark,
    copyMetadata: true,
    copyTags: false,
  };
}

export function copiedLine({ pinned: { key, size, etag }, targetKey }: CopyTask): CopiedLine {
  const facts = { key, size, sourceEtag: etag, targetKey, targetEtag: etag };
  return { outcome: 'copied', reason: 'missing', proof: 'etag', route: 'worker', ...facts };
}
