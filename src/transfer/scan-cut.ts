/** What a scan has cut so far: single objects, jobs that several share, packs of small ones, and the lines and counts of all keys that no pack counts. */
import { etagKind } from '../domain/copy-decision';
import { addCounters, NO_COUNTERS, type Counters } from '../domain/counters';
import type { FailedLine, SkippedLine } from '../domain/report-line';
import { keyAfter, type KeySpan } from '../domain/key-order';
import { routeOf, type Route, type Transfer } from '../domain/transfer';
import type { KeyRange, ObjectSpec, ScanResult, SharedJobSpec } from '../domain/work';
import type { KeyDecision } from './decide-key';
import { JobCutter } from './job-cutter';
import { hashOf } from './key-hash';
import type { ListedObject } from './object-store';
import { PackCutter } from './pack-cutter';

/** What goes into the report, and not into a history. */
export interface ScanSpan {
  /** Every key that this scan has settled or handed on stands in here, those included that a pack will find added to its range. */
  readonly span: KeySpan;
}

export class ScanCut {
  private readonly packs: PackCutter;
  private readonly objects: ObjectSpec[] = [];
  private readonly jobs: SharedJobSpec[] = [];
  private readonly jobCutter: JobCutter<ObjectSpec>;
  private handedOn = 0;
  private lines: (SkippedLine | FailedLine)[] = [];
  private counters: Counters = NO_COUNTERS;
  /** The last key of the walk. */
  private last: string | undefined;

  constructor(
    private readonly transfer: Transfer,
    private readonly range: KeyRange,
    private readonly ordered: boolean,
    private readonly group: string,
  ) {
    this.packs = new PackCutter(range, (line) => this.settle(line), ordered, group);
    this.jobCutter = new JobCutter(transfer, (objects) => this.takeJob(objects));
  }

  /** Those that share a job as well. */
  get objectCount(): number {
    return this.handedOn;
  }

  get packCount(): number {
    return this.packs.count;
  }

  /** Keys come in the order of the walk. No decision: a filter leaves the key out. */
  add({ key, size, etag }: ListedObject, decision: KeyDecision | undefined): void {
    this.last = key;
    const route = routeOf(this.transfer, size);
    if (decision === undefined) {
      this.packs.pass(key);
    } else if (route === 'pack') {
      if (decision.kind === 'copy') this.packs.take(key, size);
      else this.packs.rest(key, decision.line);
    } else {
      this.packs.pass(key);
      if (decision.kind === 'settled') this.settle(decision.line);
      else this.takeObject({ id: hashOf(key), group: this.group, key, size, route, ...newAs(route, etag, decision) });
    }
  }

  /** A held key: no pack may reach across it. */
  passOver(key: string): void {
    this.last = key;
    this.packs.close();
    this.packs.pass(key);
  }

  finish(): Pick<ScanResult, 'packs' | 'jobs' | 'objects' | 'counters'> & ScanSpan {
    const packs = this.packs.finish();
    this.jobCutter.finish();
    const { jobs, objects, counters, span } = this;
    return { packs, ...(jobs.length === 0 ? {} : { jobs }), objects, counters, span };
  }

  /** Those settled since they were taken last. */
  takeLines(): readonly (SkippedLine | FailedLine)[] {
    const { lines } = this;
    this.lines = [];
    return lines;
  }

  /** Of a listing in another order nothing can be said: what is added to it later may stand anywhere. */
  private get span(): KeySpan {
    if (!this.ordered) return {};
    const { prefix, startAfter } = this.range;
    const first = startAfter === undefined ? prefix : keyAfter(startAfter);
    return { first, last: this.last ?? first };
  }

  private takeObject(object: ObjectSpec): void {
    this.handedOn += 1;
    if (object.route === 'batch') this.jobCutter.take(object);
    else this.objects.push(object);
    this.counters = addCounters(this.counters, { listed: 1, bytesListed: object.size });
  }

  private takeJob(objects: readonly ObjectSpec[]): void {
    const [only, ...others] = objects;
    if (only !== undefined && others.length === 0) this.objects.push(only);
    else this.jobs.push({ id: hashOf(JSON.stringify(objects.map(({ key }) => key))), group: this.group, objects });
  }

  private settle(line: SkippedLine | FailedLine): void {
    this.lines.push(line);
    this.counters = addCounters(this.counters, { listed: 1, bytesListed: line.size, [line.outcome]: 1 });
  }
}

/** For an object that one PutObject may take: any other is looked at before. */
function newAs(
  route: Route,
  etag: string,
  { reason }: Extract<KeyDecision, { kind: 'copy' }>,
): Pick<ObjectSpec, 'newAs'> {
  const isInOnePiece = route === 'worker' && typeof etagKind(etag) !== 'number';
  return reason === 'missing' && isInOnePiece && etag !== '' ? { newAs: etag } : {};
}
