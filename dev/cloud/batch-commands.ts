/** What a test or a drill may tell the play of Batch to do while it runs: no client of AWS could. */
import { z } from 'zod';
import type { Random } from '../drill/random';
import { clientException } from './aws-error';
import { parseInput } from './batch-input';
import type { Compute } from './compute';
import type { JobRunner } from './job-runner';
import type { Job, JobStore } from './job-store';
import type { LostAnswers } from './lost-answers';
import { BATCH_OPERATIONS } from './operations';
import type { Queues } from './queues';
import type { Throttle } from './throttle';
import type { Visibility } from './visibility';

const TIMES = z.number().int().min(0);
const DELAY = z.tuple([TIMES, TIMES]).readonly();
const OPERATION = z.enum(BATCH_OPERATIONS);

/** Each command with its input; a name stands in a path, too. */
export const COMMANDS = {
  capacity: z.strictObject({ computeEnvironment: z.string(), vcpus: z.number().min(0) }),
  reclaim: z.strictObject({
    jobId: z.string().optional(),
    jobQueue: z.string().optional(),
    notice: z.boolean().default(false),
    noticeMs: TIMES.optional(),
  }),
  kill: z.strictObject({ jobId: z.string(), signal: z.enum(['SIGKILL', 'SIGTERM']).default('SIGKILL') }),
  throttle: z.strictObject({ operation: OPERATION, times: TIMES.optional(), perSecond: z.number().min(0).nullish() }),
  'lose-answers': z.strictObject({ operation: OPERATION.default('SubmitJob'), times: TIMES.default(1) }),
  delays: z.strictObject({ listMs: DELAY.optional(), describeMs: DELAY.optional() }),
};

type Input<Name extends keyof typeof COMMANDS> = Readonly<z.input<(typeof COMMANDS)[Name]>>;

export interface BatchCommands {
  /** The vCPUs of a compute environment from now on, 0 for none: jobs stay RUNNABLE, and those that run go on. */
  capacity(input: Input<'capacity'>): void;
  /**
   * Takes the host of a running job on Spot: of the one that is named, else of any, perhaps of one queue. With notice its
   * process gets SIGTERM and has `noticeMs` until SIGKILL. Undefined when no such job runs; throws when it is not on Spot.
   */
  reclaim(input?: Input<'reclaim'>): ReclaimedHost | undefined;
  /** Ends the job's process as something inside its container would; false when none runs. */
  kill(input: Input<'kill'>): boolean;
  /** The next `times` calls are refused; or from now on those above `perSecond`, null for no limit. */
  throttle(input: Input<'throttle'>): void;
  /** The next `times` calls are carried out, and their connections are cut before the answer. */
  loseAnswers(input?: Input<'lose-answers'>): void;
  /** When the jobs to come are first seen by ListJobs and by DescribeJobs. */
  delays(input: Input<'delays'>): void;
}

export interface ReclaimedHost {
  readonly jobId: string;
  readonly instanceId: string;
}

export interface BatchCommandsOptions {
  readonly store: JobStore;
  readonly runner: JobRunner;
  readonly queues: Queues;
  readonly compute: Compute;
  readonly throttle: Throttle;
  readonly lostAnswers: LostAnswers;
  readonly visibility: Visibility;
  readonly random: Random;
  /** The notice, unless a command tells another. */
  readonly killAfterMs: number;
}

export function createBatchCommands(options: BatchCommandsOptions): BatchCommands {
  const { store, runner, queues, compute, throttle, random } = options;
  const isOnSpot = ({ current }: Job) => current !== undefined && compute.isSpot(current.computeEnvironment);
  const runningOnSpot = (queue: string | undefined): Job[] =>
    store
      .all()
      .filter((job) => job.status === 'RUNNING' && (queue === undefined || job.queue.name === queue) && isOnSpot(job));
  const namedJob = (id: string): Job | undefined => {
    const job = store.get(id);
    if (job?.current && !isOnSpot(job)) throw clientException(`Job ${id} does not run on Spot.`);
    return job?.status === 'RUNNING' ? job : undefined;
  };
  const victim = (jobId: string | undefined, jobQueue: string | undefined): Job | undefined => {
    if (jobId !== undefined) return namedJob(jobId);
    const candidates = runningOnSpot(jobQueue === undefined ? undefined : queues.resolve(jobQueue).name);
    return candidates.length === 0 ? undefined : random.pick(candidates);
  };
  return {
    capacity(input) {
      const { computeEnvironment, vcpus } = parseInput(COMMANDS.capacity, input);
      compute.setCapacity(computeEnvironment, vcpus);
      runner.fill();
    },
    reclaim(input = {}) {
      const { jobId, jobQueue, notice, noticeMs = options.killAfterMs } = parseInput(COMMANDS.reclaim, input);
      const job = victim(jobId, jobQueue);
      const instanceId = job?.current?.instanceId;
      if (!job || instanceId === undefined || !runner.reclaim(job, notice ? noticeMs : 0)) return undefined;
      return { jobId: job.id, instanceId };
    },
    kill(input) {
      const { jobId, signal } = parseInput(COMMANDS.kill, input);
      const job = store.get(jobId);
      return job !== undefined && runner.kill(job, signal);
    },
    throttle(input) {
      const { operation, times, perSecond } = parseInput(COMMANDS.throttle, input);
      if (times !== undefined) throttle.refuse(operation, times);
      if (perSecond !== undefined) throttle.limit(operation, perSecond ?? undefined);
    },
    loseAnswers(input = {}) {
      const { operation, times } = parseInput(COMMANDS['lose-answers'], input);
      options.lostAnswers.lose(operation, times);
    },
    delays: (input) => options.visibility.set(parseInput(COMMANDS.delays, input)),
  };
}
