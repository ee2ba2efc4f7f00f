/** What goes wrong before the first object: one clear sentence, the right exit code, and nothing touched. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../dev/ports';
import { runFerry } from '../../dev/run-ferry';
import { START_MS, startHarness, type Harness } from './support/harness';

let harness: Harness;

beforeAll(async () => {
  harness = await startHarness();
  await harness.worker();
  await harness.deliver([
    { key: 'delivery/one.txt', size: 10 },
    { key: 'delivery/two.txt', size: 20 },
  ]);
}, START_MS);
afterAll(() => harness.stop(), 60_000);

const source = { prefix: 'delivery/' };

/** Runs a transfer with `--wait` and gives its exit code, what it says, and how many objects were asked for. */
async function attempt(name: string, more: object) {
  harness.proxy.reset();
  const config = await harness.config(harness.entry(name, more as Parameters<Harness['entry']>[1]));
  const { exitCode, stderr } = await harness.ferry(['run', name, '--wait'], config);
  const objects =
    harness.proxy.count('GetObject') + harness.proxy.count('HeadObject') + harness.proxy.count('PutObject');
  return { exitCode, said: sentence(stderr), objects };
}

/** What `ferry` says of the failure, without the warnings of Node. */
const sentence = (stderr: string) =>
  stderr
    .split('\n')
    .filter((line) => line.startsWith('ferry: '))
    .join('\n');

test('a wrong ferry.yaml names every mistake with its path, and exits 2 before anything is contacted', async () => {
  harness.proxy.reset();
  const file = join(harness.stack.folder, 'wrong.yaml');
  await writeFile(
    file,
    `transfers:\n  - name: Acme Daily\n    source: { bucket: in, shedule: x }\n    target: { bucket: our-raw }\n    route: { batchFrom: 1.5 gigs }\n`,
  );
  // Nothing may be asked of Temporal either: there is none here.
  const environment = { ...harness.stack.environment, TEMPORAL_ADDRESS: `127.0.0.1:${await freePort()}` };
  const { exitCode, stderr } = await runFerry(['apply', file], { environment });
  expect(exitCode).toBe(2);
  for (const path of [
    'transfers[0].name',
    'transfers[0].source.bucket',
    'transfers[0].source.shedule',
    'transfers[0].route.batchFrom',
  ]) {
    expect(stderr).toContain(`wrong.yaml: ${path}: expected`);
  }
  expect(harness.proxy.requests()).toEqual([]);
});

test.each([
  ['no command', []],
  ['an unknown command', ['fly']],
  ['an unknown option', ['run', 'daily', '--fast']],
  ['neither NAME nor --file', ['run']],
  ['a missing configuration', ['run', 'daily', '--config', '/nowhere/ferry.yaml']],
  ['an unknown transfer', ['run', 'dayly']],
  ['an unknown queue', ['worker', '--queues', 'workflows,fast']],
  ['rerun without a prefix', ['rerun', 'daily']],
  ['limit without a bandwidth', ['limit', 'daily']],
  ['a bandwidth that is none', ['limit', 'daily', '--bandwidth', '100Mbit']],
])(
  '%s is wrong usage: exit 2, and a word of what to do',
  async (_what, args) => {
    const config = await harness.config(harness.entry('daily', { source }));
    const { exitCode, stderr, stdout } = await harness.ferry(args, config);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/ferry --help|expected|Usage/);
  },
  30_000,
);

test('every command tells of itself with --help', async () => {
  const commands = [
    'apply',
    'plan',
    'run',
    'status',
    'pause',
    'resume',
    'limit',
    'rerun',
    'cancel',
    'verify',
    'report',
    'worker',
    'job',
    'dev',
  ];
  for (const command of commands) {
    const { exitCode, stdout } = await harness.ferry([command, '--help']);
    expect({ command, exitCode, usage: stdout.startsWith(`Usage: ferry ${command}`) }).toEqual({
      command,
      exitCode: 0,
      usage: true,
    });
  }
});

test('a missing source bucket ends the run in its preflight', async () => {
  const { exitCode, said, objects } = await attempt('nobucket', {
    source: { ...source, bucket: 'no-such-bucket-anywhere' },
  });
  expect({ exitCode, objects }).toEqual({ exitCode: 1, objects: 0 });
  expect(said).toMatch(/^ferry: source: .*no-such-bucket-anywhere/);
});

test('refused credentials end the run in its preflight, with one sentence', async () => {
  const { accessKeyId } = harness.stack.store.source;
  harness.stack.cloud.putParameter(
    '/refused',
    JSON.stringify({ accessKeyId, secretAccessKey: 'not-the-secret-of-this-account-at-all-0' }),
  );
  const { exitCode, said, objects } = await attempt('refused', {
    source: { ...source, credentials: { ssm: '/refused' } },
  });
  expect({ exitCode, objects }).toEqual({ exitCode: 1, objects: 0 });
  expect(said).toMatch(/^ferry: source: The credentials for the bucket client-exports are refused/);
});

test('credentials of another account are refused: the source really lets nobody else in', async () => {
  const { target } = harness.stack.store;
  harness.stack.cloud.putParameter('/stranger', JSON.stringify(target));
  const { exitCode, said, objects } = await attempt('stranger', {
    source: { ...source, credentials: { ssm: '/stranger' } },
  });
  expect({ exitCode, objects }).toEqual({ exitCode: 1, objects: 0 });
  expect(said).toMatch(/^ferry: source: The credentials for the bucket client-exports do not allow ListObjectsV2/);
});

test('an absent SSM parameter is named', async () => {
  const { exitCode, said, objects } = await attempt('absent', {
    source: { ...source, credentials: { ssm: '/no/such/parameter' } },
  });
  expect({ exitCode, objects }).toEqual({ exitCode: 1, objects: 0 });
  expect(said).toMatch(/^ferry: source: There is no SSM parameter \/no\/such\/parameter/);
});

test('a Batch queue that does not exist is named', async () => {
  const { exitCode, said } = await attempt('noqueue', {
    source,
    batch: { queue: 'no-such-queue', jobDefinition: 'ferry-job' },
  });
  expect(exitCode).toBe(1);
  expect(said).toMatch(/no-such-queue does not exist/);
});

test('an endpoint where nobody listens ends the run with its address', async () => {
  const endpoint = `http://127.0.0.1:${await freePort()}`;
  const { exitCode, said } = await attempt('nobody', { source: { ...source, endpoint } });
  expect(exitCode).toBe(1);
  expect(said).toMatch(/^ferry: source: the bucket client-exports cannot be reached/);
}, 120_000);

test.each(['apply', 'run', 'status', 'pause', 'worker'])(
  '%s without a Temporal to reach exits 3',
  async (command) => {
    const config = await harness.config(harness.entry('daily', { source, schedule: { cron: '0 6 * * *' } }));
    const environment = {
      ...harness.stack.environment,
      FERRY_CONFIG: config,
      TEMPORAL_ADDRESS: `127.0.0.1:${await freePort()}`,
    };
    const args = command === 'apply' ? ['apply', config] : command === 'worker' ? ['worker'] : [command, 'daily'];
    const { exitCode, stderr } = await runFerry(args, { environment });
    expect(exitCode).toBe(3);
    expect(sentence(stderr)).toMatch(/^ferry: Temporal cannot be reached at 127\.0\.0\.1:\d+/);
  },
  60_000,
);

test('credentials that were rotated are read anew once, and the run goes on with them', async () => {
  const { cloud, store } = harness.stack;
  const readings = () => cloud.requests()['GetParameters'] ?? 0;
  const refuseOnce = () =>
    harness.proxy.inject({
      kind: 'ListObjectsV2',
      times: 1,
      action: { type: 'fail', status: 403, code: 'InvalidAccessKeyId' },
    });
  cloud.putParameter('/rotated', JSON.stringify(store.source));
  const config = await harness.config(
    harness.entry('rotated', { source: { ...source, credentials: { ssm: '/rotated' } } }),
  );
  expect(await harness.ferry(['run', 'rotated', '--wait'], config)).toMatchObject({ exitCode: 0 });

  // The worker holds the old pair still when the store begins to refuse it.
  cloud.putParameter('/rotated', JSON.stringify(store.admin));
  refuseOnce();
  const before = readings();
  expect(await harness.ferry(['run', 'rotated', '--wait'], config)).toMatchObject({ exitCode: 0 });
  expect(readings() - before).toBe(1);

  // Refused, and SSM has no other: that is the end of it, at once.
  refuseOnce();
  const refused = await harness.ferry(['run', 'rotated', '--wait'], config);
  expect(refused.exitCode).toBe(1);
  expect(sentence(refused.stderr)).toMatch(/are refused/);
});

test('one bad object does not stop the others: it is listed with its reason, and the exit code is 1', async () => {
  harness.proxy.clear();
  const config = await harness.config(harness.entry('onebad', { source }));
  const rule = harness.proxy.inject({
    kind: 'GetObject',
    key: 'delivery/two.txt',
    action: { type: 'fail', status: 403, code: 'AccessDenied' },
  });
  const { exitCode, stdout } = await harness.ferry(['run', 'onebad', '--wait', '--json'], config);
  rule.remove();
  expect(exitCode).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    listed: 2,
    copied: 1,
    failed: 1,
    failures: [{ key: 'delivery/two.txt', code: 'AccessDenied' }],
  });
  const again = await harness.ferry(['run', 'onebad', '--wait', '--json'], config);
  expect(JSON.parse(again.stdout)).toMatchObject({ copied: 1, skipped: 1, failed: 0 });
});
