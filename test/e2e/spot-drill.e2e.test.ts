/** The drill of Spot in its small form. `npm run drill:spot` is the large one. */
import type { SpotFigures } from '../../dev/drill/spot/figures';
import { drillRunner } from './support/run-drill';

const drill = drillRunner('spot');

test('hosts are taken, a worker and the endpoint are killed, an answer is lost, and every check holds', async () => {
  const size = ['--objects', '5', '--smallest', '25MB', '--largest', '60MB'];
  const { exitCode, stdout, stderr } = await drill(...size, '--json', '--seed', '1');
  // What it says on its way tells what failed.
  expect({ exitCode, stderr: exitCode === 0 ? '' : stderr + stdout }).toEqual({ exitCode: 0, stderr: '' });
  const figures = JSON.parse(stdout) as SpotFigures;
  expect(figures).toMatchObject({ seed: 1, store: 'seaweedfs', objects: 5, problems: [] });
  const { refuseSubmit: _refused, loseAnswer: _lost, ...happened } = figures.happened;
  expect(Math.min(...Object.values(happened))).toBeGreaterThanOrEqual(1);
  expect(Math.min(figures.submitsRefused, figures.answersLost)).toBeGreaterThanOrEqual(1);
  expect(figures.sentRatio).toBeLessThanOrEqual(1.15);
  expect(figures.longestDoubleMs).toBeLessThanOrEqual(60_000);
}, 300_000);

test('wrong options end it with 2 and a sentence', async () => {
  const { exitCode, stdout, stderr } = await drill('--objects', 'many');
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toContain('Expected --objects to be a whole number from 4 to 1000, got "many".');
});
