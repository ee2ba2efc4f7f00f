/** Plays rounds until enough processes are killed, each special moment included. */
import type { S3Server } from '../servers/s3-server';
import { addTraffic, type DrillFigures } from './figures';
import { allOf, check, NOTHING_CHECKED } from './findings';
import { createKiller } from './killer';
import { countKills, type Kill, type Victim } from './kill-record';
import { seededRandom, type Random } from './random';
import { playRound, type PlannedSpecial, type RoundResult } from './round';
import { openSite } from './site';

/** Two of three objects of the Batch route share a job, or none does, as chance has it. */
const BYTES_PER_JOB = '500MB';

export interface DrillRequest {
  readonly folder: string;
  readonly kills: number;
  readonly seed: number;
  readonly store: S3Server['kind'];
  readonly interrupted: Promise<void>;
  readonly say: (text: string) => void;
}

/** Kills at random moments that one delivery is good for. */
const KILLS_A_ROUND = 17;
const ROUNDS_TO_SPARE = 5;
/** From here on each special moment has its turn twice. */
const LARGE_DRILL = 20;

const FIRST_TURN: readonly PlannedSpecial[] = [
  { moment: 'beforeFirstPart', of: 'large' },
  { moment: 'afterComplete', of: 'batch' },
  { moment: 'afterPut', of: 'medium' },
];
const SECOND_TURN: readonly PlannedSpecial[] = [
  { moment: 'beforeFirstPart', of: 'batch' },
  { moment: 'afterComplete', of: 'large' },
  { moment: 'afterPut', of: 'small' },
];

/** Undefined when it was interrupted. Nothing that it started is left at its end. */
export async function drill(request: DrillRequest): Promise<DrillFigures | undefined> {
  const { folder, store, seed, say, interrupted } = request;
  const startedAt = Date.now();
  const site = await openSite({ folder, store, log: () => undefined, batch: { bytesPerJob: BYTES_PER_JOB } });
  const killer = createKiller(site, (kill) => say(sentenceOf(kill, killer.kills.length, request.kills)));
  let stopped = false;
  const rounds: RoundResult[] = [];

  const play = async () => {
    const random = seededRandom(seed);
    let turns = request.kills < LARGE_DRILL ? [FIRST_TURN] : [FIRST_TURN, SECOND_TURN];
    const victims = victimsOf(request.kills - turns.flat().length, random);
    const most = Math.ceil(request.kills / KILLS_A_ROUND) + ROUNDS_TO_SPARE;
    while (!stopped && rounds.length < most && (killer.kills.length < request.kills || turns.length > 0)) {
      const [specials = [], ...later] = turns;
      const missing = request.kills - killer.kills.length - turns.flat().length;
      if (victims.length === 0) victims.push(...victimsOf(Math.max(0, missing), random));
      const own = victims.splice(0, KILLS_A_ROUND);
      const number = rounds.length + 1;
      const interrupted = () => stopped;
      const round = await playRound({ site, killer, random, seed, number, victims: own, specials, interrupted, say });
      rounds.push(round);
      victims.push(...round.victimsLeft);
      turns = round.specialsLeft.length === 0 ? later : [...later, round.specialsLeft];
      for (const problem of round.problems) say(`FAILED: ${problem}`);
      if (round.problems.length > 0) break;
    }
    return turns.flat();
  };

  try {
    const playing = play();
    playing.catch(() => undefined);
    const left = await Promise.race([playing, interrupted]);
    stopped = true;
    if (left === undefined) return undefined;
    const broken = rounds.some(({ problems }) => problems.length > 0);
    const enough = broken
      ? NOTHING_CHECKED
      : allOf(
          check(killer.kills.length >= request.kills, `only ${killer.kills.length} processes were killed`),
          check(left.length === 0, `these moments never came: ${left.map(({ moment }) => moment).join(', ')}`),
        );
    return {
      seed,
      store,
      rounds: rounds.length,
      objects: rounds.reduce((sum, { objects }) => sum + objects, 0),
      ...addTraffic(rounds.map(({ traffic }) => traffic)),
      kills: countKills(killer.kills),
      ...allOf(...rounds, enough),
      wallSeconds: Math.round((Date.now() - startedAt) / 1000),
    };
  } finally {
    stopped = true;
    await killer.close();
    await site.stop();
  }
}

/** Half of them workers, a third Batch jobs, the rest jobs by hand, each of which costs a Batch job too. */
function victimsOf(count: number, random: Random): Victim[] {
  const hands = Math.round(count / 6);
  const jobs = Math.max(0, Math.round(count / 3) - hands);
  const workers = Math.max(0, count - 2 * hands - jobs);
  const times = (victim: Victim, number: number) => Array.from({ length: number }, () => victim);
  return random.shuffled([...times('worker', workers), ...times('job', jobs), ...times('hand', hands)]);
}

function sentenceOf({ victim, moment, what }: Kill, count: number, wanted: number): string {
  const who = victim === 'worker' ? what : `${victim === 'job' ? 'the Batch job' : 'the job by hand'} of ${what}`;
  return `kill ${count} of ${wanted}: ${who}${moment === 'random' ? '' : `, ${moment}`}`;
}
