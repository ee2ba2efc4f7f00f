/** The worker, then the Temporal server, killed again and again: the run ends right, and little is sent twice. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError } from '@temporalio/client';
import { silent } from '../../dev/log';
import { startTemporal, type TemporalServer } from '../../dev/servers/temporal';
import type { RunResult } from '../../src/domain/run-result';
import { reportFolder } from '../../src/transfer/report-folder';
import { finalLines } from '../../src/transfer/report-reader';
import { newObjects } from './fields';
import { exactGoal, scaled, type MeasureRow } from './goal';
import { readHistories } from './histories';
import { packsInFlight, type Unsettled } from './packs-in-flight';
import { openStage, OUT, type Stage } from './stage';

const OBJECTS = 200_000;
const EVERY_MS = 20_000;
/** From here on it takes as long as kills every 20 s need. */
const LEAST_FULL = 0.1;
/** Where there is little to copy, it is copied slowly, and two kills come soon: a lost worker is noticed after 20 s. */
const SMALL = { everyMs: 4_000, requestsPerSecond: 350, kills: 2 };
const NAME = 'scale-kills';
/** What was on its way to the server is there by then. */
const SETTLE_MS = 300;

interface Kill {
  readonly of: 'worker' | 'server';
  readonly packs: readonly Unsettled[];
}

export const measureKills: MeasureRow = async (context) => {
  const objects = scaled(context, OBJECTS, 2_000);
  const isFull = context.scale >= LEAST_FULL;
  const pace = isFull ? {} : { requestsPerSecond: SMALL.requestsPerSecond };
  const stage = await openStage(context.folder, { ...newObjects(objects, 1024), ...pace });
  const killer = new Killer(stage, context.log);
  try {
    await killer.begin();
    context.log(`kills: ${objects} objects`);
    const run = await stage.start(stage.entry(NAME));
    const begun = performance.now();
    const ended = resultOf(stage, run);
    ended.catch(() => undefined);
    const kills: Kill[] = [];
    const over = ended.then(() => 'over');
    while (kills.length < (isFull ? Infinity : SMALL.kills)) {
      if ((await Promise.race([over, sleep(isFull ? EVERY_MS : SMALL.everyMs)])) === 'over') break;
      kills.push(await (kills.length % 2 === 0 ? killer.killWorker() : killer.killServer()));
    }
    const result = await ended;
    const seconds = (performance.now() - begun) / 1000;
    const { failedTasks, ...histories } = await readHistories(stage.client, `ferry-${NAME}`);
    const { perKey, mismatches } = await stage.store.stats();
    const reported = await readReport(join(stage.folder, 'reports', NAME), run.runId);
    const { surplus = 0, repeatedKeys = 0, repeated = [] } = perKey ?? {};
    const unexplained = repeated.filter(({ key }) => !kills.some(({ packs }) => packs.some(holds(key.slice(OUT.length))))); // prettier-ignore
    const isRight = result.copied === objects && result.failed === 0 && mismatches.length === 0;
    return {
      row: 'kills',
      goals: [
        exactGoal('kills', 'at least 2', kills.length, kills.length >= 2),
        exactGoal('objects copied', String(objects), result.copied, isRight),
        exactGoal('keys in the report, each once, as copied', String(objects), reported.copied, reported.copied === objects && reported.lines === objects), // prettier-ignore
        exactGoal('objects sent again that lie behind no last cursor', '0', unexplained.length, unexplained.length === 0), // prettier-ignore
      ],
      facts: {
        objects,
        seconds,
        kills: kills.map(({ of, packs }) => ({ of, packs: packs.length })),
        sentAgain: surplus,
        sentAgainPerKill: kills.length === 0 ? 0 : surplus / kills.length,
        keysSentAgain: repeatedKeys,
        histories,
        failedTasks: failedTasks.length,
      },
    };
  } finally {
    await killer.stop();
    await stage.stop();
  }
};

function holds(key: string): (pack: Unsettled) => boolean {
  // Made-up keys are ASCII, where `<` is byte order.
  return ({ after, endAt }) => key > after && key <= endAt;
}

class Killer {
  private worker: { stop(graceMs: number): Promise<unknown> } | undefined;
  private server: TemporalServer;

  constructor(
    private readonly stage: Stage,
    private readonly log: (text: string) => void,
  ) {
    this.server = stage.temporal;
  }

  async begin(): Promise<void> {
    this.worker = (await this.stage.worker()).process;
  }

  async killWorker(): Promise<Kill> {
    await this.worker?.stop(0);
    await sleep(SETTLE_MS);
    const packs = await packsInFlight(this.stage.client, NAME);
    this.log(`kills: the worker, with ${packs.length} packs in flight`);
    this.worker = (await this.stage.worker()).process;
    return { of: 'worker', packs };
  }

  async killServer(): Promise<Kill> {
    const before = await packsInFlight(this.stage.client, NAME);
    await this.server.process.stop(0);
    const port = Number(this.server.address.split(':')[1]);
    const folder = join(this.stage.folder, 'temporal');
    this.server = await startTemporal({ folder, port, headless: true, log: silent });
    if (this.server.address !== this.stage.temporal.address) throw new Error(`Port ${port} was taken by somebody else`);
    this.log(`kills: the Temporal server, with ${before.length} packs in flight`);
    // What has begun since is known to the new server alone.
    return { of: 'server', packs: [...before, ...(await packsInFlight(this.stage.client, NAME))] };
  }

  async stop(): Promise<void> {
    await this.worker?.stop(0);
    await this.server.stop();
  }
}

/** However often the server is away meanwhile. */
async function resultOf(
  { client }: Stage,
  { workflowId, runId }: { workflowId: string; runId: string },
): Promise<RunResult> {
  // prettier-ignore
  const handle = client.workflow.getHandle(workflowId, runId);
  for (;;) {
    try {
      return (await handle.result()) as RunResult;
    } catch (error) {
      if (error instanceof WorkflowFailedError) throw error;
      await sleep(SETTLE_MS);
    }
  }
}

async function readReport(folder: string, run: string): Promise<{ readonly lines: number; readonly copied: number }> {
  let lines = 0;
  let copied = 0;
  let before = '';
  for await (const { key, outcome } of finalLines(reportFolder(folder), run)) {
    if (key <= before) throw new Error(`The report has ${key} after ${before}`);
    before = key;
    lines += 1;
    if (outcome === 'copied') copied += 1;
  }
  return { lines, copied };
}
