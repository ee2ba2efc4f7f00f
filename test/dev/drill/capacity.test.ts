/** A drill lets a job by hand follow a killed job: meanwhile Batch must find no host for its successor. */
import { setTimeout as delay } from 'node:timers/promises';
import { standIn, type StandIn } from '../cloud/stand-in';
import { temporaryFolder } from '../folders';

const folder = temporaryFolder();
let world: StandIn;

beforeAll(async () => {
  world = await standIn(folder);
});
afterAll(() => world.close());

test('without capacity a job stays RUNNABLE, and one that runs goes on; with it, the job runs', async () => {
  const running = await world.run('setTimeout(() => {}, 300)');
  await world.reaches(running, 'RUNNING');
  const give = world.cloud.withholdCapacity();
  const waiting = await world.run('');
  await world.reaches(running, 'SUCCEEDED');
  await delay(100);
  expect(world.view(waiting).status).toBe('RUNNABLE');
  give();
  give();
  await world.reaches(waiting, 'SUCCEEDED');
});
