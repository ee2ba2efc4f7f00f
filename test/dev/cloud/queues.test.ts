/** Room in the compute environments, and who gets it first. */
import { CreateComputeEnvironmentCommand, CreateJobQueueCommand } from '@aws-sdk/client-batch';
import { setTimeout as delay } from 'node:timers/promises';
import { temporaryFolder } from '../folders';
import { type StandIn, standIn } from './stand-in';

const folder = temporaryFolder();
const WAIT = 'setInterval(() => {}, 1000)';
let world: StandIn;

beforeAll(async () => {
  world = await standIn(folder, { capacity: 0 });
});
afterAll(() => world.close());

const kill = async (jobId: string) => {
  world.cloud.commands.kill({ jobId });
  await world.reaches(jobId, 'FAILED');
};
const vcpus = (value: number) => ({ resourceRequirements: [{ type: 'VCPU' as const, value: String(value) }] });
const submitsTo = async (jobQueue: string, value: number) => {
  const command = ['node', '-e', WAIT];
  return world.run(WAIT, { jobQueue, containerOverrides: { command, ...vcpus(value) } });
};
const startedInOrder = () =>
  world.cloud
    .jobs()
    .filter(({ status }) => status === 'RUNNING')
    .map(({ jobId }) => jobId);

test('jobs stay RUNNABLE without room, start in order when there is some, and run on when it goes', async () => {
  const ids = [await world.run(WAIT), await world.run(WAIT), await world.run(WAIT)];
  for (const id of ids) await world.reaches(id, 'RUNNABLE');
  await delay(50);
  expect(startedInOrder()).toEqual([]);
  world.cloud.commands.capacity({ computeEnvironment: 'spot', vcpus: 1 });
  await world.reaches(ids[0] ?? '', 'RUNNING');
  world.cloud.commands.capacity({ computeEnvironment: 'spot', vcpus: 2 });
  await world.reaches(ids[1] ?? '', 'RUNNING');
  world.cloud.commands.capacity({ computeEnvironment: 'spot', vcpus: 0 });
  await kill(ids[0] ?? '');
  await delay(50);
  expect(startedInOrder()).toEqual([ids[1]]);
  world.cloud.commands.capacity({ computeEnvironment: 'spot', vcpus: 1 });
  await delay(50);
  expect(startedInOrder()).toEqual([ids[1]]);
  await kill(ids[1] ?? '');
  await world.reaches(ids[2] ?? '', 'RUNNING');
  await kill(ids[2] ?? '');
});

test('a job that finds no room holds back those behind it, and no other queue', async () => {
  world.cloud.commands.capacity({ computeEnvironment: 'spot', vcpus: 3 });
  world.cloud.commands.capacity({ computeEnvironment: 'on-demand', vcpus: 1 });
  const first = await submitsTo('spot', 2);
  await world.reaches(first, 'RUNNING');
  const large = await submitsTo('spot', 3);
  await world.reaches(large, 'RUNNABLE');
  const small = await submitsTo('spot', 1);
  const elsewhere = await submitsTo('on-demand', 1);
  await world.reaches(elsewhere, 'RUNNING');
  expect(world.view(small).status).toBe('RUNNABLE');
  await kill(first);
  await world.reaches(large, 'RUNNING');
  expect(world.view(small).status).toBe('RUNNABLE');
  await kill(large);
  await world.reaches(small, 'RUNNING');
  await kill(small);
  await kill(elsewhere);
});

test('a queue fills its compute environments in their order, up to their maxvCpus', async () => {
  for (const [computeEnvironmentName, type, maxvCpus] of [
    ['cheap', 'SPOT', 1],
    ['sure', 'EC2', 1],
  ] as const) {
    const computeResources = { type, maxvCpus, subnets: [] };
    await world.batch.send(
      new CreateComputeEnvironmentCommand({ computeEnvironmentName, type: 'MANAGED', computeResources }),
    );
  }
  const computeEnvironmentOrder = [
    { order: 2, computeEnvironment: 'sure' },
    { order: 1, computeEnvironment: 'cheap' },
  ];
  await world.batch.send(new CreateJobQueueCommand({ jobQueueName: 'both', priority: 1, computeEnvironmentOrder }));
  const ids = [await submitsTo('both', 1), await submitsTo('both', 1), await submitsTo('both', 1)];
  for (const id of ids.slice(0, 2)) await world.reaches(id, 'RUNNING');
  expect(ids.map((id) => world.view(id).computeEnvironment)).toEqual(['cheap', 'sure', undefined]);
  expect(() => world.cloud.commands.reclaim({ jobId: ids[1] ?? '' })).toThrow(/does not run on Spot/);
  await kill(ids[0] ?? '');
  await world.reaches(ids[2] ?? '', 'RUNNING');
  expect(world.view(ids[2] ?? '').computeEnvironment).toBe('cheap');
});

test('a queue that is not enabled takes no jobs', async () => {
  const computeEnvironmentOrder = [{ order: 1, computeEnvironment: 'spot' }];
  await world.batch.send(
    new CreateJobQueueCommand({ jobQueueName: 'closed', priority: 1, state: 'DISABLED', computeEnvironmentOrder }),
  );
  await expect(world.run('', { jobQueue: 'closed' })).rejects.toThrow(/closed is not enabled/);
});

test('room that is not there cannot be changed', () => {
  expect(() => world.cloud.commands.capacity({ computeEnvironment: 'none', vcpus: 1 })).toThrow(/none does not exist/);
  expect(() => world.cloud.commands.capacity({ computeEnvironment: 'spot', vcpus: -1 })).toThrow(/vcpus/);
});
