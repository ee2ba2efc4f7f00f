/** Kills at random moments while a run is under way. */
import { setTimeout as delay } from 'node:timers/promises';
import { HOST_GONE, type Killer, type RunningJob } from './killer';
import type { Victim } from './kill-record';
import type { Random } from './random';
import type { Site, WorkerSeat } from './site';

export interface RandomKillsOptions {
  readonly site: Site;
  readonly killer: Killer;
  readonly random: Random;
  /** Taken from the front, the first whose victim there is. A `hand` costs a job its life too. */
  readonly victims: readonly Victim[];
  /** The run is over, or the drill is. */
  readonly over: () => boolean;
}

const PAUSE_MS = [300, 4_000] as const;
/** To kill a worker that does nothing yet would try nothing. */
const COMES_UP_MS = 3_000;
const BY_HAND_START_MS = 20_000;

/** Resolves with the victims that were not found. */
export async function killAtRandom(options: RandomKillsOptions): Promise<Victim[]> {
  const { random, over } = options;
  const left = [...options.victims];
  while (left.length > 0 && !over()) {
    await delay(random.between(...PAUSE_MS));
    if (over()) break;
    const job = await worthyJob(options);
    const index = left.findIndex((victim) => victim === 'worker' || job !== undefined);
    const [victim] = index < 0 ? [] : left.splice(index, 1);
    if (victim === undefined) continue;
    if (!(await killOne(options, victim, job))) left.push(victim);
  }
  return left;
}

async function killOne(options: RandomKillsOptions, victim: Victim, job: RunningJob | undefined): Promise<boolean> {
  const { killer, random } = options;
  if (victim === 'worker') {
    const seat = chooseWorker(options);
    return seat !== undefined && killer.worker(seat, 'random');
  }
  if (job === undefined) return false;
  if (victim === 'hand') return killWithSuccessorByHand(options, job);
  return killer.job(job, 'random', random.next() < 0.4 ? HOST_GONE : undefined);
}

/** One that has come up, and mostly one that is writing. */
function chooseWorker({ site, random }: RandomKillsOptions): WorkerSeat | undefined {
  const up = site.workers.filter(({ since }) => Date.now() - since > COMES_UP_MS);
  const writing = up.filter(
    ({ proxy, since }) =>
      proxy.count('UploadPart', (request) => inFlight(request) && request.startedAt > since) +
        proxy.count('PutObject', (request) => inFlight(request) && request.startedAt > since) >
      0,
  );
  if (up.length === 0) return undefined;
  return random.pick(writing.length > 0 && random.next() < 0.8 ? writing : up);
}

function inFlight({ endedAt }: { readonly endedAt?: number | undefined }): boolean {
  return endedAt === undefined;
}

/**
 * A job that has stored a part: four jobs in a row that have not are, on purpose, the end of an object. One that has
 * nothing in flight is about to end by itself.
 */
async function worthyJob({ killer, site, random }: RandomKillsOptions): Promise<RunningJob | undefined> {
  const { proxy } = site.jobs;
  const worthy = (await killer.runningJobs()).filter(({ keys, view }) => {
    const since = Math.max(
      view.createdAt,
      ...view.attempts.map(({ stoppedAt }) => stoppedAt),
      startOf(site, view.jobId),
    );
    const own = (request: { readonly key?: string; readonly startedAt: number }) =>
      keys.includes(request.key ?? '') && request.startedAt > since;
    return (
      proxy.count('UploadPart', (request) => own(request) && request.finished && request.status === 200) > 0 &&
      proxy.count('UploadPart', (request) => own(request) && inFlight(request)) > 0
    );
  });
  return worthy.length === 0 ? undefined : random.pick(worthy);
}

/** When the jobs for the same object before this one were over. */
function startOf({ stack }: Site, jobId: string): number {
  const jobs = stack.cloud.jobs();
  const name = jobs.find((job) => job.jobId === jobId)?.jobName;
  const earlier = jobs.filter((job) => job.jobName === name && job.jobId !== jobId);
  return Math.max(0, ...earlier.flatMap(({ attempts }) => attempts.map(({ stoppedAt }) => stoppedAt)));
}

/**
 * Batch finds no host for the next job until the one by hand is over: so they follow each other, and no part is sent by two
 * at once.
 */
async function killWithSuccessorByHand(
  { site, killer, random, over }: RandomKillsOptions,
  job: RunningJob,
): Promise<boolean> {
  const give = site.stack.cloud.withholdCapacity();
  try {
    if (!(await killer.job(job, 'random'))) return false;
    const byHand = await site.startByHand(job.task);
    const began = Date.now();
    const writes = () =>
      site.hand.proxy.count('UploadPart', ({ key, startedAt }) => job.keys.includes(key ?? '') && startedAt > began);
    while (writes() === 0 && byHand.process.end() === undefined && Date.now() - began < BY_HAND_START_MS && !over())
      await delay(20);
    await delay(random.between(...PAUSE_MS));
    return await killer.byHand(byHand, job.keys.join(', '));
  } finally {
    give();
  }
}
