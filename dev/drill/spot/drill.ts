/** Delivers, has it moved by Batch while Spot takes its hosts away, and then makes every check. */
import { formatBytes } from '../../../src/domain/sizes';
import { FERRY_QUEUES } from '../../cloud/ferry-job';
import { startCloudProcess, type CloudProcess } from '../cloud-process';
import { deliver } from '../delivery';
import { allOf, check, type Findings } from '../findings';
import { toldJobs } from '../job-tasks';
import { createKiller } from '../killer';
import { compareBytes, listObjects, openUploads } from '../observe';
import { judgeListing, judgeRemains, judgeResult, type Objects } from '../outcome';
import { seededRandom, type Random } from '../random';
import { readReport } from '../read-report';
import { awaitEnd, startRun } from '../run-under-fire';
import { openSite, type Site } from '../site';
import { writesBelow } from '../writes';
import { disturb } from './disturb';
import { judgeSpot, type SpotFigures } from './figures';
import type { SpotOptions } from './options';
import { planSpot, type SpotPlan } from './plan';

export interface SpotRequest extends Omit<SpotOptions, 'json' | 'keep'> {
  readonly folder: string;
  readonly interrupted: Promise<void>;
  readonly say: (text: string) => void;
}

const NAME = 'drill';
const PREFIX = `${NAME}/`;
/** Longer than every wait between two tries, beside the copies themselves. */
const END_TIMEOUT_MS = 6 * 60_000;

/** Undefined when it was interrupted. Nothing that it started is left at its end. */
export async function drillSpot(request: SpotRequest): Promise<SpotFigures | undefined> {
  const { folder, store, seed, interrupted } = request;
  const startedAt = Date.now();
  const random = seededRandom(seed);
  const plan = planSpot(request, random);
  let cloud: CloudProcess | undefined;
  const site = await openSite({
    folder,
    store,
    log: () => undefined,
    workers: 2,
    openCloud: async (stack) => (cloud = await startCloudProcess(stack, { capacity: plan.room.spot, seed })),
    jobEnvironment: { FERRY_PART_CONCURRENCY: String(plan.partConcurrency) },
    route: { batchFrom: '10MB', packBelow: '1MB' },
    batch: {
      reclaimsBeforeOnDemand: 1,
      runnableDeadline: `${Math.round(plan.runnableDeadlineMs / 1000)}s`,
      bytesPerJob: `${plan.bytesPerJob}B`,
    },
  });
  let stopped = false;
  try {
    if (cloud === undefined) throw new Error('The site has opened no cloud');
    const playing = play({ ...request, site, cloud, plan, random, isStopped: () => stopped });
    playing.catch(() => undefined);
    const judged = await Promise.race([playing, interrupted]);
    if (judged === undefined) return undefined;
    return { seed, store, ...judged, wallSeconds: Math.round((Date.now() - startedAt) / 1000) };
  } finally {
    stopped = true;
    await site.stop();
  }
}

interface Scene extends SpotRequest {
  readonly site: Site;
  readonly cloud: CloudProcess;
  readonly plan: SpotPlan;
  readonly random: Random;
  readonly isStopped: () => boolean;
}

async function play(scene: Scene) {
  const { site, cloud, plan, random, seed, say } = scene;
  const { objects } = plan;
  const expected: Objects = new Map(objects.map(({ name, size }) => [PREFIX + name, size]));
  const { source } = site.stack.store.buckets;
  say(`${objects.length} objects of ${formatBytes(plan.bytes)} in all are delivered`);
  await deliver({ client: site.admin, bucket: source, prefix: PREFIX, seed, objects });

  const { bytesPerSecond } = plan;
  const slow = site.jobs.proxy.inject({ kind: 'UploadPart', action: { type: 'throttle', bytesPerSecond } });
  await cloud.command('capacity', { computeEnvironment: FERRY_QUEUES[1], vcpus: plan.room.onDemand });
  await cloud.command('throttle', { operation: 'SubmitJob', times: plan.refusals });
  await cloud.command('lose-answers', { operation: 'SubmitJob', times: plan.lostAnswers });

  const config = await site.configure(NAME);
  const run = await startRun(site, NAME, config);
  say('the run has begun');
  const killer = createKiller(site, () => undefined);
  const over = () => run.over() || scene.isStopped();
  const happened = await disturb({ site, cloud, killer, random, plan, over, say });
  // Nothing more is to fall into the middle of a part.
  slow.remove();
  const end = await awaitEnd(site, run, NAME, config, END_TIMEOUT_MS + plan.expectedMs);
  await killer.close();
  say('the run is over, every byte is compared');

  const views = await cloud.jobs();
  const ids = views.map(({ jobId }) => jobId);
  const told = await toldJobs(site.batch, ids);
  const jobs = views.map((view) => ({ ...view, uploads: told.get(view.jobId)?.uploads ?? [] }));
  const writes = writesBelow(site.routes(), PREFIX);
  const judged = judgeSpot({ plan, writes, jobs, counts: await cloud.disturbances(), happened, now: Date.now() });
  const findings: Findings = allOf(
    typeof end === 'string' ? check(false, end) : judgeResult(expected, end),
    judgeRemains(await openUploads(site), jobs),
    judgeListing(expected, await listObjects(site, 'target', PREFIX)),
    await compareBytes(site, seed, expected),
    await readReport(site, NAME, config, [...expected.keys()]),
    judged,
  );
  return { ...judged, ...findings };
}
