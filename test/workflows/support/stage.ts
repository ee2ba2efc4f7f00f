/** A real Temporal server with the ferry's two workers for one test file; each test plays a transfer of its own on it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { DefaultLogger, makeTelemetryFilterString, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { silent } from '../../../dev/log';
import { startTemporal, type TemporalOptions } from '../../../dev/servers/temporal';
import { COPY_QUEUE, WORKFLOW_QUEUE } from '../../../src/workflows/activity-proxies';
import { heartbeating } from '../../../src/activities/heartbeating';
import type { Transfer } from '../../../src/domain/transfer';
import { awaitEnds } from '../../../src/workers/await-ends';
import { aTransfer, willing, type Activities, type ActivityInput, type ActivityName } from './examples';

/** The server's program may have to be fetched first. */
export const START_MS = 180_000;

// A workflow's retry alone may take seconds, and two cores are all there may be.
jest.setTimeout(120_000);

const workflowBundle = { codePath: join(__dirname, '..', '..', '..', 'dist', 'workflow-bundle.js') };

type Handle = WorkflowHandleWithFirstExecutionRunId;

/** One transfer of one test: its activities, and every call of them. */
export class Play {
  readonly log: { readonly activity: ActivityName; readonly input: unknown }[] = [];
  private readonly activities: Activities;

  constructor(
    readonly transfer: Transfer,
    changes: Partial<Activities>,
    private readonly client: Client,
  ) {
    this.activities = { ...willing(transfer), ...changes };
  }

  /** The inputs of one activity's calls, in their order; attempts count. */
  calls<K extends ActivityName>(activity: K): ActivityInput<K>[] {
    return this.log.flatMap((call) => (call.activity === activity ? [call.input as ActivityInput<K>] : []));
  }

  perform(activity: ActivityName, input: unknown): unknown {
    this.log.push({ activity, input });
    return (this.activities[activity] as (input: unknown) => unknown)(input);
  }

  get id(): string {
    return `ferry-${this.transfer.name}`;
  }

  run(input: object = {}): Promise<Handle> {
    return this.start('transferBucket', this.id, { name: this.transfer.name, ...input });
  }

  start(type: string, workflowId: string, ...args: unknown[]): Promise<Handle> {
    return this.client.workflow.start(type, { taskQueue: WORKFLOW_QUEUE, workflowId, args });
  }

  /** The transfer's own run, or what has this at the end of its id. */
  handle(suffix = '', runId?: string) {
    return this.client.workflow.getHandle(this.id + suffix, runId);
  }
}

export class Stage {
  private readonly plays = new Map<string, Play>();
  private current: Play | undefined;

  private constructor(
    readonly client: Client,
    private readonly close: () => Promise<void>,
  ) {}

  /** `settings`: of the server. */
  static async open(settings: TemporalOptions['settings'] = {}): Promise<Stage> {
    Runtime.install({
      // A refused signal is a warning, and a failed activity another; what must not be is looked up in the histories.
      logger: new DefaultLogger('ERROR'),
      telemetryOptions: {
        logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }), forward: {} },
      },
    });
    const folder = await mkdtemp(join(tmpdir(), 'ferry-workflows-'));
    const server = await startTemporal({ folder, headless: true, settings, log: silent });
    const { address, namespace } = server;
    const connection = await Connection.connect({ address });
    const native = await NativeConnection.connect({ address });
    const stage: Stage = new Stage(new Client({ connection, namespace }), async () => {
      for (const worker of workers) worker.shutdown();
      await running;
      await native.close();
      await connection.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    });
    const common = { connection: native, namespace, shutdownForceTime: '5s', maxHeartbeatThrottleInterval: '50ms' };
    const of = (...names: ActivityName[]) =>
      Object.fromEntries(names.map((name) => [name, (input: unknown) => stage.playOf(input).perform(name, input)]));
    const workers = await Promise.all([
      Worker.create({
        ...common,
        taskQueue: WORKFLOW_QUEUE,
        workflowBundle,
        activities: {
          ...of(
            ...(['preflight', 'scanRange', 'splitRange', 'openTransfer', 'sealTransfer', 'abortTransfer'] as const),
            ...(['canary', 'recordFailure', 'runBatchJob', 'finishRun', 'awaitTransfer', 'endLeftovers'] as const),
            ...(['findDeletes', 'deleteObjects'] as const),
          ),
          // The server itself is asked, as a worker does.
          awaitChildren: ({ children }: ActivityInput<'awaitChildren'>) =>
            heartbeating<never, unknown>(({ stop }) => awaitEnds(stage.client, children, stop)),
        },
      }),
      Worker.create({ ...common, taskQueue: COPY_QUEUE, activities: of('copyParts', 'copyPack', 'copyWhole') }),
    ]);
    const running = Promise.all(workers.map((worker) => worker.run()));
    return stage;
  }

  /** A new transfer whose activities succeed, but for those given. */
  play(activities: Partial<Activities> = {}, changes: Partial<Transfer> = {}): Play {
    const name = `t${this.plays.size + 1}`;
    this.current = new Play(aTransfer(name, changes), activities, this.client);
    this.plays.set(name, this.current);
    return this.current;
  }

  /** After each test: nothing goes on, and no workflow's own code has failed. */
  async clear(): Promise<void> {
    const broken: string[] = [];
    const query = `WorkflowId STARTS_WITH "${this.current?.id ?? ''}"`;
    for await (const { workflowId, runId, status } of this.client.workflow.list({ query })) {
      const handle = this.client.workflow.getHandle(workflowId, runId);
      if (status.name === 'RUNNING') await handle.terminate('the test is over').catch(() => undefined);
      for (const { workflowTaskFailedEventAttributes: failed } of (await handle.fetchHistory()).events ?? []) {
        // A signal that came while a task was being completed: the server has it done again.
        if (failed?.failure?.message === 'UnhandledCommand') continue;
        if (failed?.failure?.message) broken.push(`${workflowId}: ${failed.failure.message}`);
      }
    }
    expect(broken).toEqual([]);
  }

  stop(): Promise<void> {
    return this.close();
  }

  private playOf(input: unknown): Play {
    const { name, transfer, source, workflowId } = input as {
      readonly name?: string;
      readonly transfer?: { readonly name: string } | string;
      readonly source?: { readonly bucket: string };
      readonly workflowId?: string;
    };
    const named = typeof transfer === 'string' ? transfer : transfer?.name;
    const owner = name ?? named ?? source?.bucket ?? workflowId?.replace(/^ferry-/, '') ?? '';
    const play = this.plays.get(owner);
    if (play === undefined) throw new Error(`No test plays the transfer ${owner}`);
    return play;
  }
}

/** The stage of a test file: open before its first test, cleared after each, ended after the last. */
export function useStage(): Pick<Stage, 'client' | 'play'> {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.open();
  }, START_MS);
  afterEach(() => stage.clear());
  afterAll(() => stage.stop());
  return {
    get client() {
      return stage.client;
    },
    play: (...given) => stage.play(...given),
  };
}
