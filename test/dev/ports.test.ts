import { createServer, type Server } from 'node:net';
import { canListen, freePort, freePorts, portOrFree } from '../../dev/ports';

function occupy(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

test('a free port can be listened on', async () => {
  const server = await occupy(await freePort());
  expect(server.listening).toBe(true);
  server.close();
});

test('free ports are all different, and stay so in later calls', async () => {
  const ports = [...(await freePorts(50)), ...(await freePorts(50))];
  expect(new Set(ports).size).toBe(100);
});

test('the preferred port is taken when it is free', async () => {
  const port = await freePort();
  expect(await portOrFree(port)).toBe(port);
});

test('another port is taken when the preferred one is in use', async () => {
  const port = await freePort();
  const server = await occupy(port);
  expect(await canListen(port)).toBe(false);
  expect(await portOrFree(port)).not.toBe(port);
  server.close();
});
