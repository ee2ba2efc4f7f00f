/** The connections to all origins of one client: kept open between requests, as many as there are requests at once. */
import { setImmediate } from 'node:timers/promises';
import { aborted, Connection, type Origin, type Patience, type WireRequest } from './connection';
import type { Answer } from './exchange';
import { writeHead } from './request-head';
import { WireError } from './wire-error';

export class Connections {
  private readonly open = new Set<Connection>();
  private destroyed = false;
  /** By origin; the one used last is used first, and the others may grow old. */
  private readonly idle = new Map<string, Connection[]>();

  /** `trusted`: certificates in PEM, in place of those that Node trusts (and NODE_EXTRA_CA_CERTS, which it reads by itself). */
  constructor(
    private readonly patience: Patience,
    private readonly trusted?: string,
  ) {}

  /**
   * Rejects with a `WireError`, an `AbortError`, or a `TypeError` where it cannot be sent as it is. A request without a body
   * is sent again where its connection had been closed meanwhile: www.rfc-editor.org/rfc/rfc9112#section-9.3.1
   */
  async send(origin: Origin, request: WireRequest): Promise<Answer> {
    const head = writeHead(request);
    for (;;) {
      if (request.signal?.aborted === true) throw aborted(request.signal);
      if (this.destroyed) throw new WireError('NoConnection', 'There are no connections any more');
      const kept = this.take(origin);
      if (kept !== undefined && request.body !== undefined) {
        // It is sent once: what the server has sent meanwhile, be it the connection's end, is to be seen before.
        await wholeTurn();
        if (kept.dead) {
          kept.destroy();
          continue;
        }
      }
      const connection = kept ?? this.connect(origin);
      try {
        return await connection.send(head, request);
      } catch (error) {
        const isLost = error instanceof WireError && error.name === 'ConnectionLost';
        if (kept === undefined || !kept.untouched || !isLost || request.body !== undefined) throw error;
      }
    }
  }

  /** Ends what is under way. */
  destroy(): void {
    this.destroyed = true;
    for (const connection of this.open) connection.destroy();
  }

  private take(origin: Origin): Connection | undefined {
    const idle = this.idle.get(nameOf(origin));
    for (let connection = idle?.pop(); connection !== undefined; connection = idle?.pop()) {
      if (!connection.dead) return connection;
      connection.destroy();
    }
    return undefined;
  }

  private connect(origin: Origin): Connection {
    const name = nameOf(origin);
    let idle = this.idle.get(name);
    if (idle === undefined) this.idle.set(name, (idle = []));
    const kept = idle;
    const connection = new Connection(
      origin,
      { patience: this.patience, trusted: this.trusted },
      (free) => void kept.push(free),
      (gone) => {
        this.open.delete(gone);
        const at = kept.indexOf(gone);
        if (at !== -1) kept.splice(at, 1);
      },
    );
    this.open.add(connection);
    return connection;
  }
}

function nameOf({ secure, host, port }: Origin): string {
  return `${secure ? 'https' : 'http'}://${host}:${port}`;
}

/** One turn of the event loop has begun before it is asked for, and may have looked at the sockets already. */
async function wholeTurn(): Promise<void> {
  await setImmediate();
  await setImmediate();
}
