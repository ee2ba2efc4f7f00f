/** One socket, which serves one request after another; bytes come in by a buffer of its own, that is used again and again. */
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { connect as connectSecure } from 'node:tls';
import { Exchange, type Answer } from './exchange';
import type { RequestHead } from './request-head';
import { WireError } from './wire-error';

export interface Origin {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
}

export interface WireRequest extends RequestHead {
  /** As many bytes as its content-length says, or the connection ends. Read once. */
  readonly body?: { readonly length: number; readonly pieces: AsyncIterable<Uint8Array> } | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Patience {
  readonly connectMs: number;
  /** From the last byte of the request to the answer's head. */
  readonly headMs: number;
  /** Between two pieces of the answer's body. */
  readonly silenceMs: number;
  /** How long a connection waits for another request, unless its server says less. */
  readonly idleMs: number;
}

/** What one read of the socket brings at most. */
const READ_BYTES = 64 * 1024;
/** A server closes at the time that it names: by then nothing may be on its way. */
const IDLE_MARGIN_MS = 1_000;

export class Connection {
  private readonly patience: Patience;
  private readonly socket: Socket;
  private current: Exchange | undefined;
  private last: Exchange | undefined;
  private sending = false;
  private phase: 'connecting' | 'idle' | 'busy' = 'connecting';

  /** `onIdle`: it may serve another request. `onEnd`: it never will. */
  constructor(
    origin: Origin,
    { patience, trusted }: { readonly patience: Patience; readonly trusted?: string | undefined },
    private readonly onIdle: (connection: Connection) => void,
    onEnd: (connection: Connection) => void,
  ) {
    this.patience = patience;
    this.socket = this.open(origin, trusted);
    this.socket.setTimeout(patience.connectMs);
    this.socket.on('timeout', () => this.silent());
    this.socket.on('error', ({ message, code }: NodeJS.ErrnoException) => {
      const name = this.phase === 'connecting' ? 'NoConnection' : 'ConnectionLost';
      this.current?.fail(new WireError(name, message, code));
    });
    this.socket.on('end', () => this.current?.ended());
    this.socket.once('close', () => {
      // Where its other side has not said before that this is the end, something may be missing.
      if (!this.socket.readableEnded) this.current?.fail(new WireError('ConnectionLost', 'The connection was lost'));
      onEnd(this);
    });
  }

  /** `head`: the request's, written. Rejects where no head of an answer comes: with an `AbortError` where the signal says so. */
  send(head: Buffer, { method, body, signal }: WireRequest): Promise<Answer> {
    const { socket } = this;
    const abort = () => exchange.fail(aborted(signal));
    const release = () => signal?.removeEventListener('abort', abort);
    const exchange = new Exchange(method, {
      pause: () => void socket.pause(),
      resume: () => void socket.resume(),
      answered: () => void socket.setTimeout(this.patience.silenceMs),
      over: ({ persistent, keptMs = Infinity }, clean) => {
        release();
        this.current = undefined;
        const idleMs = Math.min(this.patience.idleMs, keptMs - IDLE_MARGIN_MS);
        if (persistent && clean && idleMs > 0 && !socket.destroyed && socket.writableLength === 0) this.rest(idleMs);
        else socket.destroy();
      },
      destroy: () => {
        release();
        socket.destroy();
      },
      flushed: () => socket.writableLength === 0,
    });
    this.current = this.last = exchange;
    if (signal?.aborted === true) {
      abort();
      return exchange.answer;
    }
    signal?.addEventListener('abort', abort, { once: true });
    this.sending = body !== undefined;
    if (this.phase === 'idle') {
      socket.ref();
      this.busy();
    }
    if (body === undefined) {
      exchange.allSent();
      socket.write(head);
    } else {
      void this.sendBody(head, body, exchange);
    }
    return exchange.answer;
  }

  /** Nothing has come of an answer to what was sent last. */
  get untouched(): boolean {
    return this.last?.untouched ?? true;
  }

  /** Its other side has closed it, or is about to. */
  get dead(): boolean {
    return this.socket.destroyed || this.socket.readableEnded || !this.socket.writable;
  }

  destroy(): void {
    this.socket.destroy();
  }

  private open({ secure, host, port }: Origin, ca: string | undefined): Socket {
    const piece = Buffer.allocUnsafeSlow(READ_BYTES);
    const onread = {
      buffer: piece,
      callback: (length: number) => {
        // Nobody asked: it may be the answer to anything.
        if (this.current === undefined) this.socket.destroy();
        else this.current.received(piece.subarray(0, length));
        return true;
      },
    };
    const common = { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000, onread };
    const connected = () => {
      // Nothing has been lost by then: what was written waits.
      if (this.phase === 'connecting') this.busy();
    };
    if (!secure) return connectPlain(common, connected);
    // An address is no name: www.rfc-editor.org/rfc/rfc6066#section-3
    const servername = isIP(host) === 0 ? { servername: host } : {};
    return connectSecure(
      { ...common, ...servername, ALPNProtocols: ['http/1.1'], ...(ca === undefined ? {} : { ca }) },
      connected,
    );
  }

  /** While a body is sent, whoever gives it may take its time: it is watched by others. */
  private busy(): void {
    this.phase = 'busy';
    this.socket.setTimeout(this.sending ? 0 : this.patience.headMs);
  }

  private rest(idleMs: number): void {
    this.phase = 'idle';
    this.socket.setTimeout(idleMs);
    this.socket.unref();
    this.onIdle(this);
  }

  private silent(): void {
    const { current, phase } = this;
    if (current === undefined) return void this.socket.destroy();
    if (phase === 'connecting')
      return current.fail(new WireError('TimeoutError', 'No connection was made in time', 'ERR_CONNECT_TIMEOUT'));
    current.fail(new WireError('TimeoutError', 'The connection fell silent'));
  }

  /** As fast as the socket takes it, and no further than the answer's head. */
  private async sendBody(head: Buffer, { length, pieces }: NonNullable<WireRequest['body']>, exchange: Exchange) {
    const { socket } = this;
    let go = () => undefined as void;
    const drained = () => go();
    exchange.whenStopped(() => {
      go();
      socket.off('drain', drained);
      // One that waits for its next piece waits for nothing now.
      if (pieces instanceof Readable) pieces.destroy();
    });
    socket.on('drain', drained);
    try {
      socket.cork();
      socket.write(head);
      let left = length;
      for await (const piece of pieces) {
        if (exchange.stopped()) return;
        left -= piece.length;
        if (left < 0)
          throw new RangeError(`The body of a request is longer than the ${length} bytes that it was said to have`);
        if (left === 0) exchange.allSent();
        const full = !socket.write(piece);
        socket.uncork();
        if (full && !exchange.stopped()) await new Promise<void>((resolve) => (go = resolve));
      }
      socket.uncork();
      if (exchange.stopped()) return;
      if (left > 0) throw new RangeError(`The body of a request ended ${left} bytes too early`);
      exchange.allSent();
      this.sending = false;
      if (this.phase === 'busy') this.busy();
    } catch (error) {
      if (!exchange.stopped()) exchange.fail(error);
    } finally {
      socket.off('drain', drained);
    }
  }
}

/** As the AWS SDK's handlers have it. */
export function aborted(signal: AbortSignal | undefined): Error {
  return Object.assign(new Error('The request was called off', { cause: signal?.reason }), { name: 'AbortError' });
}
