/**
 * Finds TCP ports on 127.0.0.1 that nobody listens on. They lie below the ranges from which systems take outgoing
 * ports, and none is handed out twice by one process, so a port stays free until its server binds it.
 */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

const FIRST = 10_240;
const END = 32_768;
const ATTEMPTS = 200;

const handedOut = new Set<number>();

/** One free port. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const port = randomInt(FIRST, END);
    if (handedOut.has(port)) continue;
    handedOut.add(port);
    if (await canListen(port)) return port;
  }
  throw new Error(
    `Found no free port on 127.0.0.1 between ${FIRST} and ${END - 1} in ${ATTEMPTS} tries: end the servers that hold them`,
  );
}

/** As many free ports as asked for, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}

/** The preferred port where it is free, else any free one. */
export async function portOrFree(preferred: number | undefined): Promise<number> {
  if (preferred !== undefined && (await canListen(preferred))) return preferred;
  return freePort();
}

/** Whether a server could listen on this port of 127.0.0.1 now. */
export function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
