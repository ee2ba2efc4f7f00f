/** A raw server and a client of it, closed after each test. */
import { Connections } from '../../src/wire/connections';
import type { Origin, WireRequest } from '../../src/wire/connection';
import { ask, PATIENCE, read } from './client';
import { LOCAL_CERTIFICATE, LOCAL_KEY } from './local-certificate';
import { RawServer, type Request } from './raw-server';

export const MiB = 1024 * 1024;
export const OK = 'HTTP/1.1 200 OK\r\n';
export const FIVE = `${OK}content-length: 5\r\n\r\nbytes`;
export const EMPTY = `${OK}content-length: 0\r\n\r\n`;

const opened: { close(): void }[] = [];

export function closeLater(...those: { close(): void }[]): void {
  opened.push(...those);
}

afterEach(() => opened.splice(0).forEach((it) => it.close()));

export async function scene(
  answer: (request: Request) => void | Promise<void>,
  patience = PATIENCE,
  secure?: 'localhost',
) {
  const server = new RawServer(answer, secure === undefined ? undefined : { key: LOCAL_KEY, cert: LOCAL_CERTIFICATE });
  const origin: Origin = await server.listen(secure);
  const connections = new Connections(patience, secure === undefined ? undefined : LOCAL_CERTIFICATE);
  closeLater(server, { close: () => connections.destroy() });
  const send = (more: Partial<WireRequest> = {}) => connections.send(origin, ask(origin, more));
  const get = async (more: Partial<WireRequest> = {}) => read(await send(more));
  const put = (bytes: Buffer, more: Partial<WireRequest> = {}) => {
    const headers = { host: origin.host, 'content-length': String(bytes.length) };
    return get({ method: 'PUT', headers, body: { length: bytes.length, pieces: piecesOf(bytes) }, ...more });
  };
  return { server, connections, send, get, put };
}

export async function* piecesOf(bytes: Buffer, size = 256 * 1024): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) {
    await Promise.resolve();
    yield bytes.subarray(at, at + size);
  }
}

/** No two stretches of it are alike. */
export function patterned(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at + 4 <= length; at += 4) bytes.writeUInt32LE(Math.imul(at, 2_654_435_761) >>> 0, at);
  return bytes;
}

export const writes = (text: string) => (request: Request) => void request.socket.write(text);
