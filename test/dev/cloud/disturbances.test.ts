/** A service that refuses, answers late, loses an answer or forgets; and its commands over HTTP. */
import { DescribeJobsCommand, ListJobsCommand, TerminateJobCommand } from '@aws-sdk/client-batch';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually, temporaryFolder } from '../folders';
import { type StandIn, standIn } from './stand-in';

const folder = temporaryFolder();
let world: StandIn;

beforeAll(async () => {
  world = await standIn(folder, { keepMs: 2_000, submitsPerSecond: 2 });
});
afterAll(() => world.close());

const listed = async (jobName: string) => {
  const filters = [{ name: 'JOB_NAME', values: [jobName] }];
  const { jobSummaryList } = await world.batch.send(new ListJobsCommand({ jobQueue: 'spot', filters }));
  return jobSummaryList?.map(({ jobId }) => jobId);
};
const described = async (jobId: string) => {
  const { jobs } = await world.batch.send(new DescribeJobsCommand({ jobs: [jobId] }));
  return jobs?.map((job) => job.jobId);
};
const post = async (command: string, input: unknown, headers = { 'content-type': 'application/json' }) => {
  const url = `${world.cloud.endpoint}/play/${command}`;
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(input) });
  return [response.status, await response.json()] as const;
};

test('submissions that come too fast are refused, and make no job', async () => {
  const before = world.cloud.jobs().length;
  const answers = await Promise.allSettled(Array.from({ length: 12 }, () => world.run('')));
  const refused = answers.filter((answer) => answer.status === 'rejected');
  expect(refused.length).toBeGreaterThan(0);
  expect(world.cloud.jobs().length - before).toBe(12 - refused.length);
  for (const { reason } of refused) {
    expect(reason).toMatchObject({ name: 'TooManyRequestsException', $metadata: { httpStatusCode: 429 } });
  }
  world.cloud.commands.throttle({ operation: 'SubmitJob', perSecond: null });
  await expect(Promise.all(Array.from({ length: 12 }, () => world.run('')))).resolves.toHaveLength(12);
});

test('any operation is refused as often as one is told', async () => {
  world.cloud.commands.throttle({ operation: 'DescribeJobs', times: 2 });
  for (const time of [1, 2]) {
    await expect(described(`time ${time}`)).rejects.toMatchObject({ name: 'TooManyRequestsException' });
  }
  await expect(described('none')).resolves.toEqual([]);
  expect(() => world.cloud.commands.throttle({ operation: 'NoSuch' as never, times: 1 })).toThrow(/operation/);
});

test('an answer that is lost leaves its job behind', async () => {
  world.cloud.commands.loseAnswers();
  const jobName = 'answer-lost';
  await expect(world.run('', { jobName })).rejects.toThrow(/ECONNRESET|socket hang up/);
  expect(await listed(jobName)).toHaveLength(1);
  await world.run('', { jobName });
  expect(await listed(jobName)).toHaveLength(2);
});

test('what was refused and what was left without an answer is counted', () => {
  const { refused, lost } = world.cloud.disturbances();
  expect(refused).toMatchObject({ DescribeJobs: 2 });
  expect(refused.SubmitJob).toBeGreaterThan(0);
  expect(lost).toEqual({ SubmitJob: 1 });
});

test('a new job is listed and described only after a while', async () => {
  world.cloud.commands.delays({ listMs: [600, 700], describeMs: [300, 300] });
  world.cloud.commands.capacity({ computeEnvironment: 'spot', vcpus: 0 });
  const jobName = 'seen-late';
  const begun = Date.now();
  const jobId = await world.run('', { jobName });
  expect(await described(jobId)).toEqual([]);
  expect(await listed(jobName)).toEqual([]);
  await delay(300);
  expect(await described(jobId)).toEqual([jobId]);
  while ((await listed(jobName))?.length === 0) await delay(10);
  expect(Date.now() - begun).toBeGreaterThanOrEqual(600);
  world.cloud.commands.delays({ listMs: [0, 0], describeMs: [0, 0] });
  world.cloud.commands.capacity({ computeEnvironment: 'spot', vcpus: 2 });
  await world.reaches(jobId, 'SUCCEEDED');
});

test('a job is known for a while after its end, and then no more', async () => {
  const jobName = 'forgotten';
  const jobId = await world.run('', { jobName });
  await world.reaches(jobId, 'SUCCEEDED');
  expect(await described(jobId)).toEqual([jobId]);
  await eventually(() => Date.now() > (world.view(jobId).attempts[0]?.stoppedAt ?? Infinity) + 2_050);
  expect(await described(jobId)).toEqual([]);
  expect(await listed(jobName)).toEqual([]);
  const late = new TerminateJobCommand({ jobId, reason: 'late' });
  await expect(world.batch.send(late)).rejects.toMatchObject({ name: 'ClientException' });
  expect(world.view(jobId).status).toBe('SUCCEEDED');
});

test('each command can be given over HTTP', async () => {
  expect(await post('capacity', { computeEnvironment: 'on-demand', vcpus: 0 })).toEqual([200, {}]);
  const held = await world.run('', { jobQueue: 'on-demand' });
  const jobId = await world.run('console.log("up"); setInterval(() => {}, 1000)');
  const { instanceId } = await world.reaches(jobId, 'RUNNING');
  await eventually(() => world.cloud.readLog(world.view(jobId).logStreamName ?? '') === 'up\n');
  const list = await (await fetch(`${world.cloud.endpoint}/play/jobs`)).json();
  expect(list).toContainEqual(expect.objectContaining({ jobId, instanceId, status: 'RUNNING' }));
  const stream = world.view(jobId).logStreamName ?? '';
  expect(await (await fetch(`${world.cloud.endpoint}/play/log?stream=${stream}`)).json()).toEqual({ text: 'up\n' });
  expect(await post('reclaim', { jobQueue: 'spot', notice: true })).toEqual([
    200,
    { reclaimed: { jobId, instanceId } },
  ]);
  await world.reaches(jobId, 'FAILED');
  expect(await post('kill', { jobId })).toEqual([200, { killed: false }]);
  expect(await post('throttle', { operation: 'ListJobs', times: 1 })).toEqual([200, {}]);
  await expect(listed('any')).rejects.toMatchObject({ name: 'TooManyRequestsException' });
  expect(await post('lose-answers', { operation: 'DescribeJobs' })).toEqual([200, {}]);
  await expect(described(jobId)).rejects.toThrow(/ECONNRESET|socket hang up/);
  expect(await post('delays', { listMs: [0, 0] })).toEqual([200, {}]);
  expect(world.view(held).status).toBe('RUNNABLE');
  const counts = (await (await fetch(`${world.cloud.endpoint}/play/requests`)).json()) as Record<string, number>;
  expect(counts.SubmitJob).toBeGreaterThan(12);
});

test('a command that is not understood is refused, and so is one that a page in a browser could send', async () => {
  expect(await post('capacity', { computeEnvironment: 'spot' })).toEqual([
    400,
    { message: expect.stringContaining('vcpus') },
  ]);
  expect((await post('no-such', {}))[0]).toBe(404);
  expect((await post('reclaim', {}, { 'content-type': 'text/plain' }))[0]).toBe(415);
  expect((await fetch(`${world.cloud.endpoint}/play/log?stream=none`)).status).toBe(404);
});
