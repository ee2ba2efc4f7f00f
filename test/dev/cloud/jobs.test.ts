import { readFileSync } from 'node:fs';
import { CancelJobCommand, DescribeJobsCommand, TerminateJobCommand } from '@aws-sdk/client-batch';
import { ferryJobDefinition } from '../../../dev/cloud/ferry-job';
import { eventually, temporaryFolder } from '../folders';
import { ROLE, ROLE_ARN, type StandIn, standIn } from './stand-in';

const folder = temporaryFolder();
const otherFolder = temporaryFolder();
const WAIT = 'console.log("up"); setInterval(() => {}, 1000)';
const STUBBORN = `process.on('SIGTERM', () => console.log('no')); ${WAIT}`;
let world: StandIn;

beforeAll(async () => {
  process.env.OF_THE_PARENT = 'must not leak';
  world = await standIn(folder, { killAfterMs: 300 });
});

afterAll(() => world.close());

const output = (jobId: string) => readFileSync(world.view(jobId).logFile ?? '', 'utf8');

async function describeJob(jobId: string) {
  const { jobs } = await world.batch.send(new DescribeJobsCommand({ jobs: [jobId] }));
  return jobs?.[0];
}

async function isUp(jobId: string): Promise<void> {
  await world.reaches(jobId, 'RUNNING');
  await eventually(() => output(jobId).includes('up'));
}

test('a job goes through every state, runs its command, and keeps its output', async () => {
  const jobId = await world.run('console.log("hello from", process.env.AWS_BATCH_JOB_ATTEMPT)');
  await world.reaches(jobId, 'SUCCEEDED');
  const states = world.logged
    .filter((line) => line.includes(jobId.slice(0, 8)))
    .map((line) => /[A-Z]{6,}/.exec(line)?.[0]);
  expect(states).toEqual(['PENDING', 'RUNNABLE', 'STARTING', 'RUNNING', 'SUCCEEDED']);
  expect(output(jobId)).toBe('hello from 1\n');
  const job = await describeJob(jobId);
  expect(job?.statusReason).toBe('Essential container in task exited');
  expect(job?.container?.exitCode).toBe(0);
  expect(job?.container?.logStreamName).toMatch(/^node\/default\/[0-9a-f]{32}$/);
  expect(job?.attempts).toMatchObject([{ container: { exitCode: 0, logStreamName: job?.container?.logStreamName } }]);
  expect(job?.startedAt).toBeGreaterThanOrEqual(job?.createdAt ?? Infinity);
  expect(job?.stoppedAt).toBeGreaterThanOrEqual(job?.startedAt ?? Infinity);
});

test('a job sees its own environment and nothing of the parent', async () => {
  const jobId = await world.run('console.log(JSON.stringify(process.env))', {
    containerOverrides: { environment: [{ name: 'OVERRIDDEN', value: 'submission' }] },
  });
  await world.reaches(jobId, 'SUCCEEDED');
  const environment = JSON.parse(output(jobId)) as Record<string, string>;
  expect(environment).toMatchObject({
    FROM_HOST: 'host',
    FROM_DEFINITION: 'definition',
    OVERRIDDEN: 'submission',
    AWS_BATCH_JOB_ID: jobId,
    AWS_BATCH_JOB_ATTEMPT: '1',
    AWS_BATCH_JQ_NAME: 'spot',
    AWS_BATCH_CE_NAME: 'spot',
  });
  expect(environment.OF_THE_PARENT).toBeUndefined();
  expect(environment.HOME).not.toBe(process.env.HOME);
});

test('a job gets the keys of its role by HTTP, only with its token, and only while it runs', async () => {
  const jobId = await world.run(`
    const { AWS_CONTAINER_CREDENTIALS_FULL_URI: url, AWS_CONTAINER_AUTHORIZATION_TOKEN: authorization } = process.env;
    const ask = async (headers) => { const r = await fetch(url, { headers }); return [r.status, await r.json()] };
    (async () => console.log(JSON.stringify({
      good: await ask({ authorization }), bad: await ask({ authorization: 'x' }), url, authorization,
    })))()`);
  await world.reaches(jobId, 'SUCCEEDED');
  const { good, bad, url, authorization } = JSON.parse(output(jobId)) as {
    good: [number, Record<string, string>];
    bad: [number, unknown];
    url: string;
    authorization: string;
  };
  expect(good[0]).toBe(200);
  expect(good[1]).toMatchObject({ AccessKeyId: ROLE.accessKeyId, SecretAccessKey: ROLE.secretAccessKey, Token: '' });
  expect(Date.parse(good[1].Expiration ?? '')).toBeGreaterThan(Date.now());
  expect(bad[0]).toBe(401);
  expect((await fetch(url, { headers: { authorization } })).status).toBe(401);
  const described = JSON.stringify(await describeJob(jobId));
  for (const secret of [ROLE.secretAccessKey, authorization]) {
    expect(described + world.logged.join('\n')).not.toContain(secret);
  }
});

test('a job that uses the SDK signs with the keys of its role', async () => {
  world.cloud.putParameter('/for/the/job', 'open');
  const client = require.resolve('@aws-sdk/client-ssm');
  const jobId = await world.run(`
    const { SSMClient, GetParameterCommand } = require(${JSON.stringify(client)});
    new SSMClient({ endpoint: ${JSON.stringify(world.cloud.endpoint)}, region: 'us-east-1', maxAttempts: 1 })
      .send(new GetParameterCommand({ Name: '/for/the/job', WithDecryption: true }))
      .then((answer) => console.log('value', answer.Parameter.Value))`);
  await world.reaches(jobId, 'SUCCEEDED');
  expect(output(jobId)).toContain('value open');
});

test('an exit code that the rules name is tried again, each attempt with a log of its own', async () => {
  const { retryStrategy } = ferryJobDefinition(ROLE_ARN);
  const program =
    'console.log(process.env.AWS_BATCH_JOB_ATTEMPT); process.exit(process.env.AWS_BATCH_JOB_ATTEMPT < 3 ? 75 : 0)';
  const jobId = await world.run(program, { retryStrategy: retryStrategy as never });
  const { attempts } = await world.reaches(jobId, 'SUCCEEDED');
  expect(attempts.map((each) => each.exitCode)).toEqual([75, 75, 0]);
  expect(attempts.map((each) => readFileSync(each.logFile, 'utf8'))).toEqual(['1\n', '2\n', '3\n']);
});

test('another exit code fails the job at once', async () => {
  const { retryStrategy } = ferryJobDefinition(ROLE_ARN);
  const jobId = await world.run('process.exit(64)', { retryStrategy: retryStrategy as never });
  const { attempts, statusReason } = await world.reaches(jobId, 'FAILED');
  expect(attempts.map((each) => each.exitCode)).toEqual([64]);
  expect(statusReason).toBe('Essential container in task exited');
});

test('a job killed from outside tells what it is told to tell, as when a host is reclaimed', async () => {
  const { retryStrategy } = ferryJobDefinition(ROLE_ARN);
  const program = `if (process.env.AWS_BATCH_JOB_ATTEMPT === '2') process.exit(0); ${WAIT}`;
  const jobId = await world.run(program, { retryStrategy: retryStrategy as never });
  await isUp(jobId);
  const statusReason = 'Host EC2 (instance i-0123456789abcdef0) terminated.';
  expect(world.cloud.killJob(jobId, 'SIGKILL', { statusReason })).toBe(true);
  const { attempts } = await world.reaches(jobId, 'SUCCEEDED');
  expect(attempts).toMatchObject([{ exitCode: 137, statusReason }, { exitCode: 0 }]);
  expect(world.cloud.killJob(jobId, 'SIGKILL')).toBe(false);
});

test('a job whose time is over is ended and not tried again', async () => {
  const retryStrategy = { attempts: 3 };
  const jobId = await world.run(WAIT, { timeout: { attemptDurationSeconds: 60 }, retryStrategy });
  const { attempts, statusReason } = await world.reaches(jobId, 'FAILED');
  expect(statusReason).toBe('Job attempt duration exceeded timeout');
  expect(attempts).toHaveLength(1);
});

test('a terminated job gets SIGTERM, and may leave in order; its reason is kept', async () => {
  const retryStrategy = { attempts: 3 };
  const jobId = await world.run(`process.on('SIGTERM', () => process.exit(75)); ${WAIT}`, { retryStrategy });
  await isUp(jobId);
  await world.batch.send(new TerminateJobCommand({ jobId, reason: 'the transfer was paused' }));
  await world.reaches(jobId, 'FAILED');
  const job = await describeJob(jobId);
  expect(job).toMatchObject({ statusReason: 'the transfer was paused', isTerminated: true });
  expect(job?.attempts).toMatchObject([{ container: { exitCode: 75 } }]);
});

test('cancelling leaves alone what runs, and is no error', async () => {
  const jobId = await world.run(WAIT);
  await isUp(jobId);
  await world.batch.send(new CancelJobCommand({ jobId, reason: 'too late' }));
  expect(await describeJob(jobId)).toMatchObject({ status: 'RUNNING', isCancelled: false });
  await world.batch.send(new TerminateJobCommand({ jobId, reason: 'over' }));
  await world.reaches(jobId, 'FAILED');
});

test('a terminated job that does not heed SIGTERM is killed', async () => {
  const jobId = await world.run(STUBBORN);
  await isUp(jobId);
  await world.batch.send(new TerminateJobCommand({ jobId, reason: 'over' }));
  await eventually(() => output(jobId).includes('no'));
  expect(world.view(jobId).status).toBe('RUNNING');
  const { attempts } = await world.reaches(jobId, 'FAILED');
  expect(attempts.map((each) => each.exitCode)).toEqual([137]);
});

test('a program that is not there fails the start', async () => {
  const jobId = await world.run('', { containerOverrides: { command: ['nothing'] } });
  const { attempts, statusReason } = await world.reaches(jobId, 'FAILED');
  expect(statusReason).toBe('Task failed to start');
  expect(attempts[0]?.reason).toMatch(/^CannotStartContainerError: .*"nothing"/);
});

test('no more jobs run at once than there is room for, and the rest follow', async () => {
  const first = [await world.run(WAIT), await world.run(WAIT)];
  for (const jobId of first) await isUp(jobId);
  const third = await world.run('');
  const elsewhere = await world.run('', { jobQueue: 'on-demand' });
  await world.reaches(elsewhere, 'SUCCEEDED');
  expect(world.view(third).status).toBe('RUNNABLE');
  world.cloud.killJob(first[0] ?? '', 'SIGKILL');
  await world.reaches(third, 'SUCCEEDED');
  world.cloud.killJob(first[1] ?? '', 'SIGKILL');
  await world.reaches(first[1] ?? '', 'FAILED');
});

test('stopping ends every process of a job', async () => {
  const other = await standIn(otherFolder);
  const jobId = await other.run(WAIT);
  const { pid } = await other.reaches(jobId, 'RUNNING');
  expect(() => process.kill(pid ?? 0, 0)).not.toThrow();
  await other.close();
  expect(() => process.kill(pid ?? 0, 0)).toThrow('ESRCH');
});
