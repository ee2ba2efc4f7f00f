/** A dry run: what a run would copy, by which route, and what that would cost. Reads only. */
import { planParts } from '../domain/part-plan';
import type { FailedLine } from '../domain/report-line';
import { routeOf, type Route, type RunScope, type Transfer } from '../domain/transfer';
import { countParts } from '../domain/part-plan';
import { costOfJobs, type JobsCost } from '../domain/job-size';
import { concurrently } from './concurrently';
import { decideKey } from './decide-key';
import { assertOrdered } from './delete-candidates';
import type { Engine } from './engine';
import { JobCutter } from './job-cutter';
import { joinListings } from './join-listings';
import { keyFilter } from './key-filter';
import type { ListedObject } from './object-store';
import { planDeletes, type DeletePlan } from './plan-deletes';

export interface RoutePlan {
  readonly objects: number;
  readonly bytes: number;
}

export interface TransferPlan {
  readonly listed: number;
  readonly skipped: number;
  readonly routes: Readonly<Record<Route, RoutePlan>>;
  readonly reasons: Readonly<Record<string, number>>;
  /** Of the run itself, as far as they can be foreseen. */
  readonly requests: { readonly list: number; readonly read: number; readonly write: number };
  /** US dollars for those requests at us-east-1 list prices; data transfer and compute are not in it. */
  readonly requestCost: number;
  /** Of the objects that go by Batch. Absent: none does. */
  readonly jobs?: JobsPlan;
  /** The first of the keys to copy. */
  readonly sample: readonly {
    readonly key: string;
    readonly size: number;
    readonly route: Route;
    readonly reason: string;
  }[];
  readonly failures: readonly FailedLine[];
  /** Absent: the transfer does not propagate deletes, or looks at a prefix alone. */
  readonly deletes?: DeletePlan;
}

export interface JobsPlan extends JobsCost {
  readonly jobs: number;
  /** Of them, those that several objects share, and how many these are. */
  readonly shared: number;
  readonly sharing: number;
}

const SAMPLE = 20;
const MAX_FAILURES = 100;
const LOOKS_AT_ONCE = 32;
const PAGE_KEYS = 1000;
/** aws.amazon.com/s3/pricing: PUT, COPY, POST, LIST $0.005 per 1,000; GET and all others $0.0004. */
const WRITE_PRICE = 0.005 / 1000;
const READ_PRICE = 0.0004 / 1000;

export async function planTransfer(
  transfer: Transfer,
  scope: RunScope,
  engine: Engine,
  onProgress: (listed: number) => void = () => undefined,
): Promise<TransferPlan> {
  const source = engine.openStore(transfer.source);
  const context = { transfer, force: scope.force === true, source, target: engine.openStore(transfer.target) };
  const { deletes } = transfer;
  if (deletes !== undefined) assertOrdered(context);
  const wanted = keyFilter(transfer, Date.now());
  const tally = new Tally(transfer);
  await concurrently(
    joinListings(context, { prefix: transfer.source.prefix + (scope.prefix ?? '') }),
    LOOKS_AT_ONCE,
    async ({ object, target }) => {
      tally.walked += 1;
      if (!wanted(object)) return;
      const decision = await decideKey(object, context, target);
      if (decision.kind === 'copy') tally.copy(object, decision.reason);
      else if (decision.line.outcome === 'failed') tally.failures.push(decision.line);
      else tally.skipped += 1;
      tally.listed += 1;
      if (tally.listed % PAGE_KEYS === 0) onProgress(tally.listed);
    },
  );
  if (deletes === undefined || (scope.prefix ?? '') !== '') return tally.plan();
  return { ...tally.plan(), deletes: await planDeletes(transfer, deletes, engine) };
}

class Tally {
  walked = 0;
  listed = 0;
  skipped = 0;
  readonly failures: FailedLine[] = [];
  private readonly routes: Record<Route, { objects: number; bytes: number }> = {
    pack: { objects: 0, bytes: 0 },
    worker: { objects: 0, bytes: 0 },
    batch: { objects: 0, bytes: 0 },
  };
  private readonly reasons: Record<string, number> = {};
  private readonly sample: TransferPlan['sample'][number][] = [];
  private moves = { read: 0, write: 0 };
  private readonly jobs = { jobs: 0, shared: 0, sharing: 0 };
  private readonly jobCutter: JobCutter<ListedObject>;

  constructor(private readonly transfer: Transfer) {
    this.jobCutter = new JobCutter(transfer, ({ length }) => {
      this.jobs.jobs += 1;
      if (length === 1) return;
      this.jobs.shared += 1;
      this.jobs.sharing += length;
    });
  }

  copy(object: ListedObject, reason: string): void {
    const { key, size } = object;
    const route = routeOf(this.transfer, size);
    if (route === 'batch') this.jobCutter.take(object);
    this.routes[route].objects += 1;
    this.routes[route].bytes += size;
    this.reasons[reason] = (this.reasons[reason] ?? 0) + 1;
    if (this.sample.length < SAMPLE) this.sample.push({ key, size, route, reason });
    const plan = planParts({ size }, route === 'batch');
    const parts = countParts(plan.layout);
    // A pack looks at the target again; a child looks at both, and seals with ListParts and a HEAD.
    this.moves.read += parts + (route === 'pack' ? 1 : plan.kind === 'put' ? 3 : 5);
    this.moves.write += parts + (plan.kind === 'put' ? 0 : 2);
  }

  plan(): TransferPlan {
    this.jobCutter.finish();
    const list = Math.ceil(this.walked / PAGE_KEYS);
    const read = this.moves.read + this.listed;
    const { write } = this.moves;
    const { listed, skipped, routes, reasons, sample } = this;
    const requestCost = (list + write) * WRITE_PRICE + read * READ_PRICE;
    return {
      listed,
      skipped,
      routes,
      reasons,
      requests: { list, read, write },
      requestCost,
      ...(routes.batch.objects === 0
        ? {}
        : { jobs: { ...this.jobs, ...costOfJobs(this.jobs.jobs, routes.batch.bytes) } }),
      sample,
      failures: this.failures.slice(0, MAX_FAILURES),
    };
  }
}
