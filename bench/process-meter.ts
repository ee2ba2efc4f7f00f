/**
 * What a process uses, seen from outside: on Linux from /proc, a few times a second until it ends. Elsewhere the process
 * tells it by itself at its end (`tell-usage.ts`).
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Usage {
  /** Most memory that was resident at once. */
  readonly peakRssBytes: number;
  /** User and system time. */
  readonly cpuSeconds: number;
}

export interface ProcessMeter {
  /** Now, or as it was last seen. Undefined: this system does not tell before the end. */
  read(): Usage | undefined;
  stop(): void;
}

const EVERY_MS = 50;
const LINUX = process.platform === 'linux';

export function meterProcess(pid: number): ProcessMeter {
  let last: Usage | undefined;
  const read = () => (last = LINUX ? (fromProc(pid) ?? last) : undefined);
  const timer = setInterval(read, EVERY_MS).unref();
  read();
  return { read, stop: () => clearInterval(timer) };
}

/** For the environment of a process: where the system tells nothing, it writes its own usage here at its end. */
export function usageEnvironment(file: string): Record<string, string> {
  if (LINUX) return {};
  return { NODE_OPTIONS: `--require=${join(__dirname, 'tell-usage.js')}`, BENCH_USAGE_FILE: file };
}

/** What it wrote. */
export function toldUsage(file: string): Usage | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Usage;
  } catch {
    return undefined;
  }
}

/** Undefined: it has ended. */
function fromProc(pid: number): Usage | undefined {
  try {
    const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name stands in brackets and may hold blanks; the 14th and 15th fields are user and system time.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (kib === undefined) return undefined;
    return {
      peakRssBytes: Number(kib) * 1024,
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond(),
    };
  } catch {
    return undefined;
  }
}

let ticks: number | undefined;

function ticksPerSecond(): number {
  ticks ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return ticks;
}
