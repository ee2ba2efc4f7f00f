/** What a drill of Spot tells at its end, and what of it has bounds. */
import { formatBytes, formatDuration } from '../../../src/domain/sizes';
import type { DisturbanceCounts } from '../../cloud/disturbances';
import { FERRY_QUEUES } from '../../cloud/ferry-job';
import type { BatchJobView } from '../../cloud/job-view';
import { drillTable } from '../figures';
import { allOf, check, type Findings } from '../findings';
import type { Write } from '../traffic';
import { findDoubles } from './doubles';
import type { Disturbance, SpotPlan } from './plan';

export interface SpotFigures {
  readonly seed: number;
  readonly store: string;
  readonly objects: number;
  readonly bytesMoved: number;
  /** Of bodies of UploadPart and PutObject that arrived, whoever sent them. */
  readonly bytesSent: number;
  /** Sent for each byte moved. */
  readonly sentRatio: number;
  readonly jobs: number;
  /** Of them, those that several objects shared. */
  readonly sharedJobs: number;
  readonly attempts: number;
  /** Attempts that lost their host, be it reclaimed or gone with the endpoint. */
  readonly hostsLost: number;
  /** Uploads whose last job ran on demand. */
  readonly endedOnDemand: number;
  readonly happened: Readonly<Record<Disturbance, number>>;
  readonly submitsRefused: number;
  readonly answersLost: number;
  /** Objects that two live jobs had at once. */
  readonly doubled: number;
  readonly longestDoubleMs: number;
  readonly checks: number;
  readonly problems: readonly string[];
  readonly wallSeconds: number;
}

export const MAX_SENT_RATIO = 1.15;
export const MAX_DOUBLE_MS = 60_000;

export interface SpotJob extends BatchJobView {
  /** Ids of what it was told to move. */
  readonly uploads: readonly string[];
}

export interface SpotEvents {
  readonly plan: SpotPlan;
  readonly writes: readonly Write[];
  readonly jobs: readonly SpotJob[];
  readonly counts: DisturbanceCounts;
  readonly happened: Readonly<Record<Disturbance, number>>;
  readonly now: number;
}

export type Judged = Omit<SpotFigures, 'seed' | 'store' | 'wallSeconds'>;

export function judgeSpot({ plan, writes, jobs, counts, happened, now }: SpotEvents): Judged {
  const bytesSent = writes.reduce((sum, { arrived }) => sum + arrived, 0);
  const sentRatio = Math.round((bytesSent / plan.bytes) * 1000) / 1000;
  const doubles = findDoubles(jobs, now);
  const submitsRefused = counts.refused.SubmitJob ?? 0;
  const answersLost = counts.lost.SubmitJob ?? 0;
  const lastQueues = new Map(
    jobs
      .filter(({ attempts }) => attempts.length > 0)
      .flatMap(({ uploads, jobQueue }) => uploads.map((upload) => [upload, jobQueue] as const)),
  );
  const sharedJobs = jobs.filter(({ uploads }) => uploads.length > 1).length;
  const attempts = jobs.flatMap((job) => job.attempts);
  const findings = allOf(
    check(bytesSent >= plan.bytes, `${bytesSent} bytes were sent, fewer than the ${plan.bytes} to be moved`),
    check(
      sentRatio <= MAX_SENT_RATIO,
      `${sentRatio} bytes were sent for each byte moved, not ${MAX_SENT_RATIO} at most`,
    ),
    check(
      doubles.longestDoubleMs <= MAX_DOUBLE_MS,
      `two jobs of one object were live together for ${doubles.longestDoubleMs} ms, not ${MAX_DOUBLE_MS} at most`,
    ),
    ...judgeUploads(writes),
    ...judgeEnough(plan, happened),
    check(sharedJobs > 0 || !plan.sharing, 'not enough: no objects shared a job'),
    check(submitsRefused >= plan.refusals, `not enough: SubmitJob was refused ${submitsRefused} times`),
    check(answersLost >= plan.lostAnswers, `not enough: ${answersLost} answers to SubmitJob were lost`),
  );
  return {
    objects: plan.objects.length,
    bytesMoved: plan.bytes,
    bytesSent,
    sentRatio,
    jobs: jobs.length,
    sharedJobs,
    attempts: attempts.length,
    hostsLost: attempts.filter(({ statusReason }) => statusReason?.startsWith('Host EC2')).length,
    endedOnDemand: [...lastQueues.values()].filter((queue) => queue === FERRY_QUEUES[1]).length,
    happened,
    submitsRefused,
    answersLost,
    ...doubles,
    ...findings,
  };
}

/** Nothing that befalls a job is a reason to begin its object anew. */
function judgeUploads(writes: readonly Write[]): Findings[] {
  const uploads = new Map<string, Set<string | undefined>>();
  for (const { key, uploadId } of writes) uploads.set(key, (uploads.get(key) ?? new Set()).add(uploadId));
  return [...uploads].map(([key, { size }]) =>
    check(size === 1, `${key}: parts went into ${size} uploads, so the object was begun anew`),
  );
}

/** Half of what was planned: chance may leave no opportunity for more. */
function judgeEnough({ disturbances }: SpotPlan, happened: Readonly<Record<Disturbance, number>>): Findings[] {
  return [...new Set(disturbances)].map((kind) => {
    const planned = disturbances.filter((each) => each === kind).length;
    return check(happened[kind] >= planned / 2, `not enough: ${kind} happened ${happened[kind]} of ${planned} times`);
  });
}

export function spotTable(figures: SpotFigures): string {
  const { happened } = figures;
  return drillTable(
    [
      ['seed', figures.seed],
      ['store', figures.store],
      ['objects', figures.objects],
      ['  ended on demand', figures.endedOnDemand],
      ['jobs', figures.jobs],
      ['  that objects shared', figures.sharedJobs],
      ['  attempts', figures.attempts],
      ['  attempts that lost their host', figures.hostsLost],
      ['hosts reclaimed with notice', happened.reclaimWithNotice],
      ['hosts reclaimed at once', happened.reclaimAtOnce],
      ['workers killed', happened.killWorker],
      ['endpoint killed', happened.killEndpoint],
      ['SubmitJob refused', figures.submitsRefused],
      ['answers to SubmitJob lost', figures.answersLost],
      ['objects with two live jobs', figures.doubled],
      [`  longest, of ${formatDuration(MAX_DOUBLE_MS)}`, formatDuration(figures.longestDoubleMs)],
      ['bytes moved', formatBytes(figures.bytesMoved)],
      ['bytes sent', formatBytes(figures.bytesSent)],
      [`  for each byte moved, of ${MAX_SENT_RATIO}`, figures.sentRatio],
      ['checks', figures.checks],
      ['wall time', formatDuration(figures.wallSeconds * 1000)],
    ],
    figures.problems,
  );
}
