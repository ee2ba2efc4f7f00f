/** Runs the command `ferry` as a process of its own, as a user would. */
import { spawn } from 'node:child_process';
import { FERRY_ARGS, inherited } from './stack';

export interface FerryResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunFerryOptions {
  readonly environment: Readonly<Record<string, string>>;
  /** What the command says is shown as it comes, besides being returned. */
  readonly show?: boolean;
}

export function runFerry(
  args: readonly string[],
  { environment, show = false }: RunFerryOptions,
): Promise<FerryResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...FERRY_ARGS, ...args], {
      env: { ...inherited(), ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        output[name] += text;
        if (show) process[name].write(text);
      });
    }
    child.once('error', reject).once('close', (exitCode) => resolve({ exitCode, ...output }));
  });
}
