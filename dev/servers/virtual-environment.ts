/**
 * Installs a program that is written in Python, with all that it imports, into a virtual environment of its own. Each
 * package is pinned by version and hash in a file of the repository, so what runs here is what was looked at.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Log } from '../log';

export interface PythonPin {
  /** The distribution that holds the program, as pip knows it. */
  readonly distribution: string;
  readonly version: string;
  /** The file of all versions and hashes. */
  readonly requirements: string;
}

const run = promisify(execFile);

/** Puts a link to the program at `path`, in one step that may race with others doing the same. */
export async function installWithPython(pin: PythonPin, path: string, log: Log): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  // Its scripts hold its path, so it is made where it stays, and the link comes when it is whole.
  const environment = await mkdtemp(join(folder, 'venv-'));
  try {
    log(`installing ${pin.distribution} ${pin.version} and what it needs with pip, once for this machine`);
    const [command, ...pip] = await makeEnvironment(environment);
    const options = [
      '--require-hashes',
      '--only-binary',
      ':all:',
      '--no-deps',
      '--disable-pip-version-check',
      '--quiet',
    ];
    await run(command, [...pip, 'install', ...options, '--requirement', pin.requirements]);
    const link = join(environment, 'link');
    await symlink(join(environment, 'bin', basename(path)), link);
    await rename(link, path);
    log(`installed ${path}`);
  } catch (error) {
    await rm(environment, { recursive: true, force: true });
    throw error;
  }
}

/** Prints the version of the distribution that a script belongs to, as the interpreter of the script knows it. */
export async function versionBehind(script: string, distribution: string): Promise<{ readonly stdout: string }> {
  const interpreter = await interpreterOf(script);
  const code = `from importlib.metadata import version; print(version(${JSON.stringify(distribution)}))`;
  return run(interpreter, ['-c', code], { timeout: 20_000 });
}

/** Its first line names it; where a shell stands between, the one beside the script is meant. */
async function interpreterOf(script: string): Promise<string> {
  const [firstLine = ''] = (await readFile(script, 'latin1')).split('\n', 1);
  const named = /^#!\s*(\/\S*python[\d.]*)\s*$/.exec(firstLine)?.[1];
  return named ?? join(dirname(await realpath(script)), 'python3');
}

/** Resolves to the command of a pip that installs into it. */
async function makeEnvironment(environment: string): Promise<[command: string, ...args: string[]]> {
  const python = join(environment, 'bin', 'python3');
  try {
    await run('python3', ['-m', 'venv', environment]);
    return [python, '-m', 'pip'];
  } catch {
    // Debian splits Python up: with python3-pip and without python3-venv, the machine's pip works on it from outside.
  }
  try {
    await run('python3', ['-m', 'venv', '--clear', '--without-pip', environment]);
    await run('python3', ['-m', 'pip', '--python', python, '--version']);
    return ['python3', '-m', 'pip', '--python', python];
  } catch (cause) {
    throw new Error('Python 3.9 or later with pip or venv is needed: install python3-pip or python3-venv', { cause });
  }
}
