/** Puts the play of Batch together: what it knows, where jobs run, what it answers, and what it may be told to do. */
import { join } from 'node:path';
import { seededRandom } from '../drill/random';
import type { Log } from '../log';
import { createBatchApi } from './batch-api';
import { type BatchCommands, createBatchCommands } from './batch-commands';
import { createCompute } from './compute';
import { createDisturbances, type DisturbanceCounts } from './disturbances';
import { createJobDefinitions } from './job-definitions';
import { readJobLog } from './job-log';
import { type JobHost, LOG_FOLDER } from './job-process';
import { createJobRunner } from './job-runner';
import { createJobStore } from './job-store';
import { type BatchJobView, toView } from './job-view';
import { openJournal } from './journal';
import { createLostAnswers } from './lost-answers';
import { type PlayOptions, resolvePlayOptions } from './play-options';
import { createQueues, type QueuePlan } from './queues';
import type { AttemptOutcome } from './retry';
import { createThrottle } from './throttle';
import { createVisibility } from './visibility';

export interface BatchPlayOptions extends PlayOptions {
  readonly folder: string;
  readonly host: JobHost;
  readonly queues?: readonly (string | QueuePlan)[];
  readonly jobDefinitions?: readonly object[];
  readonly log: Log;
}

export interface BatchPlay {
  readonly commands: BatchCommands;
  /** One operation, by the last part of its path and by its name; throws `AwsError`. */
  call(operation: string, name: string, body: Buffer, input: unknown): unknown;
  /** Whether the answer of this call is to be lost; to be asked once. */
  isAnswerLost(name: string): boolean;
  jobs(): readonly BatchJobView[];
  disturbances(): DisturbanceCounts;
  readLog(logStreamName: string): string | undefined;
  killJob(jobId: string, signal: NodeJS.Signals, outcome?: AttemptOutcome): boolean;
  withholdCapacity(): () => void;
  /** Goes on with the jobs that an earlier process has left in the folder. */
  recover(): void;
  stop(): Promise<void>;
}

export function createBatchPlay(options: BatchPlayOptions): BatchPlay {
  const { folder, host, log } = options;
  const play = resolvePlayOptions(options);
  const logFolder = join(folder, LOG_FOLDER);
  const journal = openJournal(join(folder, 'batch.jsonl'));
  const random = seededRandom(play.seed);
  const visibility = createVisibility(random, play.listDelayMs, play.describeDelayMs);
  const throttle = createThrottle();
  throttle.limit('SubmitJob', play.submitsPerSecond);
  const lostAnswers = createLostAnswers();
  const disturbances = createDisturbances(journal);
  const compute = createCompute(journal);
  const queues = createQueues({ given: options.queues ?? [], compute, capacity: play.capacity, journal });
  const definitions = createJobDefinitions(journal);
  for (const definition of options.jobDefinitions ?? []) definitions.ensure(definition);
  const store = createJobStore({
    journal,
    keepMs: play.keepMs,
    drawSight: (createdAt) => visibility.draw(createdAt),
    queueOf: (name) => queues.find(name),
  });
  const runner = createJobRunner({ ...play, host, compute, save: (job) => store.save(job), log });
  const api = createBatchApi({ store, runner, queues, definitions });
  const { killAfterMs } = play;
  return {
    commands: createBatchCommands({
      ...{ store, runner, queues, compute, throttle, lostAnswers, visibility, random, killAfterMs },
    }),
    call(operation, name, body, input) {
      try {
        throttle.admit(name);
      } catch (error) {
        disturbances.count('refused', name);
        throw error;
      }
      return api.call(operation, body, input);
    },
    isAnswerLost(name) {
      const isLost = lostAnswers.isLost(name);
      if (isLost) disturbances.count('lost', name);
      return isLost;
    },
    disturbances: disturbances.counts,
    jobs: () => store.all().map((job) => toView(job, logFolder)),
    readLog: (logStreamName) => readJobLog(logFolder, logStreamName),
    killJob(jobId, signal, outcome) {
      const job = store.get(jobId);
      return job !== undefined && runner.kill(job, signal, outcome);
    },
    withholdCapacity() {
      const give = compute.withhold();
      return () => {
        give();
        runner.fill();
      };
    },
    recover: () => runner.recover(store.all()),
    async stop() {
      await runner.stop();
      journal.close();
    },
  };
}
