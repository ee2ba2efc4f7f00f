/** Turns one entry of `transfers` into a `Transfer`: validated as a whole, defaults filled in, sizes in bytes, durations in milliseconds. */
import { z } from 'zod';
import { DEFAULT_BYTES_PER_JOB } from '../domain/job-size';
import { MiB } from '../domain/sizes';
import { REPORT_ROOT, type BatchSpec, type DeleteSpec, type ReportLocation, type Transfer } from '../domain/transfer';
import { bucketName, sourceSchema, targetSchema } from './bucket-schema';
import { ConfigurationError, type ConfigurationProblem } from './configuration-error';
import { findClashes } from './clashes';
import {
  SIZE_EXPECTED,
  bandwidth,
  choice,
  duration,
  field,
  flag,
  globs,
  integer,
  isMapping,
  keyPrefix,
} from './fields';
import { mapping, oneOf, size, text } from './fields';
import { filterSchema } from './filter-schema';
import { NOT_YET } from './not-yet';
import { type Place, problemsOf } from './problems';
import { scheduleSchema } from './schedule-schema';

const DEFAULT_BATCH_FROM = 1.5e9;
const DEFAULT_PACK_BELOW = 8 * MiB;
/** What one pack holds at most. */
const MAX_PACK_BELOW = 256 * MiB;
const DEFAULT_RUNNABLE_DEADLINE_MS = 15 * 60e3;
/** Four hours short of a day: a daily run is not skipped for one that waits. */
const DEFAULT_APPROVE_WITHIN_MS = 20 * 3600e3;
/** AWS Batch takes 10 attempts at most, and the first is no reclaim. */
const MAX_RECLAIMS = 9;

const packBelow = field(`${SIZE_EXPECTED}, at most 256MiB, or 0 for no packs`, (value) => {
  if (value === 0) return 0;
  const bytes = size().safeParse(value).data;
  return bytes !== undefined && bytes <= MAX_PACK_BELOW ? bytes : undefined;
});

const routeSchema = mapping({
  batchFrom: size().default(DEFAULT_BATCH_FROM),
  packBelow: packBelow.default(DEFAULT_PACK_BELOW),
}).prefault({});

const bytesPerJob = field(`${SIZE_EXPECTED}, or 0 for a job of its own for each object`, (value) =>
  value === 0 ? 0 : size().safeParse(value).data,
);

const batchName = (what: string) => text(`the name or ARN of ${what}`, (value) => /^[\w:/.-]{1,512}$/.test(value));

const batchSchema = mapping({
  queue: batchName('a Batch job queue'),
  jobDefinition: batchName('a Batch job definition'),
  onDemandQueue: z.exactOptional(batchName('a Batch job queue')),
  reclaimsBeforeOnDemand: integer(0, MAX_RECLAIMS).default(2),
  runnableDeadline: duration().default(DEFAULT_RUNNABLE_DEADLINE_MS),
  bytesPerJob: bytesPerJob.default(DEFAULT_BYTES_PER_JOB),
}).transform(({ runnableDeadline, ...rest }): BatchSpec => ({ ...rest, runnableDeadlineMs: runnableDeadline }));

const limitSchema = mapping({
  bandwidth: z.exactOptional(bandwidth),
  lanes: integer(1, 64).default(4),
  objectsPerLane: integer(1, 80).default(16),
}).prefault({});

const deleteSchema = mapping({
  propagate: flag.default(false),
  max: integer(0, Number.MAX_SAFE_INTEGER).default(1000),
  approveWithin: duration().default(DEFAULT_APPROVE_WITHIN_MS),
})
  .transform(({ propagate, max, approveWithin }): { deletes?: DeleteSpec } =>
    propagate ? { deletes: { max, approveWithinMs: approveWithin } } : {},
  )
  .prefault({});

const reportFolder = mapping({ folder: text('the path of a folder') });
const reportBucket = mapping({ bucket: bucketName, prefix: z.exactOptional(keyPrefix) });
const reportSchema = oneOf<{ folder: string } | { bucket: string; prefix?: string }>((value) =>
  isMapping(value) && 'folder' in value ? reportFolder : reportBucket,
);

const entrySchema = mapping({
  name: text('a name of 1 to 63 lower-case letters, digits and hyphens', (value) => /^[a-z0-9-]{1,63}$/.test(value)),
  schedule: z.exactOptional(scheduleSchema),
  source: sourceSchema,
  target: targetSchema,
  include: z.exactOptional(
    globs.refine((list) => list.length > 0, { error: 'at least one glob (leave `include` out to take everything)' }),
  ),
  exclude: globs.default([]),
  route: routeSchema,
  filters: filterSchema,
  batch: z.exactOptional(batchSchema),
  limits: limitSchema,
  overwrite: choice('always', 'never').default('always'),
  archived: NOT_YET.archived.default('report'),
  deletes: deleteSchema,
  metadata: mapping({ copy: flag.default(true), tags: flag.default(false) }).prefault({}),
  reports: z.exactOptional(reportSchema),
  priority: integer(1, 5).default(3),
  notify: z.exactOptional(NOT_YET.notify),
}).transform((entry): Transfer => ({
  ...without(entry, 'archived', 'deletes', 'notify', 'reports'),
  ...entry.deletes,
  reports: locateReports(entry.reports, entry.name),
}));

function without<T extends object, K extends keyof T>(value: T, ...fields: readonly K[]): Omit<T, K> {
  const left = Object.entries(value).filter(([name]) => !fields.some((field) => field === name));
  return Object.fromEntries(left) as Omit<T, K>;
}

function locateReports(reports: z.infer<typeof reportSchema> | undefined, name: string): ReportLocation {
  if (reports !== undefined && 'folder' in reports) return { kind: 'folder', folder: reports.folder };
  return { kind: 'bucket', prefix: `${REPORT_ROOT}${name}/`, ...reports };
}

export type CheckedTransfer = { readonly transfer: Transfer } | { readonly problems: readonly ConfigurationProblem[] };

/** Never throws. `place` says where the entry stands, so that the problems can name it. */
export function checkTransfer(entry: unknown, place: Place = {}): CheckedTransfer {
  const result = entrySchema.safeParse(entry);
  const issues = [...(result.error?.issues ?? []), ...findClashes(entry)];
  if (result.success && issues.length === 0) return { transfer: result.data };
  return { problems: problemsOf(entry, issues, place) };
}

/** Throws a `ConfigurationError` that lists every problem of the entry. */
export function resolveTransfer(entry: unknown, place: Place = {}): Transfer {
  const checked = checkTransfer(entry, place);
  if ('problems' in checked) throw new ConfigurationError(checked.problems);
  return checked.transfer;
}
