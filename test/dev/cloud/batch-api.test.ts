import {
  BatchClient,
  CancelJobCommand,
  CreateComputeEnvironmentCommand,
  CreateJobQueueCommand,
  DeregisterJobDefinitionCommand,
  DescribeComputeEnvironmentsCommand,
  DescribeJobDefinitionsCommand,
  DescribeJobQueuesCommand,
  DescribeJobsCommand,
  ListJobsCommand,
  RegisterJobDefinitionCommand,
  SubmitJobCommand,
  type SubmitJobCommandInput,
  TerminateJobCommand,
} from '@aws-sdk/client-batch';
import { temporaryFolder } from '../folders';
import { type StandIn, standIn, WORKER } from './stand-in';

const folder = temporaryFolder();
let world: StandIn;

beforeAll(async () => {
  // No room: what is submitted stays RUNNABLE.
  world = await standIn(folder, { capacity: 0 });
});

afterAll(() => world.close());

const register = (jobDefinitionName: string, command: string[]) =>
  world.batch.send(
    new RegisterJobDefinitionCommand({
      jobDefinitionName,
      type: 'container',
      containerProperties: { image: 'image', command },
    }),
  );

const submit = (more: Partial<SubmitJobCommandInput>) =>
  world.batch.send(new SubmitJobCommand({ jobName: 'named', jobQueue: 'spot', jobDefinition: 'node', ...more }));

const rules = (...conditions: object[]) => ({
  evaluateOnExit: conditions.map((each) => ({ action: 'RETRY' as const, ...each })),
});

const asError = (cause: unknown) => cause as Error;

test('a name without a revision means the latest active one', async () => {
  await register('twice', ['node', 'one']);
  const second = await register('twice', ['node', 'two']);
  expect(second.revision).toBe(2);
  const commandOf = async (jobDefinition: string) => {
    const { jobId } = await submit({ jobDefinition });
    const { jobs } = await world.batch.send(new DescribeJobsCommand({ jobs: [jobId ?? ''] }));
    return jobs?.[0]?.container?.command;
  };
  expect(await commandOf('twice')).toEqual(['node', 'two']);
  expect(await commandOf('twice:1')).toEqual(['node', 'one']);
  expect(await commandOf(second.jobDefinitionArn ?? '')).toEqual(['node', 'two']);
  await world.batch.send(new DeregisterJobDefinitionCommand({ jobDefinition: 'twice:2' }));
  expect(await commandOf('twice')).toEqual(['node', 'one']);
  const active = new DescribeJobDefinitionsCommand({ jobDefinitionName: 'twice', status: 'ACTIVE' });
  expect((await world.batch.send(active)).jobDefinitions?.map((each) => each.revision)).toEqual([1]);
});

test('queues and compute environments are created and described', async () => {
  await world.batch.send(new CreateComputeEnvironmentCommand({ computeEnvironmentName: 'fleet', type: 'MANAGED' }));
  const computeEnvironmentOrder = [{ order: 1, computeEnvironment: 'fleet' }];
  const created = await world.batch.send(
    new CreateJobQueueCommand({ jobQueueName: 'urgent', priority: 9, computeEnvironmentOrder }),
  );
  const { jobQueues } = await world.batch.send(new DescribeJobQueuesCommand({ jobQueues: ['urgent'] }));
  expect(jobQueues).toMatchObject([{ jobQueueArn: created.jobQueueArn, priority: 9, status: 'VALID' }]);
  const fleets = await world.batch.send(new DescribeComputeEnvironmentsCommand({ computeEnvironments: ['fleet'] }));
  expect(fleets.computeEnvironments?.[0]).toMatchObject({ computeEnvironmentName: 'fleet', status: 'VALID' });
  const { jobId } = await submit({ jobQueue: created.jobQueueArn ?? '' });
  expect(world.view(jobId ?? '').jobQueue).toBe('urgent');
});

test.each([
  ['a job name with a dot', { jobName: 'a.b' }, /jobName: Job name should match valid pattern/],
  ['a job name that begins with a dash', { jobName: '-a' }, /jobName/],
  ['a job name of 129 characters', { jobName: 'a'.repeat(129) }, /jobName/],
  ['a queue that is not there', { jobQueue: 'none' }, /JobQueue none is not found/],
  ['a definition that is not there', { jobDefinition: 'none' }, /JobDefinition none is not found/],
  ['a feature that the stand-in lacks', { arrayProperties: { size: 2 } }, /arrayProperties/],
  [
    'overrides above 8,192 characters',
    { containerOverrides: { command: ['node', 'x'.repeat(8_200)] } },
    /Container Overrides length must be at most 8192/,
  ],
  ['a payload above 30 KiB', { tags: { big: 'x'.repeat(31_000) } }, /at most 30720 bytes/],
  [
    'a variable that begins with AWS_BATCH',
    { containerOverrides: { environment: [{ name: 'AWS_BATCH_X', value: '1' }] } },
    /AWS_BATCH_X/,
  ],
  ['a timeout below a minute', { timeout: { attemptDurationSeconds: 59 } }, /at least 60 seconds/],
  ['no attempt', { retryStrategy: { attempts: 0 } }, /retryStrategy.attempts/],
  ['more than ten attempts', { retryStrategy: { attempts: 11 } }, /retryStrategy.attempts/],
  ['rules without attempts', { retryStrategy: rules({ onReason: '*' }) }, /attempts must be specified/],
  [
    'more than five rules',
    { retryStrategy: { attempts: 2, ...rules(...Array.from({ length: 6 }, () => ({ onReason: '*' }))) } },
    /evaluateOnExit/,
  ],
  [
    'a pattern with a parenthesis',
    { retryStrategy: { attempts: 2, ...rules({ onStatusReason: 'Host EC2 (instance*' }) } },
    /onStatusReason: only letters/,
  ],
  [
    'a pattern with a star before its end',
    { retryStrategy: { attempts: 2, ...rules({ onReason: '*Error' }) } },
    /onReason: only letters/,
  ],
  [
    'an exit code that is no number',
    { retryStrategy: { attempts: 2, ...rules({ onExitCode: 'x' }) } },
    /onExitCode: only numbers/,
  ],
])('%s is a ClientException', async (_name, more, message) => {
  const before = world.cloud.jobs().length;
  const error = await submit(more).then(() => undefined, asError);
  expect(error?.name).toBe('ClientException');
  expect(error?.message).toMatch(message);
  expect(world.cloud.jobs()).toHaveLength(before);
});

test('what a submission says of retries and time goes before its definition', async () => {
  const containerProperties = { image: 'image', command: ['node'] };
  await world.batch.send(
    new RegisterJobDefinitionCommand({
      ...{ jobDefinitionName: 'patient', type: 'container', containerProperties },
      retryStrategy: { attempts: 3, ...rules({ onExitCode: '75' }) },
      timeout: { attemptDurationSeconds: 600 },
    }),
  );
  const own = await submit({ jobDefinition: 'patient' });
  const other = await submit({
    jobDefinition: 'patient',
    retryStrategy: { attempts: 1 },
    timeout: { attemptDurationSeconds: 60 },
  });
  const { jobs } = await world.batch.send(new DescribeJobsCommand({ jobs: [own.jobId ?? '', other.jobId ?? ''] }));
  expect(jobs?.map(({ retryStrategy, timeout }) => ({ retryStrategy, timeout }))).toEqual([
    {
      retryStrategy: { attempts: 3, evaluateOnExit: [{ action: 'RETRY', onExitCode: '75' }] },
      timeout: { attemptDurationSeconds: 600 },
    },
    { retryStrategy: { attempts: 1, evaluateOnExit: [] }, timeout: { attemptDurationSeconds: 60 } },
  ]);
});

test.each([
  ['above 24 KiB', { tags: { big: 'x'.repeat(25_000) } }, /at most 24576 bytes/],
  ['with a timeout below a minute', { timeout: { attemptDurationSeconds: 59 } }, /at least 60 seconds/],
  ['with too many attempts', { retryStrategy: { attempts: 11 } }, /retryStrategy.attempts/],
  [
    'with a variable that begins with AWS_BATCH',
    { containerProperties: { image: 'image', environment: [{ name: 'AWS_BATCH_X', value: '1' }] } },
    /AWS_BATCH_X/,
  ],
])('a definition %s is a ClientException', async (_name, more, message) => {
  const containerProperties = { image: 'image', command: ['node'] };
  const request = { jobDefinitionName: 'refused', type: 'container' as const, containerProperties, ...more };
  const error = await world.batch.send(new RegisterJobDefinitionCommand(request)).then(() => undefined, asError);
  expect(error?.name).toBe('ClientException');
  expect(error?.message).toMatch(message);
});

test('describing takes 100 ids, leaves out unknown ones, and refuses more', async () => {
  const { jobId = '' } = await submit({});
  const ids = [...Array.from({ length: 99 }, (_, index) => `unknown-${index}`), jobId];
  const { jobs } = await world.batch.send(new DescribeJobsCommand({ jobs: ids }));
  expect(jobs?.map((job) => job.jobId)).toEqual([jobId]);
  const tooMany = new DescribeJobsCommand({ jobs: [...ids, 'one-more'] });
  await expect(world.batch.send(tooMany)).rejects.toMatchObject({ name: 'ClientException' });
});

test('a listing by name leaves the status out of account, ignores case, and takes a trailing star', async () => {
  const ids: string[] = [];
  for (const jobName of ['Find-me-1', 'find-me-2', 'find-other']) ids.push((await submit({ jobName })).jobId ?? '');
  await world.batch.send(new CancelJobCommand({ jobId: ids[0] ?? '', reason: 'not wanted' }));
  const named = async (value: string) => {
    const filters = [{ name: 'JOB_NAME', values: [value] }];
    const { jobSummaryList } = await world.batch.send(new ListJobsCommand({ jobQueue: 'spot', filters }));
    return jobSummaryList?.map((job) => job.jobName);
  };
  expect(await named('FIND-ME-1')).toEqual(['Find-me-1']);
  expect(await named('find-me-*')).toEqual(['find-me-2', 'Find-me-1']);
  expect(await named('find-me')).toEqual([]);
  const elsewhere = new ListJobsCommand({ jobQueue: 'on-demand', filters: [{ name: 'JOB_NAME', values: ['find*'] }] });
  expect((await world.batch.send(elsewhere)).jobSummaryList).toEqual([]);
});

test('a listing by status shows running jobs unless told otherwise, page by page', async () => {
  const ids: string[] = [];
  for (let index = 0; index < 5; index += 1) ids.push((await submit({ jobQueue: 'on-demand' })).jobId ?? '');
  for (const id of ids) await world.reaches(id, 'RUNNABLE');
  expect((await world.batch.send(new ListJobsCommand({ jobQueue: 'on-demand' }))).jobSummaryList).toEqual([]);
  const seen: string[] = [];
  let nextToken: string | undefined;
  let pages = 0;
  do {
    const page = await world.batch.send(
      new ListJobsCommand({ jobQueue: 'on-demand', jobStatus: 'RUNNABLE', maxResults: 2, nextToken }),
    );
    seen.push(...(page.jobSummaryList ?? []).map((job) => job.jobId ?? ''));
    nextToken = page.nextToken;
    pages += 1;
  } while (nextToken !== undefined);
  expect(seen).toEqual([...ids].reverse());
  expect(pages).toBe(3);
});

test('a job that has not started is ended at once by cancel and by terminate, and keeps the reason', async () => {
  const cancelled = (await submit({})).jobId ?? '';
  const terminated = (await submit({})).jobId ?? '';
  await world.batch.send(new CancelJobCommand({ jobId: cancelled, reason: 'changed my mind' }));
  await world.batch.send(new TerminateJobCommand({ jobId: terminated, reason: 'over' }));
  const { jobs } = await world.batch.send(new DescribeJobsCommand({ jobs: [cancelled, terminated] }));
  expect(jobs).toMatchObject([
    { status: 'FAILED', statusReason: 'changed my mind', isCancelled: true, isTerminated: false, attempts: [] },
    { status: 'FAILED', statusReason: 'over', isCancelled: false, isTerminated: true, attempts: [] },
  ]);
});

test('ending a job that is not there is a ClientException, and so is ending without a reason or with a long one', async () => {
  const unknown = new TerminateJobCommand({ jobId: 'none', reason: 'x' });
  await expect(world.batch.send(unknown)).rejects.toMatchObject({ name: 'ClientException' });
  const { jobId } = await submit({});
  const silent = new TerminateJobCommand({ jobId, reason: '' });
  await expect(world.batch.send(silent)).rejects.toMatchObject({ name: 'ClientException' });
  const verbose = new TerminateJobCommand({ jobId, reason: 'x'.repeat(1_025) });
  await expect(world.batch.send(verbose)).rejects.toMatchObject({ name: 'ClientException' });
  await world.batch.send(new TerminateJobCommand({ jobId, reason: 'x'.repeat(1_024) }));
});

test('a wrong secret is refused', async () => {
  const credentials = { ...WORKER, secretAccessKey: 'wrong' };
  const client = new BatchClient({ endpoint: world.cloud.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  const listing = client.send(new ListJobsCommand({ jobQueue: 'spot' }));
  await expect(listing).rejects.toMatchObject({ name: 'InvalidSignatureException' });
  client.destroy();
});
