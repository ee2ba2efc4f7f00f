/** Hosts on Spot that are taken away. */
import { readFileSync } from 'node:fs';
import { DescribeJobsCommand, type SubmitJobCommandInput } from '@aws-sdk/client-batch';
import { ferryJobDefinition } from '../../../dev/cloud/ferry-job';
import { eventually, temporaryFolder } from '../folders';
import { ROLE_ARN, type StandIn, standIn } from './stand-in';

const folder = temporaryFolder();
const { retryStrategy } = ferryJobDefinition(ROLE_ARN) as { retryStrategy: SubmitJobCommandInput['retryStrategy'] };
const WAIT = 'console.log("up"); setInterval(() => {}, 1000)';
const FIRST_ATTEMPT = (program: string) => `if (process.env.AWS_BATCH_JOB_ATTEMPT === '2') process.exit(0); ${program}`;
let world: StandIn;

beforeAll(async () => {
  world = await standIn(folder, { killAfterMs: 5_000 });
});
afterAll(() => world.close());

async function runs(program: string, more: Partial<SubmitJobCommandInput> = { retryStrategy }): Promise<string> {
  const jobId = await world.run(program, more);
  await world.reaches(jobId, 'RUNNING');
  await eventually(() => readFileSync(world.view(jobId).logFile ?? '', 'utf8').includes('up'));
  return jobId;
}

test('without notice the job is gone at once, no exit code is known, and the rules have it run again', async () => {
  const jobId = await runs(FIRST_ATTEMPT(`process.on('SIGTERM', () => console.log('told')); ${WAIT}`));
  const { logFile, instanceId } = world.view(jobId);
  expect(world.cloud.commands.reclaim()).toEqual({ jobId, instanceId });
  await world.reaches(jobId, 'SUCCEEDED');
  const { jobs } = await world.batch.send(new DescribeJobsCommand({ jobs: [jobId] }));
  const [lost, second] = jobs?.[0]?.attempts ?? [];
  expect(instanceId).toMatch(/^i-[0-9a-f]{17}$/);
  expect(lost?.statusReason).toBe(`Host EC2 (instance ${instanceId}) terminated.`);
  expect(lost?.container?.exitCode).toBeUndefined();
  expect(second?.container?.exitCode).toBe(0);
  expect(second?.container?.logStreamName).not.toBe(lost?.container?.logStreamName);
  expect(readFileSync(logFile ?? '', 'utf8')).toBe('up\n');
  expect(world.cloud.readLog(lost?.container?.logStreamName ?? '')).toBe('up\n');
  expect(world.cloud.readLog('../../batch.jsonl')).toBeUndefined();
});

test('with notice the job gets SIGTERM and may leave in order; it is the host that has ended it', async () => {
  const jobId = await runs(FIRST_ATTEMPT(`process.on('SIGTERM', () => process.exit(75)); ${WAIT}`));
  expect(world.cloud.commands.reclaim({ jobId, notice: true })).toMatchObject({ jobId });
  const { attempts } = await world.reaches(jobId, 'SUCCEEDED');
  expect(attempts).toMatchObject([
    { exitCode: 75, statusReason: expect.stringMatching(/^Host EC2 /) },
    { exitCode: 0 },
  ]);
});

test('a job that does not heed the notice is killed when it is over', async () => {
  const jobId = await runs(FIRST_ATTEMPT(`process.on('SIGTERM', () => console.log('no')); ${WAIT}`));
  const { logFile } = world.view(jobId);
  const begun = Date.now();
  world.cloud.commands.reclaim({ jobId, notice: true, noticeMs: 500 });
  expect(world.cloud.commands.reclaim({ jobId })).toBeUndefined();
  const { attempts } = await world.reaches(jobId, 'SUCCEEDED');
  expect((attempts[0]?.stoppedAt ?? 0) - begun).toBeGreaterThanOrEqual(495);
  expect(attempts[0]?.exitCode).toBeUndefined();
  expect(readFileSync(logFile ?? '', 'utf8')).toBe('up\nno\n');
});

test('a job that ends well before its host goes has ended well', async () => {
  const jobId = await runs(`process.on('SIGTERM', () => process.exit(0)); ${WAIT}`);
  world.cloud.commands.reclaim({ jobId, notice: true });
  const { attempts } = await world.reaches(jobId, 'SUCCEEDED');
  expect(attempts).toMatchObject([{ exitCode: 0, statusReason: 'Essential container in task exited' }]);
});

test('the last attempt of a job ends it, with the host as the reason', async () => {
  const jobId = await runs(WAIT, {});
  world.cloud.commands.reclaim({ jobId });
  const { attempts, statusReason } = await world.reaches(jobId, 'FAILED');
  expect(attempts).toHaveLength(1);
  expect(statusReason).toMatch(/^Host EC2 \(instance i-[0-9a-f]{17}\) terminated\.$/);
});

test('on-demand hosts are not reclaimed, and nobody is where nothing runs', async () => {
  const jobId = await runs(WAIT, { jobQueue: 'on-demand' });
  expect(() => world.cloud.commands.reclaim({ jobId })).toThrow(/does not run on Spot/);
  expect(world.cloud.commands.reclaim()).toBeUndefined();
  expect(world.cloud.commands.reclaim({ jobQueue: 'spot' })).toBeUndefined();
  expect(world.cloud.commands.reclaim({ jobId: 'none' })).toBeUndefined();
  expect(world.cloud.commands.kill({ jobId })).toBe(true);
  await world.reaches(jobId, 'FAILED');
});
