/**
 * The board by which processes share a limit, on Temporal itself: whoever copies for a transfer polls a queue of its own on
 * which there is never a task, and its claim is the poller's identity. Temporal keeps that in memory alone, for some minutes,
 * and shows it to whoever describes the queue: no history grows.
 */
import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import type { Claim } from '../domain/bandwidth-share';
import { CLAIM_LIFE_MS, type BandwidthBoard } from '../transfer/bandwidth';
import { progressQuery } from '../workflows/messages';

export interface PollerBoardOptions {
  readonly connection: ConnectionOptions;
  readonly namespace: string;
}

/** A sticky queue: it has one partition, where a normal one shows to each who asks only some of its pollers. */
const STICKY = 2;
/** Longer than Temporal takes for too short a poll. */
const POLL_MS = 30_000;
/** Temporal notes when a poll begins and ends: what does not change is shown again so often. */
const AGAIN_MS = CLAIM_LIFE_MS / 3;
const ANSWER_MS = 5_000;
const FAREWELL_MS = 1_000;
/** gRPC's: a poll that was called off, or had no task until its end. */
const ENDS: readonly unknown[] = [1, 4];

interface Shown {
  readonly text: string;
  readonly at: number;
  readonly poll: AbortController;
}

export class PollerBoard implements BandwidthBoard {
  private lastNumber = 0;
  private readonly shown = new Map<string, Shown>();
  private readonly polls = new Set<AbortController>();
  /** By transfer: polls that were refused. Who cannot be seen must not reckon with what it sees. */
  private readonly refused = new Map<string, unknown>();
  private readonly connection: Connection;
  private readonly client: Client;

  constructor({ connection, namespace }: PollerBoardOptions) {
    // One that tries nothing again: it would go on with polls that were called off long ago.
    this.connection = Connection.lazy({ ...connection, interceptors: [] });
    this.client = new Client({ connection: this.connection, namespace });
  }

  async limit(transfer: string): Promise<number | undefined> {
    const run = this.client.workflow.getHandle(`ferry-${transfer}`);
    const { bandwidth } = await this.connection.withDeadline(Date.now() + ANSWER_MS, () => run.query(progressQuery));
    return bandwidth;
  }

  async claims(transfer: string): Promise<readonly Claim[]> {
    if (this.refused.has(transfer)) {
      const reason = this.refused.get(transfer);
      this.refused.delete(transfer);
      throw reason;
    }
    const { client, connection } = this;
    const { pollers } = await connection.withDeadline(Date.now() + ANSWER_MS, () =>
      connection.workflowService.describeTaskQueue({
        namespace: client.options.namespace,
        taskQueue: queueOf(transfer),
      }),
    );
    return lastWords(pollers.map(({ identity, lastAccessTime }) => ({ identity, at: msOf(lastAccessTime) })));
  }

  show(transfer: string, claim: Claim): void {
    const name = `${transfer} ${claim.process}`;
    const text = textOf(claim);
    const before = this.shown.get(name);
    const now = performance.now();
    if (before?.text === text && now - before.at < AGAIN_MS) return;
    this.shown.set(name, { text, at: now, poll: this.poll(transfer, text) });
    before?.poll.abort();
  }

  withdraw(transfer: string, process: string): void {
    const name = `${transfer} ${process}`;
    const before = this.shown.get(name);
    if (before === undefined) return;
    this.shown.delete(name);
    const poll = this.poll(transfer, textOf({ process, copies: 0, want: 0 }));
    setTimeout(() => poll.abort(), FAREWELL_MS).unref();
    before.poll.abort();
  }

  /** What was withdrawn a moment ago should be on its way. */
  async close(): Promise<void> {
    for (const poll of this.polls) poll.abort();
    this.shown.clear();
    await this.connection.close();
  }

  private poll(transfer: string, text: string): AbortController {
    const { client, connection } = this;
    const poll = new AbortController();
    this.polls.add(poll);
    // The highest is the last word: Temporal notes the end of an older poll later. By the clock, as another process may take up a job.
    this.lastNumber = Math.max(this.lastNumber + 1, Date.now());
    const request = {
      namespace: client.options.namespace,
      taskQueue: queueOf(transfer),
      identity: `${WORD} ${this.lastNumber} ${text}`,
    };
    connection
      .withDeadline(Date.now() + POLL_MS, () =>
        connection.withAbortSignal(poll.signal, () => connection.workflowService.pollWorkflowTaskQueue(request)),
      )
      .catch((error: unknown) => {
        if (!ENDS.includes((error as { code?: unknown }).code)) this.refused.set(transfer, error);
      })
      .finally(() => this.polls.delete(poll));
    return poll;
  }
}

function queueOf(transfer: string) {
  return { name: `ferry-bandwidth-${transfer}`, kind: STICKY, normalName: 'ferry' };
}

const WORD = 'ferry-bandwidth';

/** `process` is one word. */
export function textOf({ process, copies, want, job, sent }: Claim): string {
  const more = `${job === true ? ' job' : ''}${sent === undefined ? '' : ` sent=${sent}`}`;
  return `${process} ${copies} ${want === Infinity ? 'all' : Math.floor(want)}${more}`;
}

interface Word {
  readonly number: number;
  readonly claim: Claim;
}

/** Undefined: somebody else's, or of another release. */
export function readWord(identity: string): Word | undefined {
  const match = /^ferry-bandwidth (\d+) (\S+) (\d+) (\d+|all)( job)?(?: sent=(\d+))?$/.exec(identity);
  if (match === null) return undefined;
  const [, number, process = '', copies, want, job, sent] = match;
  const claim = {
    process,
    copies: Number(copies),
    want: want === 'all' ? Infinity : Number(want),
    ...(job === undefined ? {} : { job: true }),
    ...(sent === undefined ? {} : { sent: Number(sent) }),
  };
  return { number: Number(number), claim };
}

interface Poller {
  readonly identity: string | null | undefined;
  /** By the server's clock. */
  readonly at: number;
}

/** Of each process that has been there lately the last one; the last of all tells what the server's clock shows. */
export function lastWords(pollers: readonly Poller[]): readonly Claim[] {
  const newest = Math.max(...pollers.map(({ at }) => at));
  const words = new Map<string, Word>();
  for (const { identity, at } of pollers) {
    const read = at > newest - CLAIM_LIFE_MS ? readWord(identity ?? '') : undefined;
    if (read === undefined) continue;
    const { process } = read.claim;
    if ((words.get(process)?.number ?? -1) < read.number) words.set(process, read);
  }
  return [...words.values()]
    .map(({ claim }) => claim)
    .filter(({ copies, want, job }) => copies + want > 0 || job === true);
}

function msOf(time: { readonly seconds?: unknown; readonly nanos?: number | null } | null | undefined): number {
  return Number(time?.seconds ?? 0) * 1000 + (time?.nanos ?? 0) / 1e6;
}
