/** Runs a drill as a process of its own, as `npm run` does. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

export interface DrillEnd {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A drill that outlasts its test ends what it started, and goes. */
export function drillRunner(name: string): (...args: string[]) => Promise<DrillEnd> {
  const started: ChildProcess[] = [];
  afterAll(() => {
    for (const child of started) child.kill('SIGTERM');
  });
  return (...args) =>
    new Promise((resolve, reject) => {
      const program = join(__dirname, '..', '..', '..', 'dist', 'dev', 'drill', `${name}.js`);
      const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
      started.push(child);
      const output = { stdout: '', stderr: '' };
      for (const stream of ['stdout', 'stderr'] as const) {
        child[stream].setEncoding('utf8').on('data', (text: string) => (output[stream] += text));
      }
      child.once('error', reject).once('close', (exitCode) => resolve({ exitCode, ...output }));
    });
}
