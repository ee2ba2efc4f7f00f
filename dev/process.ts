/**
 * Starts a program in a process group of its own, writes its output to a file, and ends the whole group by its number.
 * Nothing started here outlives this process: not after an exit, an uncaught error, a signal, or SIGKILL.
 */
import { spawn } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { guardGroup, releaseGroup } from './watchdog';

export interface ProcessOptions {
  /** What to call it in messages. */
  readonly name: string;
  readonly command: string;
  readonly args?: readonly string[];
  /** The whole environment of the program. @default that of this process */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly folder?: string;
  /** Output and errors are appended here; its folder is created. */
  readonly logFile: string;
  /** How long `stop()` waits after SIGTERM before SIGKILL, in milliseconds; 0 kills at once. @default 5000 */
  readonly graceMs?: number;
}

/** How a program ended: by itself with a code, or by a signal. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ManagedProcess {
  readonly name: string;
  readonly pid: number;
  readonly logFile: string;
  /** Resolves when the program has ended; never rejects. */
  readonly ended: Promise<ProcessEnd>;
  /** Set once it has ended. */
  end(): ProcessEnd | undefined;
  /** The last lines of its output, for error messages. */
  lastLines(count?: number): string;
  /** Sends a signal to its whole group; false when it has ended. */
  signal(signal: NodeJS.Signals): boolean;
  /** Ends it and resolves when it has ended; may be called any number of times. */
  stop(graceMs?: number): Promise<ProcessEnd>;
}

const DEFAULT_GRACE_MS = 5_000;
const TAIL_BYTES = 16 * 1024;

const groups = new Set<number>();

process.on('exit', () => {
  for (const group of groups) signalGroup(group, 'SIGKILL');
});

/** Resolves once the program runs; rejects when it cannot be started. */
export async function startProcess(options: ProcessOptions): Promise<ManagedProcess> {
  mkdirSync(dirname(options.logFile), { recursive: true });
  // The program writes to the file itself: nothing is lost when we die, and no output passes through this process.
  const output = openSync(options.logFile, 'a+');
  const outputStart = fstatSync(output).size;
  const child = spawn(options.command, [...(options.args ?? [])], {
    cwd: options.folder,
    env: { ...(options.environment ?? process.env) },
    detached: true,
    stdio: ['ignore', output, output],
  });
  closeSync(output);

  let end: ProcessEnd | undefined;
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('exit', (code, signal) => {
      end = { code, signal };
      const group = child.pid;
      if (group !== undefined) {
        // What it left behind in its group goes with it, as in a container.
        signalGroup(group, 'SIGKILL');
        groups.delete(group);
        releaseGroup(group);
      }
      resolve(end);
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => {
      reject(new Error(`Cannot start ${options.name}: ${options.command} does not run (${cause.message})`, { cause }));
    });
  });
  const pid = child.pid as number;
  if (end === undefined) {
    groups.add(pid);
    guardGroup(pid);
  }

  const signal = (name: NodeJS.Signals): boolean => end === undefined && signalGroup(pid, name);
  return {
    name: options.name,
    pid,
    logFile: options.logFile,
    ended,
    end: () => end,
    lastLines: (count = 20) => tail(options.logFile, outputStart, count),
    signal,
    async stop(graceMs = options.graceMs ?? DEFAULT_GRACE_MS) {
      if (graceMs > 0) {
        signal('SIGTERM');
        const timer = setTimeout(() => signal('SIGKILL'), graceMs);
        await ended;
        clearTimeout(timer);
      } else {
        signal('SIGKILL');
      }
      return ended;
    },
  };
}

function signalGroup(group: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    return false;
  }
}

function tail(file: string, from: number, lines: number): string {
  const descriptor = openSync(file, 'r');
  try {
    const size = fstatSync(descriptor).size;
    const start = Math.max(from, size - TAIL_BYTES);
    const buffer = Buffer.alloc(Math.max(0, size - start));
    const length = readSync(descriptor, buffer, 0, buffer.length, start);
    return buffer.toString('utf8', 0, length).trimEnd().split('\n').slice(-lines).join('\n');
  } finally {
    closeSync(descriptor);
  }
}
