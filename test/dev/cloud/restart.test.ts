/** A stand-in that starts in the folder of an earlier one, whether that was stopped or killed. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateComputeEnvironmentCommand,
  CreateJobQueueCommand,
  DescribeJobDefinitionsCommand,
  DescribeJobsCommand,
  RegisterJobDefinitionCommand,
  TerminateJobCommand,
} from '@aws-sdk/client-batch';
import { eventually, temporaryFolder } from '../folders';
import { standIn } from './stand-in';

const folder = temporaryFolder();
const WAIT = 'setInterval(() => {}, 1000)';
const FIRST_ATTEMPT = `if (process.env.AWS_BATCH_JOB_ATTEMPT === '1') ${WAIT}`;

test('after a stop it knows its jobs, queues, definitions and room; what waited waits, in order, and runs', async () => {
  const place = join(folder, 'stopped');
  const first = await standIn(place, { capacity: 1 });
  await first.batch.send(new CreateComputeEnvironmentCommand({ computeEnvironmentName: 'more', type: 'MANAGED' }));
  const computeEnvironmentOrder = [{ order: 1, computeEnvironment: 'more' }];
  await first.batch.send(new CreateJobQueueCommand({ jobQueueName: 'more', priority: 1, computeEnvironmentOrder }));
  const containerProperties = { image: 'node', command: ['node', '-e', ''] };
  const definition = { jobDefinitionName: 'made', type: 'container' as const, containerProperties };
  await first.batch.send(new RegisterJobDefinitionCommand(definition));
  const done = await first.run('', { jobQueue: 'more', jobDefinition: 'made' });
  await first.reaches(done, 'SUCCEEDED');
  first.cloud.commands.capacity({ computeEnvironment: 'spot', vcpus: 0 });
  const waiting = [await first.run(''), await first.run('')];
  for (const id of waiting) await first.reaches(id, 'RUNNABLE');
  await first.close();

  const second = await standIn(place, { capacity: 1 });
  const { jobs } = await second.batch.send(new DescribeJobsCommand({ jobs: [done, ...waiting] }));
  expect(jobs).toMatchObject([
    { jobId: done, status: 'SUCCEEDED', attempts: [{ container: { exitCode: 0 } }] },
    { jobId: waiting[0], status: 'RUNNABLE' },
    { jobId: waiting[1], status: 'RUNNABLE' },
  ]);
  const described = await second.batch.send(new DescribeJobDefinitionsCommand({}));
  expect(described.jobDefinitions?.map((each) => `${each.jobDefinitionName}:${each.revision}`)).toEqual([
    'node:1',
    'made:1',
  ]);
  second.cloud.commands.capacity({ computeEnvironment: 'spot', vcpus: 1 });
  for (const id of waiting) await second.reaches(id, 'SUCCEEDED');
  const [one, two] = waiting.map((id) => second.view(id).attempts[0]);
  expect(two?.startedAt).toBeGreaterThanOrEqual(one?.stoppedAt ?? Infinity);
  await second.close();
});

test('what ran when it was killed has lost its host, its process is ended, and the rules decide', async () => {
  const place = join(folder, 'killed');
  const first = await standIn(place, { capacity: 3 });
  const retried = await first.run(FIRST_ATTEMPT, { retryStrategy: { attempts: 2 } });
  const failed = await first.run(WAIT);
  const terminated = await first.run(`process.on('SIGTERM', () => {}); ${WAIT}`, { retryStrategy: { attempts: 2 } });
  for (const id of [retried, failed, terminated]) await first.reaches(id, 'RUNNING');
  await first.batch.send(new TerminateJobCommand({ jobId: terminated, reason: 'enough' }));
  const { pid = 0, instanceId } = first.view(retried);
  // What a kill leaves is what stands on the disk at this moment.
  const copy = join(folder, 'copy');
  cpSync(place, copy, { recursive: true });

  const second = await standIn(copy, { capacity: 3 });
  const { attempts } = await second.reaches(retried, 'SUCCEEDED');
  expect(attempts).toMatchObject([
    { statusReason: `Host EC2 (instance ${instanceId}) terminated.` },
    { exitCode: 0, statusReason: 'Essential container in task exited' },
  ]);
  expect((await second.reaches(failed, 'FAILED')).statusReason).toMatch(/^Host EC2 /);
  expect((await second.reaches(terminated, 'FAILED')).statusReason).toBe('enough');
  await eventually(() => !isAlive(pid));
  await second.close();
  await first.close();
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
