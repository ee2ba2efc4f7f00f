/** Kills at the three moments that chance would hardly hit: rules of the proxies wait for them. */
import { setTimeout as delay } from 'node:timers/promises';
import type { RuleSpec } from '../proxy/rules';
import type { Killer } from './killer';
import type { SpecialMoment } from './kill-record';
import type { Route, Site } from './site';

export interface SpecialKill {
  readonly moment: SpecialMoment;
  readonly key: string;
  /** Who is to be killed when the moment comes. */
  readonly by: 'worker' | 'job';
}

export interface ArmedKill {
  readonly spec: SpecialKill;
  happened(): boolean;
  disarm(): void;
}

/** A proxy sees that a process has gone a moment later; what it holds back for it must not go on before. */
const SEEN_MS = 200;

export function arm(spec: SpecialKill, site: Site, killer: Killer): ArmedKill {
  const routes: readonly Route[] =
    spec.by === 'worker' || spec.moment !== 'beforeFirstPart' ? site.workers : [site.jobs];
  let killing: Promise<void> | undefined;
  let happened = false;

  const kill = async (route: Route) => {
    const seat = site.workers.find(({ name }) => name === route.name);
    const { process } = seat ?? {};
    if (seat && process) happened = await killer.worker(seat, spec.moment, process);
    const job = seat ? undefined : (await killer.runningJobs()).find(({ keys }) => keys.includes(spec.key));
    if (job) happened = await killer.job(job, spec.moment);
    await delay(SEEN_MS);
    disarm();
  };
  const once = (route: Route) => () => (killing ??= kill(route));
  const rules = routes.map((route) => route.proxy.inject(ruleOf(spec, once(route))));
  const disarm = () => {
    for (const rule of rules) rule.remove();
  };
  return { spec, happened: () => happened, disarm };
}

function ruleOf({ moment, key }: SpecialKill, then: () => Promise<void>): RuleSpec {
  // All parts that the process begins with are held back, so that none of them is the first.
  if (moment === 'beforeFirstPart') return { kind: 'UploadPart', key, action: { type: 'call', before: then } };
  const kind = moment === 'afterComplete' ? 'CompleteMultipartUpload' : 'PutObject';
  return { kind, key, times: 1, action: { type: 'dropAnswer', after: then } };
}
