/** Where the client's credentials come from, in whole runs. That a store takes a role's session is not shown here: see docs/stores.md. */
import { SOURCE_ROLE } from '../../dev/stack';
import { START_MS, startHarness, until, type Harness } from './support/harness';
import { STORES } from './support/stores';

const FILES = 6;
const SIZE = 9 * 1024 ** 2;

describe.each(STORES)('on %s', (store) => {
  let harness: Harness;

  beforeAll(async () => {
    harness = await startHarness(store);
    await harness.deliver(
      Array.from({ length: FILES }, (_, i) => ({ key: `delivery/${i}.bin`, size: SIZE })).concat({
        key: 'delivery/small.txt',
        size: 10,
      }),
    );
    await harness.worker({ FERRY_SSM_CACHE: '1h' });
  }, START_MS);
  afterAll(() => harness.stop(), 60_000);

  const run = async (name: string, credentials: object, during: () => Promise<void> = () => Promise.resolve()) => {
    // Slow enough that a session ends, or a key is replaced, in the middle.
    const slow = harness.proxy.inject({
      kind: 'GetObject',
      action: { type: 'throttle', bytesPerSecond: 3 * 1024 ** 2 },
    });
    const source = { prefix: 'delivery/', credentials };
    const config = await harness.config(harness.entry(name, { source, limits: { objectsPerLane: 1 } }));
    const [{ exitCode, stdout, stderr }] = await Promise.all([
      harness.ferry(['run', name, '--wait', '--json'], config),
      during(),
    ]);
    slow.remove();
    expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  const copied = (name: string) => harness.proxy.count('PutObject', ({ key = '' }) => key.startsWith(`${name}/`));

  test('a role that may not be assumed ends the run in its preflight, with its name', async () => {
    const source = { credentials: { assumeRole: { arn: SOURCE_ROLE.arn, externalId: 'wrong' } } };
    const config = await harness.config(harness.entry('refused', { source }));
    const { exitCode, stderr } = await harness.ferry(['run', 'refused', '--wait'], config);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`ferry: source: The role ${SOURCE_ROLE.arn} may not be assumed`);
  }, 60_000);

  test('a pair of parameters is rotated during the run, one after the other', async () => {
    const { cloud, store: server } = harness.stack;
    const pair = { accessKeyId: '/pair/id', secretAccessKey: '/pair/secret' };
    const write = (name: keyof typeof pair, account: Record<keyof typeof pair, string>) =>
      cloud.putParameter(pair[name], account[name]);
    write('accessKeyId', server.source);
    write('secretAccessKey', server.source);
    const result = await run('by-pair', { ssm: pair }, async () => {
      await until('two objects are copied', () => copied('by-pair') >= 2);
      // The old key is no longer accepted from here on, as far as the worker can tell: the store refuses it once.
      write('accessKeyId', server.admin);
      harness.proxy.inject({
        kind: 'GetObject',
        key: /^delivery\//,
        times: 1,
        action: { type: 'fail', status: 403, code: 'InvalidAccessKeyId' },
      });
      await new Promise((resolve) => setTimeout(resolve, 700));
      write('secretAccessKey', server.admin);
    });
    expect(result).toMatchObject({ copied: FILES + 1, failed: 0 });
  }, 120_000);
});
