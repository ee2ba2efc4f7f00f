/** One round: a fresh delivery, a run under fire, and then every check. */
import { deliver, planDelivery, type Delivered, type SizeClass } from './delivery';
import { allOf, check, type Findings } from './findings';
import type { Killer } from './killer';
import type { SpecialMoment, Victim } from './kill-record';
import { compareBytes, listObjects, openUploads, removeObjects } from './observe';
import { judgeListing, judgeRemains, judgeResult, type Objects } from './outcome';
import { killAtRandom } from './random-kills';
import type { Random } from './random';
import { readReport } from './read-report';
import { awaitEnd, startRun } from './run-under-fire';
import type { Site } from './site';
import { arm } from './special-kills';
import { judgeTraffic, type TrafficFigures } from './traffic';
import { writesBelow } from './writes';

/** A moment, and of what kind of object it is to be one. */
export interface PlannedSpecial {
  readonly moment: SpecialMoment;
  readonly of: SizeClass;
}

export interface RoundRequest {
  readonly site: Site;
  readonly killer: Killer;
  readonly random: Random;
  readonly seed: number;
  readonly number: number;
  readonly victims: readonly Victim[];
  readonly specials: readonly PlannedSpecial[];
  readonly interrupted: () => boolean;
  readonly say: (text: string) => void;
}

export interface RoundResult extends Findings {
  readonly objects: number;
  readonly traffic: TrafficFigures;
  /** What there was no opportunity for. */
  readonly victimsLeft: readonly Victim[];
  readonly specialsLeft: readonly PlannedSpecial[];
}

/** Long after every wait between two tries. */
const END_TIMEOUT_MS = 8 * 60_000;
const KB = 1000;

export async function playRound(request: RoundRequest): Promise<RoundResult> {
  const { site, killer, random, seed, say } = request;
  const name = `drill-${request.number}`;
  const prefix = `${name}/`;
  const objects = planDelivery(random);
  const expected: Objects = new Map(objects.map((object) => [prefix + object.name, object.size]));
  const { buckets } = site.stack.store;
  await deliver({ client: site.admin, bucket: buckets.source, prefix, seed, objects });

  for (const { proxy } of site.routes()) {
    proxy.clear();
    proxy.reset();
  }
  const armed = choose(request.specials, objects, random).map(({ planned, name: object }) => {
    const by = planned.of === 'batch' ? 'job' : 'worker';
    return { planned, kill: arm({ moment: planned.moment, key: prefix + object, by }, site, killer) };
  });
  slowDown(site, random);

  const config = await site.configure(name);
  const run = await startRun(site, name, config);
  say(`round ${request.number}: ${objects.length} objects are delivered, the run has begun`);
  const over = () => run.over() || request.interrupted();
  const victimsLeft = await killAtRandom({ site, killer, random, victims: request.victims, over });
  const end = await awaitEnd(site, run, name, config, END_TIMEOUT_MS);
  for (const { kill } of armed) kill.disarm();
  say(`round ${request.number}: the run is over, every byte is compared`);

  const traffic = judgeTraffic(writesBelow(site.routes(), prefix), killer.kills, expected);
  const findings = allOf(
    typeof end === 'string' ? check(false, end) : judgeResult(expected, end),
    judgeRemains(await openUploads(site), site.stack.cloud.jobs()),
    judgeListing(expected, await listObjects(site, 'target', prefix)),
    await compareBytes(site, seed, expected),
    await readReport(site, name, config, [...expected.keys()]),
    traffic,
  );
  await removeObjects(site, prefix);
  return {
    ...findings,
    objects: objects.length,
    traffic: traffic.figures,
    victimsLeft,
    specialsLeft: armed.filter(({ kill }) => !kill.happened()).map(({ planned }) => planned),
  };
}

/** An object for each moment, none for two. */
function choose(specials: readonly PlannedSpecial[], objects: readonly Delivered[], random: Random) {
  const free = random.shuffled(objects.filter(({ size }) => size > 0));
  return specials.map((planned) => {
    const index = free.findIndex(({ kind }) => kind === planned.of);
    const [object] = free.splice(index, 1);
    if (index < 0 || object === undefined) throw new Error(`No ${planned.of} object is left for ${planned.moment}`);
    return { planned, name: object.name };
  });
}

/** So that a kill falls into the middle of parts, and objects outlive some kills. */
function slowDown(site: Site, random: Random): void {
  const rates = [
    { kind: 'UploadPart', key: /^/, bytesPerSecond: random.between(3000, 6000) * KB },
    { kind: 'PutObject', key: /\/medium\//, bytesPerSecond: random.between(5000, 10_000) * KB },
    { kind: 'PutObject', key: /\/small\//, bytesPerSecond: random.between(150, 400) * KB },
  ] as const;
  for (const { proxy } of site.routes()) {
    for (const { bytesPerSecond, ...rest } of rates)
      proxy.inject({ ...rest, action: { type: 'throttle', bytesPerSecond } });
  }
}
