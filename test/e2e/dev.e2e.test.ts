/** `ferry dev`: the stack for daily use comes up, does a whole run, and leaves no process behind. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deliver } from '../../dev/demo/delivery';
import { runFerry } from '../../dev/run-ferry';
import { s3Client } from '../../dev/servers/s3-server';
import { FERRY_ARGS, inherited } from '../../dev/stack';
import { START_MS, until } from './support/harness';

/** The exported variables of a file that is made to be sourced. */
async function variablesOf(file: string): Promise<Record<string, string>> {
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  return Object.fromEntries(lines.map((line) => /^export (\w+)='(.*)'$/.exec(line)?.slice(1) as [string, string]));
}

/** Whatever runs with that folder in its command line: each server has its data there. */
function processesIn(folder: string): string[] {
  const all = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' });
  return all.split('\n').filter((line) => line.includes(folder));
}

test('everything starts, a run is verified, and Ctrl-C ends all of it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ferry-dev-'));
  const dev = spawn(process.execPath, [...FERRY_ARGS, 'dev', '--folder', folder], {
    env: inherited(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  dev.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = new Promise<number | null>((resolve) => dev.once('close', resolve));
  try {
    await until('the stack is up', () => said.includes('Ctrl-C ends everything'), START_MS);
    expect(processesIn(folder).length).toBeGreaterThanOrEqual(3);
    const environment = await variablesOf(join(folder, 'env'));
    const admin = await variablesOf(join(folder, 'admin.env'));
    for (const file of ['env', 'admin.env']) expect((await stat(join(folder, file))).mode & 0o777).toBe(0o600);
    expect(said).not.toContain(admin['AWS_SECRET_ACCESS_KEY']);
    expect(said).not.toContain(environment['AWS_SECRET_ACCESS_KEY']);

    const endpoint = /^S3 +(\S+),/m.exec(said)?.[1] ?? '';
    const account = { accessKeyId: admin['AWS_ACCESS_KEY_ID']!, secretAccessKey: admin['AWS_SECRET_ACCESS_KEY']! };
    await deliver(s3Client(endpoint, account), 'client-exports', [{ key: 'daily/a.txt', size: 5 }]);
    const run = await runFerry(['run', 'client-daily', '--wait', '--json'], { environment });
    expect(JSON.parse(run.stdout)).toMatchObject({ copied: 1, failed: 0 });
    expect(await runFerry(['verify', 'client-daily', '--deep'], { environment })).toMatchObject({ exitCode: 0 });
  } finally {
    dev.kill('SIGINT');
    await ended;
  }
  expect(processesIn(folder)).toEqual([]);
  await rm(folder, { recursive: true });
}, 240_000);
