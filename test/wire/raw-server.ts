/** A server that writes what a test says, byte for byte, over plain TCP or TLS. */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createServer as createSecureServer, type TlsOptions } from 'node:tls';
import type { Origin } from '../../src/wire/connection';

export interface Request {
  /** Its head, with the empty line. */
  readonly head: string;
  readonly socket: Socket;
  /** Of all the connections so far, from 1. */
  readonly connection: number;
  /** All of the body, as long as its content-length says. */
  body(): Promise<Buffer>;
}

export class RawServer {
  connections = 0;
  readonly requests: string[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly server;
  private readonly secure: boolean;

  /** `answer` is called when a request's head has come. */
  constructor(
    private readonly answer: (request: Request) => void | Promise<void>,
    tls?: TlsOptions,
  ) {
    const serve = (socket: Socket) => this.serve(socket);
    this.secure = tls !== undefined;
    this.server = tls === undefined ? createServer(serve) : createSecureServer(tls, serve);
  }

  async listen(host = '127.0.0.1'): Promise<Origin> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return { secure: this.secure, host, port: (this.server.address() as AddressInfo).port };
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }

  private serve(socket: Socket): void {
    const connection = (this.connections += 1);
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.sockets.delete(socket));
    let come = Buffer.alloc(0);
    let wanted: { length: number; resolve(body: Buffer): void } | undefined;
    const look = () => {
      if (wanted !== undefined) {
        if (come.length < wanted.length) return;
        wanted.resolve(come.subarray(0, wanted.length));
        come = come.subarray(wanted.length);
        wanted = undefined;
      }
      const end = come.indexOf('\r\n\r\n');
      if (end === -1) return;
      const head = come.toString('latin1', 0, end + 4);
      come = come.subarray(end + 4);
      this.requests.push(head);
      const [, length = '0'] = /content-length: (\d+)/i.exec(head) ?? [];
      const body = () =>
        new Promise<Buffer>((resolve) => {
          wanted = { length: Number(length), resolve };
          look();
        });
      void Promise.resolve(this.answer({ head, socket, connection, body })).catch(() => socket.destroy());
    };
    socket.on('data', (bytes) => {
      come = Buffer.concat([come, bytes]);
      look();
    });
  }
}
