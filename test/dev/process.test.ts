import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { transformFileSync } from '@swc/core';
import { startProcess } from '../../dev/process';
import { eventually, temporaryFolder } from './folders';

const folder = temporaryFolder();

function node(script: string, more: { graceMs?: number; environment?: Record<string, string> } = {}) {
  const logFile = join(folder, `${Math.random().toString(36).slice(2)}.log`);
  return startProcess({ name: 'sample', command: process.execPath, args: ['-e', script], logFile, ...more });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A process that has ended but is not reaped yet counts as ended.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && !existsSync('/proc');
  }
}

test('output and errors go to the log file, and the last lines are at hand', async () => {
  const sample = await node('for (let i = 0; i < 30; i++) console.log("line " + i); console.error("the end")');
  expect(await sample.ended).toEqual({ code: 0, signal: null });
  expect(readFileSync(sample.logFile, 'utf8')).toContain('line 0\n');
  expect(sample.lastLines(2)).toBe('line 29\nthe end');
});

test('a program gets the environment that it is given and nothing else', async () => {
  const sample = await node('console.log(JSON.stringify(process.env))', { environment: { ONLY: 'this' } });
  await sample.ended;
  expect(JSON.parse(sample.lastLines())).toEqual({ ONLY: 'this' });
});

test('a program that does not exist is named in the error', async () => {
  const starting = startProcess({ name: 'sample', command: '/nowhere/at-all', logFile: join(folder, 'none.log') });
  await expect(starting).rejects.toThrow('Cannot start sample: /nowhere/at-all does not run');
});

test('stop sends SIGTERM first, and may be called again', async () => {
  const sample = await node(
    'process.on("SIGTERM", () => process.exit(7)); console.log("up"); setInterval(() => {}, 1e3)',
  );
  await eventually(() => sample.lastLines() === 'up');
  expect(await sample.stop()).toEqual({ code: 7, signal: null });
  expect(await sample.stop()).toEqual({ code: 7, signal: null });
  expect(sample.signal('SIGKILL')).toBe(false);
});

test('stop kills a program that does not heed SIGTERM once its grace is over', async () => {
  const sample = await node('process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1e3)');
  await eventually(() => sample.lastLines() === 'up');
  const start = Date.now();
  expect(await sample.stop(200)).toEqual({ code: null, signal: 'SIGKILL' });
  expect(Date.now() - start).toBeGreaterThanOrEqual(190);
});

test('a grace of 0 kills at once', async () => {
  const sample = await node('process.on("SIGTERM", () => process.exit(7)); setInterval(() => {}, 1e3)', { graceMs: 0 });
  expect(await sample.stop()).toEqual({ code: null, signal: 'SIGKILL' });
});

test('what a program leaves behind in its group ends with it', async () => {
  const sample = await node(
    'const c = require("child_process").spawn("sleep", ["60"], { stdio: "ignore" }); c.unref(); console.log(c.pid)',
  );
  await sample.ended;
  const left = Number(sample.lastLines());
  await eventually(() => !isAlive(left));
});

test.each([
  ['SIGKILL' as const, ''],
  ['SIGTERM' as const, ''],
  ['an uncaught error', 'setTimeout(() => { throw new Error("on purpose") }, 100);'],
])('programs end when their parent ends by %s', async (how, ending) => {
  const compiled = join(folder, how.replaceAll(' ', '-'));
  mkdirSync(compiled);
  for (const name of ['process', 'watchdog']) {
    const { code } = transformFileSync(resolve(`dev/${name}.ts`), {
      jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
      module: { type: 'commonjs' },
    });
    writeFileSync(join(compiled, `${name}.js`), code);
  }
  const parent = spawn(process.execPath, [
    '-e',
    `const { startProcess } = require(${JSON.stringify(join(compiled, 'process.js'))});
     startProcess({ name: 's', command: 'sleep', args: ['60'], logFile: ${JSON.stringify(join(compiled, 'log'))} })
       .then((child) => { console.log(child.pid); setInterval(() => {}, 1000); ${ending} });`,
  ]);
  const pid = Number(await new Promise((done) => parent.stdout.once('data', (data: Buffer) => done(data.toString()))));
  expect(isAlive(pid)).toBe(true);
  if (how === 'SIGKILL' || how === 'SIGTERM') parent.kill(how);
  await eventually(() => !isAlive(pid));
});
