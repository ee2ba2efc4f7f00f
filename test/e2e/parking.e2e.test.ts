/** The client's key is replaced by a wrong one while objects are on their way: the run is parked, and goes on with the right one. */
import type { Progress } from '../../src/domain/run-result';
import { progressQuery } from '../../src/workflows/messages';
import { SOURCE_PARAMETER } from '../../dev/stack';
import { START_MS, startHarness, until, type Harness } from './support/harness';

const MiB = 1024 ** 2;
const PARTS = 24;
const LARGE = { worker: 'keys/large.bin', batch: 'keys/larger.bin' } as const;

let harness: Harness;
let config: string;

beforeAll(async () => {
  harness = await startHarness();
  await harness.deliver([
    { key: LARGE.worker, size: PARTS * 5 * MiB, partBytes: 5 * MiB },
    { key: LARGE.batch, size: 2 * PARTS * 5 * MiB, partBytes: 5 * MiB },
    { key: 'keys/medium.bin', size: 9 * MiB },
    ...Array.from({ length: 300 }, (_, i) => ({ key: `keys/small/${i}.txt`, size: i })),
  ]);
  config = await harness.config(harness.entry('keys', { route: { batchFrom: '150MiB', packBelow: '8MiB' } }));
  // Every request to the source reads its key anew.
  await harness.worker({ FERRY_PART_CONCURRENCY: '2', FERRY_SSM_CACHE: '0s' });
}, START_MS);
afterAll(() => harness.stop(), 60_000);

const handle = () => harness.temporal.workflow.getHandle('ferry-keys');
const progress = () => handle().query<Progress>(progressQuery);
const partsOf = (key: string) =>
  harness.proxy
    .requests()
    .filter((request) => request.kind === 'UploadPart' && request.key === key && request.status === 200).length;

test('a run whose key is taken away is parked, says so, and ends right once the key works: nothing fails, nothing is left', async () => {
  const { cloud, store } = harness.stack;
  // Time enough to change the key between two parts; the small ones meet the wrong key in the middle of their pack.
  const slowly = harness.proxy.inject({ kind: 'UploadPart', action: { type: 'delay', ms: 800 } });
  const small = harness.proxy.inject({ kind: 'PutObject', skip: 100, action: { type: 'delay', ms: 1500 } });
  const waiting = harness.ferry(['run', 'keys', '--wait', '--json'], config);
  await until('parts are on their way', () => partsOf(LARGE.worker) >= 4 && partsOf(LARGE.batch) >= 4);

  const wrong = { ...store.source, secretAccessKey: 'ThisIsNotTheSecretOfTheClientsKey0000000' };
  cloud.putParameter(SOURCE_PARAMETER, JSON.stringify(wrong));
  await until('it is parked', async () => (await progress()).state === 'parked', 90_000);
  expect(await progress()).toMatchObject({
    holds: [],
    parked: { code: 'CredentialsRefused' },
    counters: { failed: 0 },
  });
  const status = await harness.ferry(['status', 'keys', '--json'], config);
  expect(JSON.parse(status.stdout)).toMatchObject({ state: 'running', progress: { state: 'parked' } });
  const told = await harness.ferry(['status', 'keys'], config);
  expect(told.stdout).toMatch(/keys: parked, .*parked since .*source: .*refused/);
  expect(await harness.openUploads()).toEqual(expect.arrayContaining([LARGE.worker]));

  // A resume with the wrong key checks it, and nothing more.
  const early = await harness.ferry(['resume', 'keys'], config);
  expect(early.stdout).toContain('keys is parked: its credentials are checked now');
  expect((await progress()).state).toBe('parked');

  slowly.remove();
  small.remove();
  cloud.putParameter(SOURCE_PARAMETER, JSON.stringify(store.source));
  expect(await harness.ferry(['resume', 'keys'], config)).toMatchObject({ exitCode: 0 });
  const { exitCode, stdout, stderr } = await waiting;
  expect({ exitCode, result: JSON.parse(stdout) as unknown }).toMatchObject({
    exitCode: 0,
    result: { listed: 303, copied: 303, failed: 0, failures: [] },
  });
  expect(stderr.match(/^keys: parked: source: .*refused.*ferry resume keys$/gm)).toHaveLength(1);
  expect(stderr.match(/^keys: the credentials work again, and the run goes on\.$/gm)).toHaveLength(1);
  expect(stdout + stderr + status.stdout + told.stdout).not.toContain(wrong.secretAccessKey);

  expect(await harness.list('target', 'keys/')).toEqual(await harness.list('source', 'keys/'));
  expect(await harness.openUploads()).toEqual([]);
  // Each part went over once: those that were stored before the parking stayed.
  expect(partsOf(LARGE.worker)).toBe(PARTS);
  expect(harness.proxy.count('CreateMultipartUpload', ({ key }) => key === LARGE.worker)).toBe(1);
}, 240_000);
