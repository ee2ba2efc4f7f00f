/** The drill in its small form: ten kills, and nothing is lost. `npm run drill:kill` is the large one. */
import type { DrillFigures } from '../../dev/drill/figures';
import { drillRunner } from './support/run-drill';

const drill = drillRunner('kill');

test('ten processes are killed while they copy, and every check holds', async () => {
  const { exitCode, stdout, stderr } = await drill('--kills', '10', '--json', '--seed', '1');
  // What it says on its way tells what failed.
  expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
  const figures = JSON.parse(stdout) as DrillFigures;
  expect(figures).toMatchObject({ seed: 1, store: 'seaweedfs', problems: [] });
  expect(figures.kills.total).toBeGreaterThanOrEqual(10);
  const { beforeFirstPart, afterComplete, afterPut } = figures.kills;
  expect(Math.min(beforeFirstPart, afterComplete, afterPut)).toBeGreaterThanOrEqual(1);
  expect(figures.checks).toBeGreaterThan(100);
  expect(figures.surplusBytes).toBeLessThanOrEqual(figures.boundBytes + figures.refusedBytes);
}, 480_000);

test('wrong options end it with 2 and a sentence', async () => {
  const { exitCode, stdout, stderr } = await drill('--kills', 'many');
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toContain('Expected --kills to be a whole number from 10 to 1000, got "many".');
});
