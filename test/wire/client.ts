/** The wire, and undici beside it, as tests ask them for a path. */
import { Agent } from 'undici';
import { Connections } from '../../src/wire/connections';
import type { Origin, Patience, WireRequest } from '../../src/wire/connection';
import type { Answer } from '../../src/wire/exchange';

export const PATIENCE: Patience = { connectMs: 5_000, headMs: 5_000, silenceMs: 5_000, idleMs: 5_000 };

export interface Read {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
}

export async function read({ status, headers, body }: Answer): Promise<Read> {
  const pieces: Buffer[] = [];
  await body.pour((piece) => void pieces.push(Buffer.from(piece)));
  return { status, headers, bytes: Buffer.concat(pieces) };
}

export function ask(origin: Origin, more: Partial<WireRequest> = {}): WireRequest {
  return { method: 'GET', target: '/k', headers: { host: `${origin.host}:${origin.port}` }, ...more };
}

export async function readByWire(origin: Origin, more: Partial<WireRequest> = {}): Promise<Read> {
  const connections = new Connections(PATIENCE);
  try {
    return await read(await connections.send(origin, ask(origin, more)));
  } finally {
    connections.destroy();
  }
}

/** As the handler of the AWS SDK asks it. */
export async function readByUndici({ host, port }: Origin, method: 'GET' | 'HEAD' = 'GET'): Promise<Read> {
  const agent = new Agent({ pipelining: 1, headersTimeout: 5_000, bodyTimeout: 5_000 });
  try {
    const { statusCode, headers, body } = await agent.request({ origin: `http://${host}:${port}`, path: '/k', method });
    const bytes = Buffer.from(await body.arrayBuffer());
    const joined = Object.entries(headers).map(([name, value = '']) => [
      name,
      Array.isArray(value) ? value.join(', ') : value,
    ]);
    return { status: statusCode, headers: Object.fromEntries(joined) as Record<string, string>, bytes };
  } finally {
    await agent.destroy();
  }
}
