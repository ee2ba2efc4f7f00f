/**
 * Our client of Batch, as a worker opens it, against moto_server: a simulation of AWS that others wrote from AWS's own
 * descriptions. It keeps the protocol and the shapes. What it does otherwise than AWS is said where it shows.
 */
import { join } from 'node:path';
import {
  BatchClient,
  CreateComputeEnvironmentCommand,
  CreateJobQueueCommand,
  DescribeJobsCommand,
  RegisterJobDefinitionCommand,
  type RegisterJobDefinitionCommandInput,
  UpdateJobQueueCommand,
} from '@aws-sdk/client-batch';
import { FERRY_QUEUES, ferryJobDefinition } from '../../dev/cloud/ferry-job';
import { type MotoServer, startMoto } from '../../dev/servers/moto';
import { randomAccount } from '../../dev/servers/s3-server';
import { openCloud } from '../../src/aws/cloud';
import type { JobService } from '../../src/transfer/job-service';
import { temporaryFolder } from '../dev/folders';
import { until } from '../support/until';
import { actAs, motoRoles } from './support/moto';

const folder = temporaryFolder();
const region = 'eu-west-1';
const QUEUES = [...FERRY_QUEUES];
const START_MS = 300_000;
const RESOURCES = [
  { type: 'VCPU', value: '1' },
  { type: 'MEMORY', value: '2048' },
];

let moto: MotoServer;
/** One whose jobs stay for a while, and then fail. */
let slow: MotoServer;
let jobs: JobService;
let slowJobs: JobService;
/** To look at what moto has taken. */
let batch: BatchClient;
let definitionArn: string;

beforeAll(async () => {
  const log = () => undefined;
  moto = await startMoto({ folder: join(folder, 'moto'), log });
  slow = await startMoto({ folder: join(folder, 'slow'), jobsFailAfterSeconds: 3, log });
  slowJobs = await furnish(slow);
  jobs = await furnish(moto);
}, START_MS);
afterAll(async () => {
  batch.destroy();
  await moto.stop();
  await slow.stop();
});

/** Makes the queues and the definition, and opens our client, with what a worker's environment would say. */
async function furnish({ endpoint }: MotoServer): Promise<JobService> {
  actAs(randomAccount(), endpoint);
  const { arnOf } = motoRoles(endpoint);
  batch = new BatchClient({ region });
  const environment = new CreateComputeEnvironmentCommand({
    computeEnvironmentName: 'ferry',
    type: 'UNMANAGED',
    serviceRole: await arnOf('ferry-batch'),
  });
  const { computeEnvironmentArn: computeEnvironment } = await batch.send(environment);
  const queue = { priority: 1, computeEnvironmentOrder: [{ order: 1, computeEnvironment }] };
  for (const jobQueueName of [...QUEUES, 'closed']) {
    await batch.send(new CreateJobQueueCommand({ jobQueueName, state: 'ENABLED', ...queue }));
  }
  await batch.send(new UpdateJobQueueCommand({ jobQueue: 'closed', state: 'DISABLED' }));
  const definition = ferryJobDefinition(await arnOf('ferry-job'));
  const { jobDefinitionArn = '' } = await batch.send(
    new RegisterJobDefinitionCommand({
      ...definition,
      // Which AWS wants as well, and the stand-in in dev/cloud does not.
      containerProperties: { ...definition.containerProperties, resourceRequirements: RESOURCES },
    } as RegisterJobDefinitionCommandInput),
  );
  definitionArn = jobDefinitionArn;
  const opened = openCloud({ ssmCacheMs: 0 }).jobs(region);
  // With its first request a client reads the environment, and never again.
  await opened.check(QUEUES, 'ferry-job');
  return opened;
}

const submission = (jobName: string, queue = 'ferry-spot', jobDefinition = 'ferry-job') => ({
  queue,
  jobDefinition,
  jobName,
  task: `{"name":"${jobName}"}`,
  attempts: 3,
});

test('the queues and the definition are there, by its name and by its ARN with the revision', async () => {
  await expect(jobs.check(QUEUES, 'ferry-job')).resolves.toBeUndefined();
  expect(definitionArn).toMatch(/:job-definition\/ferry-job:1$/);
  await expect(jobs.check(QUEUES, definitionArn)).resolves.toBeUndefined();
  // Which AWS knows: moto takes this short form for a job alone.
  await expect(jobs.check(QUEUES, 'ferry-job:1')).rejects.toThrow('ferry-job:1 does not exist');
});

test.each([
  ['a queue that is missing', ['ferry-spot', 'no-queue'], 'ferry-job', 'The Batch queue no-queue does not exist'],
  ['a queue that is closed', ['closed'], 'ferry-job', 'The Batch queue closed is DISABLED'],
  ['a definition that is missing', QUEUES, 'no-job', 'The Batch job definition no-job does not exist'],
  ['a revision that is missing', QUEUES, 'ferry-job:2', 'The Batch job definition ferry-job:2 does not exist'],
])('%s is named', async (_what, queues, definition, message) => {
  await expect(jobs.check(queues, definition)).rejects.toMatchObject({
    code: 'BadRequest',
    message: expect.stringContaining(message),
  });
});

test('a job is taken with its task, and several are described at once, without those that nobody knows', async () => {
  const first = await jobs.submit(submission('first'));
  const second = await jobs.submit(submission('second', 'ferry-on-demand'));
  const unknown = '00000000-0000-0000-0000-000000000000';
  const views = await jobs.describe([first.jobId, second.jobId, unknown]);
  // Nothing has run, so there is no exit code; AWS gives one. moto takes a retryStrategy and forgets it: its jobs have one
  // attempt. What comes of ours is shown on the stand-in (test/aws/batch-jobs.test.ts).
  const over = { status: 'SUCCEEDED', attempts: [{ logStream: expect.stringContaining('ferry-job/default/') }] };
  expect([...views.values()]).toEqual([
    { jobId: first.jobId, queue: 'ferry-spot', logStream: expect.any(String), ...over },
    { jobId: second.jobId, queue: 'ferry-on-demand', logStream: expect.any(String), ...over },
  ]);
  expect(await jobs.describe([unknown])).toEqual(new Map());
  const { jobs: [raw] = [] } = await batch.send(new DescribeJobsCommand({ jobs: [first.jobId] }));
  expect(raw?.container?.environment).toContainEqual({ name: 'FERRY_TASK', value: '{"name":"first"}' });
});

test.each([
  ['no-queue', 'ferry-job'],
  ['ferry-spot', 'no-job'],
])('a job for %s and %s is refused for good', async (queue, definition) => {
  await expect(jobs.submit(submission('lost', queue, definition))).rejects.toMatchObject({
    code: 'BadRequest',
    retryable: false,
    message: `AWS Batch answered SubmitJob with ClientException, status 400. Do the queue ${queue} and the job definition ${definition} exist, and are they enabled?`,
  });
});

test('a live job is found by its whole name and ended; one that is over is not found', async () => {
  const submitted = slowJobs.submit(submission('transfer-1'));
  const find = (name: string) => slowJobs.findLive(QUEUES, name);
  await until('the job is there', async () => (await find('transfer-1')).length === 1, {
    timeoutMs: 10_000,
    everyMs: 50,
  });
  const [live] = await find('transfer-1');
  expect(live).toMatchObject({ status: 'SUBMITTED', queue: 'ferry-spot' });
  // Its filter ignores case, as that of AWS.
  expect(await find('TRANSFER-1')).toEqual([]);
  expect(await find('transfer')).toEqual([]);

  await slowJobs.terminate(live?.jobId ?? '', 'enough');
  const { jobId } = await submitted;
  expect(jobId).toBe(live?.jobId);
  expect((await slowJobs.describe([jobId])).get(jobId)).toMatchObject({ status: 'FAILED', statusReason: 'enough' });
  expect(await find('transfer-1')).toEqual([]);
  // AWS takes it too: a job that has ended meanwhile is no failure.
  await expect(slowJobs.terminate(jobId, 'again')).resolves.toBeUndefined();
});

test('a search in a queue that is missing is refused for good', async () => {
  await expect(jobs.findLive(['no-queue'], 'first')).rejects.toMatchObject({ code: 'BadRequest', retryable: false });
});
