/** The server as a process of its own, straight from its source: its memory is measured while bytes pass through it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Stats } from '../../../dev/synthetic/stats';
import { temporaryFolder } from '../folders';
import { MiB } from './scene';

const ROOT = join(__dirname, '..', '..', '..');
const GiB = 1024 ** 3;
// Peak memory is read from /proc.
const onLinux = process.platform === 'linux' ? test : test.skip;
const folder = temporaryFolder();

// A busy machine is no failure.
jest.setTimeout(300_000);

const FROM_SOURCE = `
  const { transformFileSync } = require('@swc/core');
  require.extensions['.ts'] = (module, file) => {
    const jsc = { target: 'es2022', parser: { syntax: 'typescript' } };
    module._compile(transformFileSync(file, { jsc, module: { type: 'commonjs' } }).code, file);
  };
  require('./dev/synthetic/main.ts');
`;

let child: ChildProcess;
let endpoint: string;
let said: AsyncIterator<string>;

beforeAll(async () => {
  const file = join(folder, 'objects.json');
  const objects = [{ bucket: 'source', key: 'large', size: '48TiB' }];
  writeFileSync(file, JSON.stringify({ objects, buckets: ['target'] }));
  child = spawn(process.execPath, ['-e', FROM_SOURCE, '--', '--objects', file], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  said = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  ({ endpoint } = JSON.parse((await said.next()).value as string) as { endpoint: string });
});

afterAll(() => child.kill('SIGKILL'));

/** Peak of resident memory, in bytes. */
function peak(): number {
  const [, kib = ''] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8')) ?? [];
  return Number(kib) * 1024;
}

/** Sends zeros, reads what comes, keeps nothing. */
function exchange(method: string, path: string, headers: Record<string, string | number>, body = 0): Promise<number> {
  const [host, port] = endpoint.slice('http://'.length).split(':');
  return new Promise((resolve, reject) => {
    const outgoing = request({ host, port, path, method, headers }, (answer) => {
      let length = 0;
      answer.on('data', (chunk: Buffer) => (length += chunk.length)).once('end', () => resolve(length));
    });
    outgoing.once('error', reject);
    const piece = Buffer.alloc(MiB);
    const write = (left: number): void => {
      if (left === 0) outgoing.end();
      else outgoing.write(piece, () => write(left - piece.length));
    };
    write(body);
  });
}

onLinux('2 GiB read and 512 MiB written leave its memory as it was', async () => {
  const range = (first: number, length: number) => ({ range: `bytes=${first}-${first + length - 1}` });
  await exchange('GET', '/source/large', range(0, 64 * MiB));
  await exchange('PUT', '/target/warm', { 'content-length': 64 * MiB }, 64 * MiB);
  const before = peak();
  expect(await exchange('GET', '/source/large', range(40 * 1024 * GiB, 2 * GiB))).toBe(2 * GiB);
  await exchange('PUT', '/target/large', { 'content-length': 512 * MiB }, 512 * MiB);
  expect(peak() - before).toBeLessThan(64 * MiB);
});

test('SIGTERM ends it, and it tells what it did', async () => {
  child.kill('SIGTERM');
  const stats = JSON.parse((await said.next()).value as string) as Stats;
  expect(stats.mismatches).toEqual([]);
  expect(stats.inFlight).toBe(0);
  if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
  expect(child.exitCode).toBe(0);
});
