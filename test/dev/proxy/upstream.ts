/** A server that answers GET with BODY and keeps what else arrives, a proxy before it, and a client that parses no URL. */
import { createHash, randomBytes } from 'node:crypto';
import { Agent, createServer, type IncomingMessage, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Proxy, startProxy } from '../../../dev/proxy/proxy';

export interface Arrived {
  readonly head: string[];
  readonly target: string;
  readonly length: number;
  readonly sha256: string;
  readonly whole: boolean;
}

export const BODY = randomBytes(300_000);
/** What has reached the server, oldest first. */
export const arrived: Arrived[] = [];
const agent = new Agent({ keepAlive: true });
let server: Server;
export let proxy: Proxy;

/** Answers GET with BODY, keeps what else arrives. */
function answer(request: IncomingMessage, respond: (status: number, body?: Buffer) => void): void {
  const hash = createHash('sha256');
  let length = 0;
  const keep = (whole: boolean) =>
    arrived.push({ head: request.rawHeaders, target: request.url ?? '', length, sha256: hash.digest('hex'), whole });
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    hash.update(chunk);
  });
  request.on('end', () => {
    keep(true);
    respond(request.url?.includes('missing') ? 404 : 200, request.method === 'GET' ? BODY : undefined);
  });
  request.on('error', () => keep(false));
}

/** For the top of a test file: a server and a proxy for all its tests, without rules and memory at the start of each. */
export function useProxy(): void {
  beforeAll(async () => {
    server = createServer((request, response) =>
      answer(request, (status, body) => {
        response.writeHead(status, { ETag: '"e"', 'Content-Length': body?.length ?? 0 });
        response.end(body);
      }),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    proxy = await startProxy({ upstream: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  });

  afterAll(async () => {
    agent.destroy();
    await proxy.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  beforeEach(() => {
    proxy.clear();
    proxy.reset();
    arrived.length = 0;
  });
}

export interface Got {
  readonly status: number;
  readonly head: string[];
  readonly body: Buffer;
  /** The connection broke before the end of the body. */
  readonly broken: boolean;
}

export function addressOf({ endpoint }: Proxy): [string, number] {
  const [host = '', port] = endpoint.slice('http://'.length).split(':');
  return [host, Number(port)];
}

/** Sends it as it is written here: no URL parser between. Rejects when no answer comes. */
export function send(method: string, path: string, body?: Buffer, headers: Record<string, string> = {}): Promise<Got> {
  const [hostname, port] = addressOf(proxy);
  return new Promise((resolve, reject) => {
    const length = body ? { 'Content-Length': String(body.length) } : {};
    const outgoing = httpRequest({ agent, hostname, port, method, path, headers: { ...length, ...headers } });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => undefined);
      response.on('close', () =>
        resolve({
          status: response.statusCode ?? 0,
          head: response.rawHeaders,
          body: Buffer.concat(chunks),
          broken: !response.complete,
        }),
      );
    });
    if (headers.Expect) outgoing.on('continue', () => outgoing.end(body));
    else outgoing.end(body);
  });
}
