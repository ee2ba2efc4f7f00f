/**
 * Judges what was sent, from a record of requests and of kills alone: a write that a kill interrupted may be repeated,
 * and nothing else.
 */
import { allOf, check, type Findings } from './findings';
import type { Kill } from './kill-record';

/** An UploadPart or PutObject of an object of the round. */
export interface Write {
  /** The process that has sent it. */
  readonly sender: string;
  readonly key: string;
  readonly uploadId?: string;
  readonly partNumber?: number;
  /** Bytes of the body that its head announced, and those that came. */
  readonly length: number;
  readonly arrived: number;
  /** Of the store's answer, whether or not it reached the process. */
  readonly status?: number;
  /** The store broke off without an answer. */
  readonly brokenOff?: true;
  /** The answer was handed over whole. */
  readonly finished: boolean;
  readonly startedAt: number;
  readonly endedAt?: number;
}

export interface TrafficFigures {
  readonly bytesMoved: number;
  readonly bytesArrived: number;
  /** Arrived beyond what was to be moved. */
  readonly surplusBytes: number;
  /** The whole lengths of the writes that were in flight, of the process that was killed, at its kill. */
  readonly boundBytes: number;
  readonly interruptedWrites: number;
  readonly repeatedWrites: number;
  /** Writes that the store answered with an error or broke off; they are repeated without a kill. */
  readonly refusedWrites: number;
  readonly refusedBytes: number;
}

export function judgeTraffic(
  writes: readonly Write[],
  kills: readonly Kill[],
  sizes: ReadonlyMap<string, number>,
): Findings & { readonly figures: TrafficFigures } {
  const interrupted = new Set(writes.filter((write) => kills.some((kill) => interrupts(kill, write))));
  const refused = writes.filter((write) => !interrupted.has(write) && isRefused(write));
  const places = groupedBy(writes, placeOf);
  const findings: Findings[] = [];
  let repeatedWrites = 0;
  for (const [place, attempts] of places) {
    const ordered = [...attempts].sort((a, b) => a.startedAt - b.startedAt);
    repeatedWrites += ordered.length - 1;
    findings.push(...ordered.slice(0, -1).map((write) => judgeRepeated(place, write, interrupted.has(write))));
    findings.push(check(ordered.some(mayBeStored), `${place}: no attempt can have been stored`));
  }
  for (const [key, own] of groupedBy(writes, ({ key }) => key)) {
    const uploads = new Set(own.map(({ uploadId }) => uploadId)).size;
    findings.push(check(uploads <= 1, `${key}: parts went into ${uploads} uploads, so the object was begun anew`));
    findings.push(check(sizes.has(key), `${key}: written, and nobody has delivered it`));
  }
  const bytesMoved = sum([...sizes.values()]);
  const bytesArrived = sum(writes.map(({ arrived }) => arrived));
  const boundBytes = sum([...interrupted].map(({ length }) => length));
  const refusedBytes = sum(refused.map(({ length }) => length));
  const surplusBytes = bytesArrived - bytesMoved;
  findings.push(
    check(surplusBytes >= 0, `${-surplusBytes} bytes less were written than delivered`),
    check(
      surplusBytes <= boundBytes + refusedBytes,
      `${surplusBytes} bytes were sent beyond what was to be moved; ${boundBytes} were in flight at kills, ${refusedBytes} refused by the store`,
    ),
  );
  const figures = {
    bytesMoved,
    bytesArrived,
    surplusBytes,
    boundBytes,
    interruptedWrites: interrupted.size,
    repeatedWrites,
    refusedWrites: refused.length,
    refusedBytes,
  };
  return { ...allOf(...findings), figures };
}

/** An attempt that is not the last at its place. */
function judgeRepeated(place: string, write: Write, wasInterrupted: boolean): Findings {
  const { sender, arrived, length, startedAt, endedAt = NaN, status = 'none' } = write;
  const times = `${new Date(startedAt).toISOString()}, ${endedAt - startedAt} ms`;
  const by = `the one of ${sender} (${arrived} of ${length} bytes, status ${status}, ${times})`;
  if (isStored(write)) return check(false, `${place}: sent again, although the store had taken ${by}`);
  return check(wasInterrupted || isRefused(write), `${place}: sent again, although no kill had interrupted ${by}`);
}

/** Whether the write was in flight when its process was killed. It may have begun to be seen later, on a busy machine. */
export function interrupts(kill: Kill, { sender, finished, endedAt = Infinity }: Write): boolean {
  return sender === kill.sender && !finished && endedAt >= kill.at;
}

function isStored({ status }: Write): boolean {
  return status === 200;
}

/** A store that has the whole body may keep it although its process was gone before the answer. */
function mayBeStored(write: Write): boolean {
  return isStored(write) || (write.status === undefined && write.arrived === write.length);
}

function isRefused({ status, brokenOff }: Write): boolean {
  return brokenOff === true || (status !== undefined && status >= 300);
}

function placeOf({ key, uploadId, partNumber }: Write): string {
  return uploadId === undefined ? key : `${key}, part ${partNumber} of upload ${uploadId}`;
}

function groupedBy(writes: readonly Write[], nameOf: (write: Write) => string): Map<string, Write[]> {
  const groups = new Map<string, Write[]>();
  for (const write of writes) groups.set(nameOf(write), [...(groups.get(nameOf(write)) ?? []), write]);
  return groups;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
