/** Disturbs a run at random moments: takes hosts, kills workers, kills the endpoint of Batch. */
import { setTimeout as delay } from 'node:timers/promises';
import { FERRY_QUEUES } from '../../cloud/ferry-job';
import { senderOf } from '../../cloud/job-process';
import type { BatchJobView } from '../../cloud/job-view';
import type { CloudProcess } from '../cloud-process';
import type { Killer } from '../killer';
import type { Random } from '../random';
import { sentBy, type Site } from '../site';
import type { Disturbance, SpotPlan } from './plan';

export interface DisturbOptions {
  readonly site: Site;
  readonly cloud: CloudProcess;
  readonly killer: Killer;
  readonly random: Random;
  readonly plan: SpotPlan;
  /** The run is over, or the drill is. */
  readonly over: () => boolean;
  readonly say: (text: string) => void;
}

/** How long the endpoint is down: ms. */
const DOWN_MS = [500, 4_000] as const;

/** Resolves with what has happened when all has, or when the run is over. */
export async function disturb(options: DisturbOptions): Promise<Readonly<Record<Disturbance, number>>> {
  const { plan, random, over, say } = options;
  const happened: Record<Disturbance, number> = {
    reclaimWithNotice: 0,
    reclaimAtOnce: 0,
    killWorker: 0,
    killEndpoint: 0,
    refuseSubmit: 0,
    loseAnswer: 0,
  };
  const left = [...plan.disturbances];
  while (left.length > 0 && !over()) {
    await delay(random.between(...plan.pauseMs));
    if (over()) break;
    // What finds no victim now is put off, for what may happen at any time.
    for (const [index, kind] of left.entries()) {
      const what = await carryOut(kind, options);
      if (what === undefined) continue;
      left.splice(index, 1);
      happened[kind] += 1;
      say(`${what}; ${left.length} disturbances are left`);
      break;
    }
  }
  return happened;
}

/** A sentence of what has happened; undefined: there was no opportunity. */
async function carryOut(kind: Disturbance, options: DisturbOptions): Promise<string | undefined> {
  const { site, cloud, killer, random } = options;
  if (kind === 'killWorker') {
    const seat = random.pick(site.workers);
    return (await killer.worker(seat, 'random')) ? `${seat.name} is killed` : undefined;
  }
  if (kind === 'killEndpoint') {
    const downMs = random.between(...DOWN_MS);
    await cloud.kill(downMs);
    return `the endpoint was killed, and down for ${downMs} ms`;
  }
  if (kind === 'refuseSubmit' || kind === 'loseAnswer') {
    await cloud.command(kind === 'refuseSubmit' ? 'throttle' : 'lose-answers', { operation: 'SubmitJob', times: 1 });
    return kind === 'refuseSubmit' ? 'the next SubmitJob is refused' : 'the answer to the next SubmitJob is lost';
  }
  const victim = await chooseHost(options);
  if (victim === undefined) return undefined;
  const notice = kind === 'reclaimWithNotice';
  const answer = await cloud.command('reclaim', { jobId: victim.jobId, notice });
  const { reclaimed } = answer as { readonly reclaimed: unknown };
  return reclaimed === null
    ? undefined
    : `the host of ${victim.jobName} is reclaimed ${notice ? 'with notice' : 'at once'}`;
}

/** One of Spot whose job is sending. */
async function chooseHost({ site, cloud, random }: DisturbOptions): Promise<BatchJobView | undefined> {
  const sending = new Set(
    sentBy([site.jobs]).flatMap(({ kind, endedAt, sender }) =>
      kind === 'UploadPart' && endedAt === undefined ? [sender] : [],
    ),
  );
  const worthy = (await cloud.jobs()).filter(
    ({ jobId, status, jobQueue, attempts }) =>
      status === 'RUNNING' && jobQueue === FERRY_QUEUES[0] && sending.has(senderOf(jobId, attempts.length + 1)),
  );
  return worthy.length === 0 ? undefined : random.pick(worthy);
}
