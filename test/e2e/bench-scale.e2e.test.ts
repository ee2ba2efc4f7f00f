/** The benchmark of many keys in its smallest form, where time and memory decide nothing: what it moves must be right. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { RowOutcome } from '../../bench/scale/goal';

const BENCH = join(__dirname, '..', '..', 'dist', 'bench', 'scale.js');

const started: ChildProcess[] = [];

afterAll(() => {
  for (const child of started) child.kill('SIGTERM');
});

function bench(...args: string[]): Promise<{ exitCode: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [BENCH, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    started.push(child);
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text));
    }
    child.once('error', reject).once('close', (exitCode) => resolve({ exitCode, ...output }));
  });
}

async function rows(...names: string[]): Promise<RowOutcome[]> {
  const { exitCode, stdout, stderr } = await bench('--rows', names.join(','), '--scale', '0.001', '--json');
  expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
  const { outcomes } = JSON.parse(stdout) as { outcomes: RowOutcome[] };
  expect(outcomes.map(({ row }) => row)).toEqual(names);
  for (const { goals } of outcomes) {
    expect(goals.filter(({ held, noisy }) => !held && !noisy)).toEqual([]);
    expect(goals.some(({ noisy }) => !noisy)).toBe(true);
  }
  return outcomes;
}

test('unchanged keys, new small objects and children: all is moved once, and no workflow task fails', async () => {
  await rows('unchanged', 'small', 'children');
}, 240_000);

test('a worker and the Temporal server are killed: the report is whole, and nothing is sent again but what was in flight', async () => {
  const [kills] = await rows('kills');
  expect(kills?.facts['kills']).toMatchObject([{ of: 'worker' }, { of: 'server' }]);
}, 240_000);

test('wrong options end it with 2 and a sentence', async () => {
  const { exitCode, stdout, stderr } = await bench('--rows', 'all');
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toContain('Expected `--rows` to name unchanged, small, memory, children, workers, kills, got `all`');
});
