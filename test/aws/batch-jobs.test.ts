/** Against the Batch endpoint of dev/, which runs each job as a process. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BatchClient } from '@aws-sdk/client-batch';
import { FERRY_QUEUES, ferryJobDefinition } from '../../dev/cloud/ferry-job';
import { startCloud, type Cloud } from '../../dev/cloud/server';
import { randomAccount } from '../../dev/servers/s3-server';
import { batchJobs } from '../../src/aws/batch-jobs';
import { isOver, type JobService, type JobView } from '../../src/transfer/job-service';

const account = randomAccount();
const QUEUES = [...FERRY_QUEUES];
let folder: string;
let cloud: Cloud;
let jobs: JobService;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ferry-batch-'));
  // The task says how the job ends: a number is its exit code, anything else waits.
  const program =
    'const code = Number(process.env.FERRY_TASK); if (code >= 0) process.exit(code); setTimeout(() => {}, 60000);';
  cloud = await startCloud({
    folder,
    accounts: [{ name: 'ours', ...account }],
    job: { command: { ferry: [process.execPath, '-e', program, '--'] }, environment: {} },
    queues: QUEUES,
    jobDefinitions: [ferryJobDefinition('arn:aws:iam::000000000000:role/nobody')],
    killAfterMs: 500,
    listDelayMs: [0, 0],
    log: () => undefined,
  });
  const client = new BatchClient({
    endpoint: cloud.endpoint,
    region: 'us-east-1',
    credentials: account,
    maxAttempts: 1,
  });
  jobs = batchJobs(client);
});
afterAll(async () => {
  await cloud.stop();
  await rm(folder, { recursive: true });
});

const submit = (jobName: string, task: string) =>
  jobs.submit({ queue: 'ferry-spot', jobDefinition: 'ferry-job', jobName, task, attempts: 3 });

async function ended(jobId: string): Promise<JobView> {
  for (;;) {
    const job = (await jobs.describe([jobId])).get(jobId);
    if (job !== undefined && isOver(job)) return job;
    await sleep(50);
  }
}

test.each([
  ['0', { status: 'SUCCEEDED', exitCode: 0, attempts: [{}] }],
  ['1', { status: 'FAILED', exitCode: 1, attempts: [{}] }],
  ['75', { status: 'FAILED', exitCode: 75, attempts: [{ exitCode: 75 }, { exitCode: 75 }, { exitCode: 75 }] }],
])(
  'a job that exits %s ends so',
  async (task, expected) => {
    const { jobId } = await submit(`exits-${task}`, task);
    expect(await ended(jobId)).toMatchObject({
      jobId,
      ...expected,
      logStream: expect.stringContaining('ferry-job/default/'),
    });
  },
  30_000,
);

test('a live job is found by its whole name, and a finished one is not', async () => {
  const { jobId } = await submit('transfer-1', 'wait');
  const over = await submit('transfer-2', '0');
  await ended(over.jobId);
  expect(await jobs.findLive(QUEUES, 'transfer-1')).toMatchObject([{ jobId, queue: 'ferry-spot' }]);
  expect(await jobs.findLive(QUEUES, 'transfer-2')).toEqual([]);
  // Batch's own filter ignores case and could take a prefix.
  expect(await jobs.findLive(QUEUES, 'TRANSFER-1')).toEqual([]);
  expect(await jobs.findLive(QUEUES, 'transfer')).toEqual([]);

  await jobs.terminate(jobId, 'enough');
  expect(await ended(jobId)).toMatchObject({ status: 'FAILED', statusReason: 'enough' });
});

test('a job that Batch has never heard of is undefined', async () => {
  expect(await jobs.describe(['00000000-0000-0000-0000-000000000000'])).toEqual(new Map());
});

test('a task that would not fit is refused before it is sent', async () => {
  await expect(submit('large', 'x'.repeat(7 * 1024 + 1))).rejects.toMatchObject({
    code: 'BadRequest',
    retryable: false,
  });
});

test.each([
  ['no-queue', 'ferry-job'],
  ['ferry-spot', 'no-definition'],
])('a job that Batch refuses names queue %s and definition %s', async (queue, jobDefinition) => {
  await expect(jobs.submit({ queue, jobDefinition, jobName: 'refused', task: '0', attempts: 3 })).rejects.toMatchObject(
    {
      code: 'BadRequest',
      message: expect.stringMatching(new RegExp(`queue ${queue} and the job definition ${jobDefinition}`)) as string,
    },
  );
});

test('jobs whose names begin alike are found together', async () => {
  const { jobId } = await submit('ferry-begins-1', 'wait');
  await submit('ferry-begun-1', 'wait');
  expect(await jobs.findLive(QUEUES, 'ferry-begins-*')).toMatchObject([{ jobId }]);
  expect(await jobs.findLive(QUEUES, 'FERRY-begins-*')).toEqual([]);
  await jobs.terminate(jobId, 'enough');
});

const ARN = 'arn:aws:batch:us-east-1:000000000000:job-definition/ferry-job';

test.each(['ferry-job', 'ferry-job:1', ARN, `${ARN}:1`])(
  'a check and a job take the definition as %s',
  async (jobDefinition) => {
    await expect(jobs.check(QUEUES, jobDefinition)).resolves.toBeUndefined();
    const given = { queue: 'ferry-spot', jobDefinition, jobName: 'defined', task: '0', attempts: 3 };
    expect(await ended((await jobs.submit(given)).jobId)).toMatchObject({ status: 'SUCCEEDED' });
  },
);

test('a check names the queue or the definition that is missing', async () => {
  await expect(jobs.check(['ferry-spot', 'no-queue'], 'ferry-job')).rejects.toMatchObject({
    message: expect.stringContaining('no-queue does not exist'),
  });
  for (const missing of ['no-job', 'ferry-job:2', `${ARN}:2`, `${ARN}s`]) {
    await expect(jobs.check(QUEUES, missing)).rejects.toMatchObject({
      message: expect.stringContaining(`${missing} does not exist`),
    });
  }
});
